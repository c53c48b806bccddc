// The life cycle of mdevs as a real kernel showed it (7.2.13, samples mtty, mdpy and mbochs), against the modelled v5.12.
// Both ages share: types and their files, links, listings, instances, errors, group numbers, messages of parents, and
// the order of everything. Not shared, and left out where the code below says so: after v5.12 each parent got an mdev
// driver of its own name (before, vfio_mdev drove all), the samples' create became that driver's init_dev, removal tells
// the driver first, mdev groups have a name, and there are vfio-dev, vendor and /dev/vfio/devices. v5.12 printed two
// lines more per mdev. Owners, times and device numbers are not modelled.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FunctionDescription } from "../hardware/platform/description.ts";
import { SAMPLES } from "../session/presets/samples.ts";
import { Session } from "../session/session.ts";
import { ReplayShell, readRecording } from "./mdev-replay.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

const RECORDING = readRecording(fixture("mdev-life-cycle.txt"));
const PCI = JSON.parse(fixture("pci-groups.json")) as readonly {
  readonly capture: string;
  readonly functions: readonly FunctionDescription[];
}[];

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const DEVICES = "/sys/bus/mdev/devices";

/** The recorded machine's functions, before any mdev module is there. */
function start(): ReplayShell {
  const functions = PCI.find(({ capture }) => capture.endsWith("mdev"))?.functions ?? [];
  const { reserved: _, ...platform } = SAMPLES.platform;
  const opened = Session.openWorld({
    machine: {
      ...SAMPLES,
      platform: { ...platform, functions },
      modules: ["vfio", "vfio_iommu_type1"],
    },
    design: "D1",
    seed: 1,
  });
  if (!opened.ok) throw new Error(opened.problem.message);
  return new ReplayShell(opened.value);
}

/** A line of a recorded `ls -l`, without owners, times and device numbers. */
function listed(line: string): string {
  const device = /^(c\S+) .*:\d\d (\S+)$/.exec(line);
  if (device) return `${device[1]}  ${device[2]}`;
  const [, mode, size, rest = ""] =
    /^(\S+) +\d+ \d+ +\d+ +(\d+) \S+ \d+ \S+ (.*)$/.exec(line) ?? [];
  return `${mode} ${size} ${rest.replace(" -> ", " ")}`;
}

/** Entries that came after v5.12, and the one driver of all mdevs that it had. */
const listingOfTheAge = (lines: readonly string[]): readonly string[] =>
  lines
    .filter((line) => /^[a-z-]{10} /.test(line) && !/ (?:vendor|vfio-dev|devices)$/.test(line))
    .map(listed)
    .map(driverOfTheAge);

const driverOfTheAge = (line: string): string =>
  line.replace(/bus\/mdev\/drivers\/\w+/, "bus/mdev/drivers/vfio_mdev");

/** Log lines without what each age alone prints or names. */
function logOfBothAges(lines: readonly string[]): readonly string[] {
  const from = lines.indexOf("mtty_dev: mtty_dev_init");
  const kept = lines
    .slice(from)
    .filter((line) => !/MDEV: (?:group_id|detaching)/.test(line))
    .map((line) => line.replace(new RegExp(`^\\w+ (?=${UUID.source}: )`), ""))
    .map((line) => line.replace(/\b(mbochs|mdpy)_(?:init_dev|create):/, "$1: created"));
  // A driver that is told of the removal first, or last.
  return kept.flatMap((line, i) => {
    if (line.endsWith(": mdpy_remove")) return [];
    const uuid = UUID.exec(line)?.[0] ?? "no";
    const around = [kept[i - 1], kept[i + 1]];
    return line.includes("Removing from") && around.includes(`${uuid}: mdpy_remove`)
      ? [line, `${uuid}: mdpy_remove`]
      : [line];
  });
}

describe("the recorded life cycle of mdevs", () => {
  const shell = start();
  const seen = new Set<string>();

  /** What the model shows for a line of the recording, and what the recording showed as far as both ages share it. */
  function replay(
    line: string,
    printed: readonly string[],
  ): readonly [readonly string[], readonly string[]] {
    const [verb = "", ...words] = line.split(" ");
    const kind = verb === "ls" ? `ls ${words.at(-1)?.replace(UUID, "UUID")}` : verb;
    seen.add(kind);
    switch (kind) {
      case "insmod": {
        const [name = ""] = words;
        const results = [shell.call({ call: "init_module", name, parameters: "" }).result];
        // The one driver of the age is a module of its own.
        if (name === "mdev") {
          results.push(
            shell.call({ call: "init_module", name: "vfio_mdev", parameters: "" }).result,
          );
        }
        return [results.filter((result) => result !== 0).map(String), printed];
      }
      case "rmmod":
        return [
          [String(shell.call({ call: "delete_module", name: words[0] ?? "" }).result)],
          ["0", ...printed],
        ];
      case "echo":
        return [shell.echo(words[0] ?? "", words[2] ?? ""), printed];
      case "duplicate":
        return [
          shell.echo(uuidOf(1), `/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create`),
          printed,
        ];
      case "mdevctl":
        return [shell.echo("1", `${DEVICES}/${words.at(-1)}/remove`), printed];
      case "remove":
        return [
          shell.names(DEVICES).flatMap((uuid) => shell.echo("1", `${DEVICES}/${uuid}/remove`)),
          printed,
        ];
      case "ls /sys/class/mdev_bus":
        return [
          [...shell.long("/sys/class/mdev_bus"), ...shell.types()],
          [...listingOfTheAge(printed), ...printed.filter((text) => /^(?:type| \w+:)/.test(text))],
        ];
      case "ls /dev/vfio/devices":
        return [shell.long("/dev/vfio"), listingOfTheAge(printed.slice(0, printed.indexOf("")))];
      case "ls /sys/bus/mdev/devices":
        return [
          line.includes("-l") ? shell.long(DEVICES) : shell.names(DEVICES),
          listingOfTheAge(printed),
        ];
      case "ls /sys/bus/mdev/devices/UUID/": {
        const uuid = UUID.exec(line)?.[0] ?? "";
        const after = printed.filter((text) => /^(?:driver|type) /.test(text)).map(driverOfTheAge);
        const instances = after.length > 1 ? shell.instances() : [];
        return [
          [...shell.long(`${DEVICES}/${uuid}`), shell.links(uuid), ...instances],
          [...listingOfTheAge(printed), ...after],
        ];
      }
      case "find":
        return [
          [...shell.find(words[0] ?? "")].sort(),
          printed.filter((path) => !path.endsWith("/name")).sort(),
        ];
      case "dmesg":
        return [logOfBothAges(shell.log()), logOfBothAges(printed)];
      default:
        throw new Error(`nothing replays "${line}"`);
    }
  }

  for (const [index, { line, printed }] of RECORDING.entries()) {
    it(`${index + 1}: ${line}`, () => {
      const [ours, recorded] = replay(line, printed);
      expect(ours).toEqual(recorded);
    });
  }

  it("was replayed whole", () => {
    expect(RECORDING.length).toBeGreaterThan(25);
    expect(seen.size).toBe(12);
  });
});

const uuidOf = (number: number): string => `83b8f4f2-509f-382f-3c1e-e6bfe0fa100${number}`;

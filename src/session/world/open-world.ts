// Opens a described machine: builds it, boots its kernel, and hands it to a session.
import { ok, problem, type Result } from "../../base/result.ts";
import { Platform } from "../../hardware/platform/platform.ts";
import type { ProfileName } from "../../hardware/vtd/types.ts";
import { boot } from "../../linux/boot.ts";
import type { DesignId, MachineDescription } from "../document.ts";
import type { MachineSource } from "../machinery.ts";
import type { MachineInfo } from "../types.ts";
import "./modules.ts";
import { World } from "./world.ts";

export interface OpenWorldOptions {
  readonly machine: MachineDescription;
  readonly design: DesignId;
  /** 0 .. 2^32 - 1. */
  readonly seed: number;
  readonly info?: Partial<MachineInfo>;
  /** Default: "spec". */
  readonly profile?: ProfileName;
}

export function worldSource({ machine, design, seed }: OpenWorldOptions): MachineSource {
  return {
    open(profile) {
      if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
        return problem("document", "seed", "The seed is a whole number from 0 to 4294967295.");
      }
      const platform = Platform.open(machine.platform, { profile });
      return platform.ok ? start(platform.value, machine, design, seed) : platform;
    },
  };
}

function start(
  platform: Platform,
  machine: MachineDescription,
  design: DesignId,
  seed: number,
): Result<World> {
  const world = new World({ platform, machine, design, seed });
  const { commandLine, modules, processes } = machine;
  try {
    world.unseen(() => boot(world.kernel, { commandLine, modules, processes }));
  } catch (thrown) {
    return problem("machine", "", `The kernel does not boot on this machine: ${String(thrown)}.`);
  }
  return ok(world);
}

/** What is open, for people; `info` may say it better. */
export function worldInfo({ machine, info }: OpenWorldOptions): MachineInfo {
  const { functions, haw, title } = machine.platform;
  const names = new Map(
    functions.flatMap(({ address, name }) => {
      const [bus = "0", device = "0", function_ = "0"] = address.split(/[:.]/);
      const requester =
        Number.parseInt(bus, 16) * 256 + Number.parseInt(device, 16) * 8 + Number(function_);
      return [[requester, name] as const];
    }),
  ) as unknown as MachineInfo["names"];
  return {
    origin: { kind: "sample", id: "" },
    title,
    provenance: "A described machine with the modelled kernel v5.12 on it.",
    haw,
    names,
    ...info,
  };
}

// A described machine for tests: an accelerator on a root bus, a switch with two cards, a conventional bridge, two root ports.
import { parseBdf } from "../../base/bdf.ts";
import type { RequesterId } from "../../base/brand.ts";
import { FULL } from "../vtd/machine-fixture.ts";
import type { PlatformDescription } from "./description.ts";
import { Platform } from "./platform.ts";

const hexText = (value: bigint | number): string => `0x${value.toString(16)}`;

export const DESCRIPTION: PlatformDescription = {
  title: "Machine for tests",
  haw: 46,
  unit: { version: hexText(FULL.ver), cap: hexText(FULL.cap), ecap: hexText(FULL.ecap) },
  memory: [{ start: "0x0", length: "0x800000" }],
  functions: [
    one("Host bridge", "00:00.0", "host bridge", 0x060000),
    {
      ...one("Root port", "00:01.0", "root port", 0x060400),
      secondary: 1,
      subordinate: 4,
      acs: ["SV", "TB", "RR", "CR", "UF"],
    },
    { ...one("Switch", "01:00.0", "upstream port", 0x060400), secondary: 2, subordinate: 4 },
    {
      ...one("Slot A", "02:00.0", "downstream port", 0x060400),
      secondary: 3,
      acs: ["SV", "TB", "RR", "CR", "UF"],
    },
    { ...one("Slot B", "02:01.0", "downstream port", 0x060400), secondary: 4 },
    { ...one("Card A", "03:00.0", "endpoint", 0x020000), pasidBits: 8 },
    one("Card B", "04:00.0", "endpoint", 0x020000),
    {
      ...one("PCI bridge", "00:11.0", "PCIe to PCI bridge", 0x060400),
      secondary: 5,
      subordinate: 6,
    },
    one("Old card", "05:01.0", "conventional", 0x020000),
    { ...one("Inner bridge", "05:02.0", "PCI to PCI bridge", 0x060400), secondary: 6 },
    one("Older card", "06:00.0", "conventional", 0x020000),
    { ...one("Legacy bridge", "00:1e.0", "PCI to PCI bridge", 0x060401), secondary: 7 },
    one("Sound card", "07:03.0", "conventional", 0x040100),
    one("Bridge to ISA", "00:1f.0", "conventional", 0x060100),
    one("SATA", "00:1f.2", "conventional", 0x010601),
    {
      ...one("Accelerator", "6a:01.0", "root complex integrated endpoint", 0x088000),
      pasidBits: 20,
      ats: true,
      pri: true,
      acs: ["RR"],
      scalableIov: true,
      model: "accelerator",
      queues: 4,
    },
  ],
  reserved: [{ devices: ["00:1f.2"], start: "0x700000", end: "0x700fff" }],
};

function one<K extends PlatformDescription["functions"][number]["kind"]>(
  name: string,
  address: string,
  kind: K,
  class_: number,
) {
  return { name, address, kind, vendor: 0x8086, device: 0x1000, class: class_ };
}

export const bdf = (text: string): RequesterId => parseBdf(text) as RequesterId;
export const ACCELERATOR = bdf("6a:01.0");

/** The machine above, or one that differs from it. */
export function open(changes: Partial<PlatformDescription> = {}): Platform {
  const opened = Platform.open({ ...DESCRIPTION, ...changes }, { profile: "spec" });
  if (!opened.ok) throw new Error(opened.problem.message);
  opened.value.setTrace(true);
  return opened.value;
}

/** Sets bus master in a function and everything above it. */
export function enable(platform: Platform, ...addresses: readonly string[]): void {
  for (const address of addresses) platform.writeConfiguration(bdf(address), 4, 2, 6);
}

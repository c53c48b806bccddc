// A kernel with the Intel driver on a platform of ours, for tests.

import { parseBdf } from "../../base/bdf.ts";
import { requesterId } from "../../base/brand.ts";
import type {
  FunctionDescription,
  PlatformDescription,
} from "../../hardware/platform/description.ts";
import { Platform } from "../../hardware/platform/platform.ts";
import "./init.ts";
import { boot, handleInterrupt } from "../boot.ts";
import type { FaultPoint, KernelEvent } from "../kernel/events.ts";
import { Kernel } from "../kernel/kernel.ts";
import { emptyState } from "../kernel/state.ts";

const CAP = 0xd9d2_078c_5078_0e06n;
const SECOND_STAGE_ONLY = 0x0133_6d9c_a4f0_60dfn;

/** Units to test with: registers as hexadecimal texts. */
export const UNITS = {
  secondStage: { cap: hexText(CAP), ecap: hexText(SECOND_STAGE_ONLY) },
  firstStage: { cap: hexText(CAP), ecap: hexText(SECOND_STAGE_ONLY | (1n << 47n)) },
  cachingMode: { cap: hexText(CAP | 0x80n), ecap: hexText(SECOND_STAGE_ONLY) },
} as const;

function hexText(value: bigint): string {
  return `0x${value.toString(16)}`;
}

export const FUNCTIONS: readonly FunctionDescription[] = [
  {
    name: "Host bridge",
    address: "00:00.0",
    kind: "host bridge",
    vendor: 0x8086,
    device: 0x29c0,
    class: 0x060000,
  },
  {
    name: "Accelerator",
    address: "6a:01.0",
    kind: "root complex integrated endpoint",
    vendor: 0x8086,
    device: 0x0b25,
    class: 0x088000,
    pasidBits: 20,
    scalableIov: true,
    model: "accelerator",
    queues: 4,
  },
  {
    name: "Controller with a reserved range",
    address: "00:1d.0",
    kind: "conventional",
    vendor: 0x8086,
    device: 0x2934,
    class: 0x010601,
  },
];

const RESERVED = [{ devices: ["00:1d.0"], start: "0x200000", end: "0x201fff" }];

export interface Setup {
  readonly k: Kernel;
  readonly machine: Platform;
  readonly events: KernelEvent[];
  /** Device id of a function by name: "0000:6a:01.0". */
  device(name: string): number;
  failing(point: FaultPoint, ordinals: readonly number[]): void;
}

export function kernelOn(
  unit: { readonly cap: string; readonly ecap: string },
  commandLine = "intel_iommu=on,sm_on",
  functions = FUNCTIONS,
): Setup {
  const has = new Set(functions.map(({ address }) => address));
  const description: PlatformDescription = {
    title: "Test",
    haw: 46,
    unit: { version: "0x60", ...unit },
    memory: [{ start: "0x0", length: "0x4000000" }],
    functions,
    reserved: RESERVED.filter(({ devices }) => devices.every((one) => has.has(one))),
  };
  const opened = Platform.open(description, { profile: "spec" });
  if (!opened.ok) throw new Error(opened.problem.message);
  const machine = opened.value;
  const events: KernelEvent[] = [];
  const k = new Kernel({
    machine,
    state: emptyState(),
    replacements: new Map(),
    onEvent: (event) => events.push(event),
    onInterrupt: handleInterrupt,
  });
  k.beginOperation();
  boot(k, { commandLine, modules: [], processes: [] });
  return {
    k,
    machine,
    events,
    device: (name) => Object.values(k.state.core.devices).find((d) => d.name === name)?.id ?? 0,
    failing: (point, ordinals) => k.beginOperation(ordinals.map((ordinal) => ({ point, ordinal }))),
  };
}

export const requester = (address: string) => parseBdf(address) ?? requesterId(0);

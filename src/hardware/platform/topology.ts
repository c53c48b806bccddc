// Which function is below which bridge, the requester id that the unit sees, and where firmware put the registers.
// Aliases: sections 3.12.1 and 3.12.2 of the VT-d specification.
import { parseBdf } from "../../base/bdf.ts";
import { type RequesterId, requesterId } from "../../base/brand.ts";
import { ok, problem, type Result } from "../../base/result.ts";
import {
  buildConfiguration,
  type Configuration,
  type Forwarded,
  type Window,
} from "./configuration.ts";
import type { FunctionDescription } from "./description.ts";
import { EXPRESS_TYPE, isBridge } from "./pci-layout.ts";

const MIB = 1n << 20n;

/** A function in its place. */
export interface PciFunction {
  readonly description: FunctionDescription;
  readonly requester: RequesterId;
  readonly bus: number;
  /** Bridges from the one above the function up to the root bus. */
  readonly above: readonly PciFunction[];
  /** What the unit sees as the requester of its requests. */
  readonly alias: RequesterId;
  readonly configuration: Configuration;
  /** Nth of the machine. */
  readonly ordinal: number;
}

/** Whether the bus that a function is on is a shared, conventional one. */
export const onConventionalBus = (one: PciFunction): boolean => {
  const kind = one.above[0]?.description.kind;
  return kind === "PCIe to PCI bridge" || kind === "PCI to PCI bridge";
};

/** The last bridge that speaks for what is below it decides: nearer ones are hidden behind it. */
function aliasOf(requester: RequesterId, above: readonly PciFunction[]): RequesterId {
  let alias = requester;
  for (const bridge of above) {
    const { kind, secondary = 0 } = bridge.description;
    if (kind === "PCIe to PCI bridge") alias = requesterId(secondary << 8);
    else if (kind === "PCI to PCI bridge") alias = bridge.requester;
  }
  return alias;
}

interface Node {
  readonly description: FunctionDescription;
  readonly requester: RequesterId;
  parent: Node | null;
  windows: Window[];
  forwarded: Forwarded | null;
}

/** Functions in rising order of their addresses. `registers`: first address for their register ranges. */
export function buildTopology(
  descriptions: readonly FunctionDescription[],
  registers: bigint,
): Result<readonly PciFunction[]> {
  const nodes: Node[] = [];
  for (const [n, description] of descriptions.entries()) {
    const place = `functions[${n}]`;
    const requester = parseBdf(description.address);
    if (requester === undefined) {
      return problem(
        "machine",
        `${place}.address`,
        `"${description.address}" is no PCI address; write bus:device.function, such as 6a:01.0.`,
      );
    }
    if (nodes.some((node) => node.requester === requester)) {
      return problem("machine", `${place}.address`, `${description.address} is described twice.`);
    }
    const wrong = misdescribed(description);
    if (wrong) return problem("machine", `${place}.${wrong[0]}`, wrong[1]);
    nodes.push({ description, requester, parent: null, windows: [], forwarded: null });
  }
  nodes.sort((a, b) => a.requester - b.requester);
  for (const node of nodes) {
    const bus = node.requester >> 8;
    const bridges = nodes.filter(({ description: d }) => isBridge(d.kind) && d.secondary === bus);
    if (bridges.length > 1) {
      return problem("machine", "functions", `Two bridges lead to bus ${bus.toString(16)}.`);
    }
    node.parent = bridges[0] ?? null;
  }
  for (const node of nodes) {
    const wrong = misplaced(node);
    if (wrong) return problem("machine", node.description.address, wrong);
  }
  placeRegisters(nodes, registers);
  return ok(connect(nodes));
}

function misdescribed(d: FunctionDescription): readonly [string, string] | null {
  const within = (value: number | undefined, low: number, high: number): boolean =>
    value === undefined || (Number.isInteger(value) && value >= low && value <= high);
  if (!within(d.vendor, 0, 0xfffe)) return ["vendor", "A vendor id is 0 to 0xfffe."];
  if (!within(d.device, 0, 0xffff)) return ["device", "A device id is 0 to 0xffff."];
  if (!within(d.class, 0, 0xff_ffff)) return ["class", "A class is 0 to 0xffffff."];
  if (!within(d.pasidBits, 1, 20)) return ["pasidBits", "A PASID has 1 to 20 bits."];
  if (!within(d.queues, 1, 64)) return ["queues", "An accelerator has 1 to 64 queues."];
  const express = EXPRESS_TYPE[d.kind] !== undefined;
  if (!express && (d.acs || d.pasidBits !== undefined || d.ats || d.pri || d.scalableIov)) {
    return ["kind", `A ${d.kind} is conventional PCI: it has no extended capabilities.`];
  }
  if (!isBridge(d.kind)) {
    return d.secondary === undefined ? null : ["secondary", `A ${d.kind} has no bus below it.`];
  }
  if (d.model) return ["model", "A bridge cannot be an accelerator."];
  if (d.secondary === undefined || !within(d.secondary, 1, 255)) {
    return ["secondary", "A bridge needs the number of the bus below it, 1 to 255."];
  }
  if (!within(d.subordinate, d.secondary, 255)) {
    return ["subordinate", "The last bus below a bridge is not before the first, and at most 255."];
  }
  return null;
}

function misplaced(node: Node): string | null {
  const bus = node.requester >> 8;
  const { kind, secondary } = node.description;
  if (isBridge(kind) && secondary !== undefined && secondary <= bus) {
    return `The bus below a bridge has a greater number than the bus ${bus.toString(16)} it is on.`;
  }
  const above = node.parent?.description;
  const express = kind === "endpoint" || kind === "upstream port" || kind === "PCIe to PCI bridge";
  const port = above?.kind === "root port" || above?.kind === "downstream port";
  if (express && above && !port) return `A ${kind} belongs below a root port or a downstream port.`;
  if (kind === "downstream port" && above?.kind !== "upstream port") {
    return "A downstream port belongs below an upstream port.";
  }
  if (above?.kind === "upstream port" && kind !== "downstream port") {
    return `A ${kind} cannot be on the bus inside a switch.`;
  }
  const root = kind === "root port" || kind === "root complex integrated endpoint";
  if ((root || kind === "host bridge") && above) return `A ${kind} belongs on a root bus.`;
  if (above && (above.subordinate ?? above.secondary ?? 0) < (secondary ?? bus)) {
    return `The bridge ${above.address} does not lead that far: its last bus is ${(above.subordinate ?? above.secondary ?? 0).toString(16)}.`;
  }
  return null;
}

/** Base address registers one after the other, each at a multiple of its length; bridges pass whole MiB. */
function placeRegisters(nodes: readonly Node[], from: bigint): void {
  const up = (value: bigint, to: bigint): bigint => ((value + to - 1n) / to) * to;
  const place = (parent: Node | null, start: bigint): bigint => {
    let next = start;
    for (const node of nodes.filter((one) => one.parent === parent)) {
      const { kind, model, queues = 1 } = node.description;
      if (isBridge(kind)) {
        const first = up(next, MIB);
        const last = up(place(node, first), MIB);
        if (last > first) node.forwarded = { first, last: last - 1n };
        next = last;
        continue;
      }
      if (kind === "host bridge") continue;
      const lengths: [0 | 2, bigint][] = [[0, 0x1000n]];
      if (model === "accelerator") {
        lengths.push([2, 0x1000n << BigInt(Math.ceil(Math.log2(queues)))]);
      }
      for (const [bar, length] of lengths) {
        const at = up(next, length);
        node.windows.push({ bar, start: at, length });
        next = at + length;
      }
    }
    return next;
  };
  place(null, from);
}

function connect(nodes: readonly Node[]): PciFunction[] {
  const made = new Map<Node, PciFunction>();
  const make = (node: Node): PciFunction => {
    const known = made.get(node);
    if (known) return known;
    const { description, requester, windows, forwarded } = node;
    const parent = node.parent && make(node.parent);
    const above = parent ? [parent, ...parent.above] : [];
    const bus = requester >> 8;
    const multiFunction = nodes.some(
      (other) => other !== node && other.requester >> 3 === requester >> 3,
    );
    const input = { description, bus, multiFunction, windows, forwarded };
    const one: PciFunction = {
      description,
      requester,
      bus,
      above,
      alias: aliasOf(requester, above),
      configuration: buildConfiguration(input),
      ordinal: nodes.indexOf(node),
    };
    made.set(node, one);
    return one;
  };
  return nodes.map(make);
}

// How software hands descriptors to the unit: written at the tail of the queue in memory, then the tail register moves
// (section 6.5.2 of the specification). Without the queue, in legacy mode, the invalidation registers do the same work.
import { hpa } from "../base/brand.ts";
import { hex } from "../base/hex.ts";
import { ok, problem, type Result } from "../base/result.ts";
import { descriptorType } from "../hardware/layout/descriptors.ts";
import {
  CCMD,
  FSTS,
  GSTS,
  IOTLB,
  IQA,
  IQH,
  IQT,
  IVA,
  RTADDR,
} from "../hardware/layout/registers.ts";
import type { Memory } from "../hardware/memory/memory.ts";
import type { Capabilities } from "../hardware/vtd/types.ts";

/** What software can touch. */
export interface SoftwarePorts {
  readonly memory: Pick<Memory, "isMemory" | "writeWord">;
  readonly capabilities: Capabilities;
  readRegister(offset: number, size: 4 | 8): bigint;
  writeRegister(offset: number, size: 4 | 8, value: bigint): void;
}

const QIES = 1n << 26n;
const IQE = 1n << 4n;
const SOURCE = "invalidate";

/** Descriptors of two or four words. A problem says what to do; nothing was written then. */
export function submitDescriptors(
  ports: SoftwarePorts,
  descriptors: readonly (readonly bigint[])[],
): Result<null> {
  const wrong = descriptors.findIndex((words) => words.length !== 2 && words.length !== 4);
  if (wrong >= 0) {
    return problem(SOURCE, `descriptors[${wrong}]`, "A descriptor has two or four 64-bit words.");
  }
  const { capabilities } = ports;
  const queued = (ports.readRegister(GSTS.offset(capabilities), 4) & QIES) !== 0n;
  return queued ? throughQueue(ports, descriptors) : throughRegisters(ports, descriptors);
}

function throughQueue(
  ports: SoftwarePorts,
  descriptors: readonly (readonly bigint[])[],
): Result<null> {
  const { capabilities, memory } = ports;
  const read = (register: typeof IQA) => ports.readRegister(register.offset(capabilities), 8);
  if ((ports.readRegister(FSTS.offset(capabilities), 4) & IQE) !== 0n) {
    return problem(
      SOURCE,
      "FSTS",
      "The queue stands still because of an earlier error (IQE). Write 0x10 to FSTS first.",
    );
  }
  const base = read(IQA);
  const wide = (base >> 11n) & 1n;
  const width = wide ? 32n : 16n;
  const size = 4096n << (base & 7n);
  const start = base & ~0xfffn & ((1n << 52n) - 1n);
  const head = read(IQH) % size;
  let tail = read(IQT) % size;
  const room = (size + head - tail - width) % size;
  if (BigInt(descriptors.length) * width > room) {
    return problem(
      SOURCE,
      "",
      `The queue has room for ${room / width} descriptors and ${descriptors.length} were given.`,
    );
  }
  const writes: [bigint, bigint][] = [];
  for (const [index, words] of descriptors.entries()) {
    if (!wide && words.slice(2).some((word) => word !== 0n)) {
      return problem(
        SOURCE,
        `descriptors[${index}]`,
        "The queue holds 128-bit descriptors (IQA.DW is 0), so words 2 and 3 must be 0.",
      );
    }
    for (let at = 0n; at < width; at += 8n) {
      writes.push([start + tail + at, words[Number(at / 8n)] ?? 0n]);
    }
    tail = (tail + width) % size;
  }
  const absent = writes.find(
    ([address]) => address >> 52n !== 0n || !memory.isMemory(hpa(address)),
  );
  if (absent) {
    return problem(
      SOURCE,
      "IQA",
      `The queue page ${hex(absent[0] & ~0xfffn)} is not in this image, so nothing can be written into it.`,
    );
  }
  for (const [address, word] of writes) memory.writeWord(hpa(address), word);
  ports.writeRegister(IQT.offset(capabilities), 8, tail);
  return ok(null);
}

const INVALIDATE = 1n << 63n;

/** CCMD and IOTLB take over for types 1 and 2; a wait needs nothing, registers answer at once. */
function throughRegisters(
  ports: SoftwarePorts,
  descriptors: readonly (readonly bigint[])[],
): Result<null> {
  const { capabilities } = ports;
  const mode = (ports.readRegister(RTADDR.offset(capabilities), 8) >> 10n) & 3n;
  if (mode !== 0n) {
    return problem(
      SOURCE,
      "GSTS",
      "Queued invalidation is off and scalable mode has no other way. Set QIE in GCMD first.",
    );
  }
  const types = descriptors.map(([first = 0n]) => descriptorType(first));
  const other = types.findIndex((type) => type !== 1 && type !== 2 && type !== 5);
  if (other >= 0) {
    return problem(
      SOURCE,
      `descriptors[${other}]`,
      "Queued invalidation is off; the registers can only invalidate the context cache and the IOTLB.",
    );
  }
  for (const [first = 0n, second = 0n] of descriptors) {
    const granularity = (first >> 4n) & 3n;
    const domain = (first >> 16n) & 0xffffn;
    const type = descriptorType(first);
    if (type === 1) {
      const source = (first >> 32n) & 0x3_ffffn;
      const command = INVALIDATE | (granularity << 61n) | (source << 16n) | domain;
      ports.writeRegister(CCMD.offset(capabilities), 8, command);
    } else if (type === 2) {
      ports.writeRegister(IVA.offset(capabilities), 8, second);
      const drains = ((first >> 6n) & 3n) << 48n;
      const command = INVALIDATE | (granularity << 60n) | drains | (domain << 32n);
      ports.writeRegister(IOTLB.offset(capabilities), 8, command);
    }
  }
  return ok(null);
}

// Plays recorded cases on the emulated unit and counts which steps come out as recorded.
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import { plainHex } from "../base/hex.ts";
import { describeProblem } from "../base/result.ts";
import { Store } from "../hardware/memory/store.ts";
import { decodeCapabilities } from "../hardware/vtd/capabilities.ts";
import { registerBytes } from "../hardware/vtd/register-writes.ts";
import type { DmaRequest, ProfileName } from "../hardware/vtd/types.ts";
import { RemappingUnit } from "../hardware/vtd/unit.ts";
import type { CaseOperation, RecordedCase, RefusedCase } from "./case-form.ts";
import { compare, compareWords, type Difference, type Observed } from "./expectations.ts";
import { MemoryChanges } from "./memory-changes.ts";

/** A counted step that came out otherwise. */
export interface StepFailure extends Difference {
  readonly id: string;
  /** Position among the operations, or the comparison of memory at the end, or the case as a whole. */
  readonly op: number | "final_mem" | "case";
}

/** How one case came out. */
export interface CaseScore {
  readonly feature: string;
  readonly counted: number;
  readonly passed: number;
  readonly ignored: number;
  readonly failures: readonly StepFailure[];
}

/** Memory of the recorded machines: first address and length. */
const RAM = [
  [0n, 0x8000_0000n],
  [0x1_0000_0000n, 0x8000_0000n],
] as const;

/** Devices that issue requests in cases. Their requester id stands beside them. */
const DEVICES: ReadonlySet<string> = new Set([
  "edu0",
  "edu1",
  "edu2",
  "td0",
  "dev0",
  "dev1",
  "dev2",
  "dev3",
  "dev4",
]);

/** Large enough that no case makes an entry leave for want of room. */
const CACHES = { context: 256, pasid: 256, iotlb: 1024, paging: 256 } as const;

/** Every word of a page that `fill` names holds this and its own address. */
const FILL = 0xda7a_0000_0000_0000n;

const OFFSET = { fsts: 0x34, iqh: 0x80, iqt: 0x88, ics: 0x9c } as const;

/** A case that cannot be played fails with all its steps; what is wrong with it is told once. */
export function scoreRefused({ id, feature, steps, problem }: RefusedCase): CaseScore {
  const op = /\.ops\[(\d+)\]/.exec(problem.place)?.[1];
  const failure: StepFailure = {
    id,
    op: op === undefined ? "case" : Number(op),
    want: { case: "as vtd-oracle-1 describes it" },
    got: { case: describeProblem(problem) },
  };
  return { feature, counted: steps, passed: 0, ignored: 0, failures: [failure] };
}

/** Plays one case after the other on one store. */
export class CasePlayer {
  readonly #store = new Store();
  readonly #changes = new MemoryChanges(this.#store);
  readonly #empty: number;

  constructor() {
    for (const [start, length] of RAM) this.#store.addRange(hpa(start), length);
    this.#empty = this.#store.checkpoint();
  }

  /** Plays a case under `profile`, or its own, or `qemu`. */
  play(recorded: RecordedCase, profile?: ProfileName): CaseScore {
    this.#store.restore(this.#empty);
    const machine = new Machine(recorded, profile ?? recorded.profile ?? "qemu", this.#store);
    const scored = !recorded.tags.includes("qemu-quirk");
    const failures: StepFailure[] = [];
    const { id, feature } = recorded;
    let counted = 0;
    let ignored = 0;
    for (const [op, { operation, expect }] of recorded.steps.entries()) {
      const observed = machine.perform(operation, this.#changes);
      const unplayed = operation.op === "unknown" && expect === null;
      if (!expect && !unplayed) continue;
      if (!scored || expect?.ignore.has("*")) {
        ignored++;
        continue;
      }
      counted++;
      const nothing = { parts: {}, ignore: new Set<string>(), unknown: [] };
      const difference = compare(expect ?? nothing, observed);
      if (difference) failures.push({ id, op, ...difference });
    }
    if (scored && recorded.finalMem.size > 0) {
      counted++;
      const difference = compareWords(recorded.finalMem, (a) => this.#store.readWord(hpa(a)));
      if (difference) failures.push({ id, op: "final_mem", ...difference });
    }
    return { feature, counted, passed: counted - failures.length, ignored, failures };
  }
}

/** The unit of one case and the software and devices around it. */
class Machine {
  readonly #store: Store;
  readonly #unit: RemappingUnit;
  /** Offset of the first recording register. */
  readonly #recording: number;
  /** Bytes of the pages that hold registers. */
  readonly #registerBytes: number;
  /** What kept `setup` from being played. */
  readonly #broken: string | undefined;

  constructor(recorded: RecordedCase, profile: ProfileName, store: Store) {
    const { ver, cap, ecap, haw, ridPasid } = recorded.config;
    const identification = { ver, cap, ecap };
    const capabilities = decodeCapabilities(identification);
    this.#store = store;
    this.#recording = capabilities.fro;
    this.#registerBytes = registerBytes(capabilities);
    for (const page of recorded.fill) {
      for (let at = page; at < page + 4096n; at += 8n) store.writeWord(hpa(at), FILL | at);
    }
    this.#software(recorded.mem);
    this.#unit = new RemappingUnit(store, {
      identification,
      haw,
      profile,
      caches: CACHES,
      ridPasidHonoured: ridPasid,
    });
    for (const [index, write] of recorded.setup.entries()) {
      const refused = this.#write(write.offset, write.size, write.value);
      this.#broken ??= refused && `setup[${index}]: ${refused}`;
    }
  }

  /** Does one operation and says what came of it. */
  perform(operation: CaseOperation, changes: MemoryChanges): Observed {
    if (operation.op === "mem") this.#software(operation.writes);
    if (operation.op === "inv") this.#queue(operation);
    changes.mark();
    const done = this.#broken === undefined ? this.#act(operation) : { refused: this.#broken };
    const mem = changes.since();
    return { regs: this.#registers(), mem, ...done };
  }

  #act(operation: CaseOperation): Omit<Observed, "regs" | "mem"> {
    switch (operation.op) {
      case "dma":
        return this.#send(operation);
      case "ack":
        this.#unit.writeRegister(this.#recording + 12, 4, 0x8000_0000n);
        this.#unit.writeRegister(OFFSET.fsts, 4, 0x11n);
        return {};
      case "inv":
        this.#unit.writeRegister(OFFSET.iqt, 8, operation.tail);
        return {};
      case "regw": {
        const refused = this.#write(operation.offset, operation.size, operation.value);
        return refused === undefined ? {} : { refused };
      }
      case "regr": {
        const refused = this.#refuse(operation.offset);
        if (refused !== undefined) return { refused };
        return { val: this.#unit.readRegister(Number(operation.offset), size(operation.size)) };
      }
      case "unknown":
        return { refused: `the operation "${operation.name}" is not known` };
      case "mem":
        return {};
    }
  }

  #send(operation: CaseOperation & { op: "dma" }): Omit<Observed, "regs" | "mem"> {
    if (!DEVICES.has(operation.device)) {
      return { refused: `the device "${operation.device}" is not known` };
    }
    const request: DmaRequest = {
      requester: requesterId(Number(operation.sid)),
      pasid: operation.pasid === null ? null : pasid(Number(operation.pasid)),
      access: operation.access,
      address: iova(operation.iova),
      length: operation.length,
      privileged: operation.privileged,
      execute: operation.execute,
      addressType: operation.addressType,
      ...(operation.data === undefined ? {} : { data: bytesOf(operation.data) }),
    };
    const outcome = this.#unit.dma(request);
    const reachedMemory = outcome.pieces.every(
      ({ target }) => target !== null && this.#store.isMemory(target),
    );
    return { outcome, reachedMemory };
  }

  #registers(): Record<string, bigint> {
    const unit = this.#unit;
    return {
      fsts: unit.readRegister(OFFSET.fsts, 4),
      frcd_lo: unit.readRegister(this.#recording, 8),
      frcd_hi: unit.readRegister(this.#recording + 8, 8),
      iqh: unit.readRegister(OFFSET.iqh, 8),
      ics: unit.readRegister(OFFSET.ics, 4),
    };
  }

  /** Writes a register; why not, when it is none. */
  #write(offset: bigint, bytes: number, value: bigint): string | undefined {
    const refused = this.#refuse(offset);
    if (refused === undefined) this.#unit.writeRegister(Number(offset), size(bytes), value);
    return refused;
  }

  #refuse(offset: bigint): string | undefined {
    if (offset < this.#registerBytes && offset % 4n === 0n) return undefined;
    return `there is no register at offset ${plainHex(offset)}`;
  }

  /** Software puts descriptors into the queue, from the old tail on. */
  #queue({ iqa, descriptors }: CaseOperation & { op: "inv" }): void {
    const base = iqa & ~0xfffn;
    const bytes = 4096n << (iqa & 7n);
    const width = (iqa & 0x800n) === 0n ? 16n : 32n;
    let tail = this.#unit.readRegister(OFFSET.iqt, 8) & 0x7_fff0n;
    for (const words of descriptors) {
      for (const [index, word] of words.entries()) {
        this.#software([[base + ((tail + BigInt(8 * index)) % bytes), word]]);
      }
      tail = (tail + width) % bytes;
    }
  }

  #software(words: Iterable<readonly [bigint, bigint]>): void {
    for (const [address, value] of words) {
      // Beyond 52 bits nothing can be memory: such a write is lost.
      if (address >> 52n === 0n) this.#store.writeWord(hpa(address), value);
    }
  }
}

const size = (bytes: number): 4 | 8 => (bytes === 8 ? 8 : 4);

function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

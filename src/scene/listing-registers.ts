// The register file as rows, each with its value and decoded fields; and the invalidation queue with its descriptors.
import { type Hpa, hpa } from "../base/brand.ts";
import { decode } from "../hardware/layout/codec.ts";
import { descriptorLayout } from "../hardware/layout/descriptors.ts";
import { REGISTERS } from "../hardware/layout/registers.ts";
import type { Register } from "../hardware/layout/types.ts";
import type { SessionPort } from "../session/types.ts";
import { type FieldView, fieldViews } from "./inspect-bits.ts";
import { readWords } from "./inspect-entry.ts";
import type { Unit } from "./walk-types.ts";

export interface RegisterRow {
  readonly register: Register;
  /** `FRCD 1`, `GSTS`. */
  readonly name: string;
  readonly offset: number;
  readonly words: readonly bigint[];
  readonly fields: readonly FieldView[];
  /** Fields that are not 0, in words: "TES on, QIES on". */
  readonly says: string;
}

/** A named field that is not 0. */
const isSet = (field: FieldView): boolean =>
  field.kind !== "reserved" && field.kind !== "ignored" && !/^(0x)?0$/.test(field.value);

type RegisterFile = Pick<SessionPort, "readRegister" | "capabilities">;

/** The registers that the unit has, in order of offset. */
export function registerRows(session: RegisterFile, unit: Unit): RegisterRow[] {
  const { capabilities } = session;
  return REGISTERS.filter((register) => register.exists(capabilities))
    .flatMap((register) => {
      const offset = register.offset(capabilities);
      const copies = register.bits === 128 ? capabilities.nfr : 1;
      return Array.from({ length: copies }, (_, copy) =>
        registerRow(register, offset + 16 * copy, copies > 1 ? copy : null, session, unit),
      );
    })
    .sort((a, b) => a.offset - b.offset);
}

function registerRow(
  register: Register,
  offset: number,
  copy: number | null,
  session: RegisterFile,
  unit: Unit,
): RegisterRow {
  const words =
    register.bits === 32
      ? [session.readRegister(offset, 4)]
      : Array.from({ length: register.bits / 64 }, (_, at) =>
          session.readRegister(offset + 8 * at, 8),
        );
  const fields = fieldViews(decode(register, words, unit.environment), words.length);
  return {
    register,
    name: copy === null ? register.id : `${register.id} ${copy}`,
    offset,
    words,
    fields,
    says: fields
      .filter(isSet)
      .map((field) => (field.kind === "flag" ? field.name : `${field.name} ${field.value}`))
      .join(", "),
  };
}

export interface DescriptorRow {
  readonly address: Hpa;
  readonly words: readonly bigint[];
  /** "IOTLB invalidate", or what is wrong with it. */
  readonly name: string;
  /** "G 1 global, DID 7". */
  readonly says: string;
  readonly state: "done" | "waiting";
}

export interface QueueView {
  readonly enabled: boolean;
  readonly base: Hpa;
  /** Bytes of one descriptor, 16 or 32. */
  readonly width: number;
  /** Descriptors it holds. */
  readonly size: number;
  readonly head: number;
  readonly tail: number;
  /** The last ones done and all that wait (at most `limit` in all), oldest first. */
  readonly descriptors: readonly DescriptorRow[];
}

const GSTS = 0x1c;
const [IQH, IQT, IQA] = [0x80, 0x88, 0x90];
const QIES = 1n << 26n;

/** The invalidation queue (sections 6.5.2 and 11.4.9 of the specification); null when the unit has none. */
export function queueView(session: RegisterFile, unit: Unit, limit = 12): QueueView | null {
  if (!session.capabilities.qi) return null;
  const address = session.readRegister(IQA, 8);
  const width = (address >> 11n) & 1n ? 32 : 16;
  const bytes = 4096 << Number(address & 7n);
  const base = hpa(address & 0x000f_ffff_ffff_f000n);
  const size = bytes / width;
  const index = (offset: number) =>
    Math.floor(Number(session.readRegister(offset, 8)) / width) % size;
  const [head, tail] = [index(IQH), index(IQT)];
  const waiting = (tail - head + size) % size;
  const done = Math.max(0, limit - waiting);
  const enabled = (session.readRegister(GSTS, 4) & QIES) !== 0n;
  const rows = Array.from({ length: Math.min(done + waiting, size) }, (_, at) => {
    const slot = (head - done + at + size) % size;
    return descriptorRow(
      hpa(base + BigInt(slot * width)),
      width,
      at < done ? "done" : "waiting",
      unit,
    );
  });
  return {
    enabled,
    base,
    width,
    size,
    head,
    tail,
    descriptors: rows.filter(
      (row) => row.state === "waiting" || row.words.some((word) => word !== 0n),
    ),
  };
}

function descriptorRow(
  address: Hpa,
  width: number,
  state: DescriptorRow["state"],
  unit: Unit,
): DescriptorRow {
  const words = readWords(unit, address, width);
  const layout = descriptorLayout(words[0] ?? 0n, width === 32 ? 256 : 128);
  if (!layout) return { address, words, name: "Type not known", says: "", state };
  const fields = fieldViews(decode(layout, words, unit.environment), words.length);
  const says = fields
    .filter((field) => field.name !== "Type" && isSet(field))
    .map((field) => `${field.name} ${field.says || field.value}`)
    .join(", ");
  return { address, words, name: layout.name, says, state };
}

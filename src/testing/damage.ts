// What goes wrong in tables: bits turned over, pages that are not there, rights taken away, addresses that lead astray.
import fc from "fast-check";
import { NAIVE_PAGE, putWord } from "./naive-memory.ts";
import type { BuiltEntry, EntryKind, TableBuilder } from "./tables.ts";

export interface Damage {
  readonly kind: EntryKind;
  /** Which entry of that kind, counted round. */
  readonly pick: number;
  readonly what:
    | { readonly do: "flip"; readonly word: number; readonly bit: Bit }
    | { readonly do: "drop page" }
    | { readonly do: "take rights"; readonly mask: bigint }
    | { readonly do: "to interrupts" }
    | { readonly do: "astray" };
}

type Bit = number | "HAW" | "HAW-1";

/** Bits with a meaning of their own, by kind and word. */
const TELLING: Readonly<Record<EntryKind, readonly (readonly [number, readonly Bit[]])[]>> = {
  root: [
    [0, [0, 0, 0, 1, 11, "HAW", 63]],
    [1, [0, 5, 63]],
  ],
  context: [
    [0, [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, "HAW", 63]],
    [1, [0, 1, 2, 3, 7, 8, 13, 20, 23, 24, 63]],
    [2, [0, 63]],
    [3, [17]],
  ],
  directory: [[0, [0, 0, 1, 2, 11, "HAW", 63]]],
  pasid: [
    [0, [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, "HAW", 63]],
    [1, [0, 15, 16, 22, 23, 24, 25, 26, 27, 32, 63]],
    [2, [0, 1, 2, 3, 4, 5, 7, 8, 11, 40, "HAW"]],
    [3, [0, 63]],
    [4, [0, 12]],
    [7, [31]],
  ],
  first: [
    [
      0,
      [
        0,
        0,
        1,
        2,
        7,
        7,
        7,
        9,
        11,
        12,
        13,
        20,
        29,
        "HAW-1",
        "HAW-1",
        "HAW-1",
        "HAW-1",
        "HAW",
        51,
        63,
      ],
    ],
  ],
  second: [[0, [0, 1, 2, 7, 7, 8, 9, 10, 11, 11, 12, 20, 21, 29, 40, "HAW", 51, 61, 62, 63]]],
};

const KINDS: readonly EntryKind[] = [
  "root",
  "context",
  "directory",
  "pasid",
  "pasid",
  "first",
  "first",
  "first",
  "first",
  "first",
  "second",
  "second",
  "second",
  "second",
];

const telling = (kind: EntryKind): fc.Arbitrary<Damage["what"]> =>
  fc
    .constantFrom(...TELLING[kind])
    .chain(([word, bits]) =>
      fc.constantFrom(...bits).map((bit) => ({ do: "flip" as const, word, bit })),
    );

const anyBit: fc.Arbitrary<Damage["what"]> = fc
  .tuple(fc.nat({ max: 7 }), fc.nat({ max: 63 }))
  .map(([word, bit]) => ({ do: "flip", word, bit }));

const damage: fc.Arbitrary<Damage> = fc.constantFrom(...KINDS).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    pick: fc.nat({ max: 63 }),
    what: fc.oneof(
      { weight: 10, arbitrary: telling(kind) },
      { weight: 2, arbitrary: anyBit },
      { weight: 4, arbitrary: fc.constant<Damage["what"]>({ do: "drop page" }) },
      {
        weight: 4,
        arbitrary: fc
          .constantFrom(2n, 1n, 2n, 3n, 2n, 4n)
          .map((mask) => ({ do: "take rights" as const, mask })),
      },
      { weight: 2, arbitrary: fc.constant<Damage["what"]>({ do: "to interrupts" }) },
      { weight: 2, arbitrary: fc.constant<Damage["what"]>({ do: "astray" }) },
    ),
  }),
);

/** Mostly none or one. */
export const damages: fc.Arbitrary<readonly Damage[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 5, arbitrary: fc.array(damage, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(damage, { minLength: 2, maxLength: 2 }) },
);

const FLAGS = 0xfff0_0000_0000_0fffn;

function chosen(builder: TableBuilder, damage: Damage): BuiltEntry | undefined {
  const candidates = builder.entries.filter(
    ({ kind, leaf }) => kind === damage.kind && (leaf || damage.what.do !== "to interrupts"),
  );
  return candidates[damage.pick % Math.max(1, candidates.length)];
}

/** Does the damage, if the machine has an entry of that kind. */
export function inflict(builder: TableBuilder, damage: Damage, haw: number): void {
  const entry = chosen(builder, damage);
  if (entry === undefined) return;
  const { what } = damage;
  const set = (word: bigint): void => putWord(builder.pages, entry.address, word);
  const first = builder.word(entry.address);
  switch (what.do) {
    case "flip": {
      const at = what.bit === "HAW" ? haw : what.bit === "HAW-1" ? haw - 1 : what.bit;
      const address = entry.address + 8n * BigInt(what.word % entry.count);
      putWord(builder.pages, address, builder.word(address) ^ (1n << BigInt(at)));
      break;
    }
    case "drop page":
      builder.pages.delete(entry.address / NAIVE_PAGE);
      break;
    case "take rights":
      set(first & ~what.mask);
      break;
    case "to interrupts":
      set((first & FLAGS) | 0xfee0_0000n);
      break;
    case "astray":
      // Far above every table: no memory is there.
      set((first & FLAGS) | (0x7ff_f000n << 8n));
      break;
  }
}

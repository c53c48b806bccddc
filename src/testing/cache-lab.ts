// A machine to edit while requests run: two devices, address spaces of every kind that share tables the way section
// 6.2.3.1 allows, and the list of entries that software may change.
import { legacyTables, scalableTables } from "./cache-lab-entries.ts";
import {
  BIG,
  type Editable,
  type Lab,
  type LabShape,
  PLACES,
  type SpaceName,
  TABLE_WINDOW,
  WINDOW_0,
  WINDOW_1,
} from "./cache-lab-types.ts";
import { addPage } from "./naive-memory.ts";
import { mapPage, type RadixTree, TableBuilder } from "./tables.ts";

const big = BigInt;
const shiftOf = (level: number): bigint => 12n + 9n * big(level - 1);
const ADDRESS = 0x000f_ffff_ffff_f000n;

interface SpaceBuild {
  readonly space: SpaceName;
  readonly tree: RadixTree;
  /** Small and large pages that leaves may map. */
  readonly small: readonly bigint[];
  readonly large: readonly bigint[];
  /** All rights, then with rights taken away. */
  readonly rights: readonly bigint[];
}

class LabBuilder {
  readonly builder = new TableBuilder();
  readonly editables: Editable[] = [];

  /** Pages and blocks of data that only one space maps. */
  data(): Pick<SpaceBuild, "small" | "large"> {
    const small = Array.from({ length: 8 }, () => this.builder.newTable());
    const large = [this.builder.newBlock(), this.builder.newBlock()];
    for (const block of large) {
      addPage(this.builder.pages, block);
      addPage(this.builder.pages, block + 0x5000n);
    }
    return { small, large };
  }

  /** Maps the windows of a space, and lists its entries of every level as editable. */
  fill({ space, tree, small, large, rights }: SpaceBuild): void {
    const { builder } = this;
    const [full = 0n] = rights;
    PLACES.forEach((place, n) => {
      const leaf = place >= BIG && place < BIG + 0x20_0000n ? 2 : 1;
      const target = leaf === 2 ? large[0] : small[n % small.length];
      mapPage(builder, tree, place, leaf, target ?? 0n);
    });
    const offer = (input: bigint, level: number, leaf: boolean, words: readonly bigint[]): void => {
      const address = this.entryOf(tree, input, level);
      const start = input & ~((1n << shiftOf(level)) - 1n);
      const what = { table: tree.kind, space, start, level, leaf };
      this.editables.push({ what, address, values: words.map((word) => [word]) });
    };
    for (const place of PLACES.slice(0, 5)) {
      offer(place, 1, true, [
        ...small.slice(0, 4).map((page) => page | full),
        ...rights.map((right) => (small[5] ?? 0n) | right),
        0n,
      ]);
    }
    for (const window of [WINDOW_0, WINDOW_1]) {
      const now = builder.word(this.entryOf(tree, window, 2)) & ADDRESS;
      const other = tree.newTable();
      for (const n of [0n, 1n]) {
        builder.put(tree.kind, tree.locate(other) + n * 8n, [(small[6] ?? 0n) | full]);
      }
      offer(window, 2, false, [now | full, other | full, ...rights.map((r) => now | r), 0n]);
    }
    const split = tree.newTable();
    builder.put(tree.kind, tree.locate(split), [(small[7] ?? 0n) | full]);
    offer(BIG, 2, true, [...large.map((block) => block | full | 0x80n), split | full, 0n]);
    const third = builder.word(this.entryOf(tree, WINDOW_0, 3)) & ADDRESS;
    offer(WINDOW_0, 3, false, [third | full, ...rights.map((r) => third | r), 0n]);
    const top = builder.word(this.entryOf(tree, WINDOW_0, tree.levels)) & ADDRESS;
    if (tree.levels > 3) offer(WINDOW_0, tree.levels, false, [top | full, 0n]);
  }

  /** Host address of the entry of a level on the way to an input address. */
  entryOf(tree: RadixTree, input: bigint, level: number): bigint {
    let table = tree.root;
    for (let at = tree.levels; ; at -= 1) {
      const address = tree.locate(table) + ((input >> shiftOf(at)) & 0x1ffn) * 8n;
      if (at === level) return address;
      table = this.builder.word(address) & ADDRESS;
    }
  }

  hostTree(kind: "first" | "second", levels: number): RadixTree {
    const newTable = (): bigint => this.builder.newTable();
    const flags = (): bigint => (kind === "first" ? 7n : 3n);
    return { kind, root: newTable(), levels, newTable, locate: (table) => table, flags };
  }

  /** A first stage whose tables lie in the table window of a second stage. */
  guestTree(second: RadixTree, first: bigint): RadixTree {
    let next = TABLE_WINDOW + first * 0x1000n;
    const hosts = new Map<bigint, bigint>();
    const locate = (guest: bigint): bigint => {
      const host =
        hosts.get(guest) ?? mapPage(this.builder, second, guest, 1, this.builder.newTable());
      hosts.set(guest, host);
      return host;
    };
    const newTable = (): bigint => {
      const guest = next;
      next += 0x1000n;
      locate(guest);
      return guest;
    };
    return { kind: "first", root: newTable(), levels: 4, newTable, locate, flags: () => 7n };
  }
}

const FIRST_RIGHTS = [7n, 5n, 3n];
const SECOND_RIGHTS = [3n, 1n, 2n];

export function buildLab(shape: LabShape): Lab {
  const lab = new LabBuilder();
  const { builder } = lab;
  const s1 = lab.hostTree("second", shape.widths[0] + 2);
  const s2 = lab.hostTree("second", shape.widths[1] + 2);
  lab.fill({ space: "S1", tree: s1, ...lab.data(), rights: SECOND_RIGHTS });
  lab.fill({ space: "S2", tree: s2, ...lab.data(), rights: SECOND_RIGHTS });
  const rootTable = builder.newTable();
  const contextTables = [builder.newTable(), builder.newTable()];
  const queue = builder.newTable();
  const status = builder.newTable();
  let contexts: bigint[][] = [];
  const roots = { S1: s1.root, S2: s2.root };
  if (shape.legacy) {
    legacyTables(lab.builder, lab.editables, shape, roots, rootTable, contextTables[0] ?? 0n);
  } else {
    const f1 = lab.hostTree("first", shape.levels[0]);
    const f2 = lab.hostTree("first", shape.levels[1]);
    lab.fill({ space: "F1", tree: f1, ...lab.data(), rights: FIRST_RIGHTS });
    lab.fill({ space: "F2", tree: f2, ...lab.data(), rights: FIRST_RIGHTS });
    const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n] = PLACES;
    const n1 = lab.guestTree(s1, 0n);
    const pages1 = { small: [b, c, a, e, d, BIG + 0x5000n, a, d], large: [BIG, WINDOW_0] };
    lab.fill({ space: "N1", tree: n1, ...pages1, rights: FIRST_RIGHTS });
    const n2 = lab.guestTree(s1, 0x100n);
    const pages2 = { small: [e, d, b, a, c, BIG, b, e], large: [WINDOW_0, BIG] };
    lab.fill({ space: "N2", tree: n2, ...pages2, rights: FIRST_RIGHTS });
    offerTableWindow(lab, s1, [0n, 2n, 0x100n]);
    const all = { ...roots, F1: f1.root, F2: f2.root, N1: n1.root, N2: n2.root };
    contexts = scalableTables(lab.builder, lab.editables, shape, all, rootTable, contextTables);
  }
  const rtaddr = rootTable | (shape.legacy ? 0n : 1n << 10n);
  return { pages: builder.pages, rtaddr, editables: lab.editables, contexts, queue, status };
}

/** The second-stage leaves under first-stage tables may lose rights. */
function offerTableWindow(lab: LabBuilder, second: RadixTree, pages: readonly bigint[]): void {
  for (const page of pages) {
    const start = TABLE_WINDOW + page * 0x1000n;
    const address = lab.entryOf(second, start, 1);
    const now = lab.builder.word(address) & ADDRESS;
    const what = { table: "second", space: "S1", start, level: 1, leaf: true } as const;
    lab.editables.push({ what, address, values: [[now | 3n], [now | 1n], [now | 2n], [0n]] });
  }
}

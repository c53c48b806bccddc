// Second column: the remapping unit, its tables in the order a request meets them. The function in focus is shown in
// full, each other one as one row; legacy mode ends with the context entry.
import { hpa } from "../base/brand.ts";
import { cacheBlock, cacheBlockHeight } from "./caches.ts";
import {
  type Actor,
  type Cast,
  followedRow,
  rankActor,
  type SceneInput,
  type Slot,
} from "./cast.ts";
import { choose, type Frame } from "./columns.ts";
import type { Point } from "./curve.ts";
import type { Place } from "./journey-types.ts";
import { more } from "./requesters.ts";
import { type Box, type Item, rect, type Shape, text } from "./shapes.ts";
import { firstThatFits, textWidth } from "./text.ts";
import {
  entryRow,
  entryRowId,
  entryWords,
  functionRow,
  functionWords,
  kindsFit,
} from "./unit-rows.ts";
import { countWord } from "./words.ts";

export interface UnitColumn {
  readonly items: readonly Item[];
  readonly card: Box;
  /** Left end of the row that a slot's requests arrive at, and the row's right end, by slot id. */
  readonly rows: ReadonlyMap<
    string,
    { readonly item: string; readonly in: Point; readonly out: Point }
  >;
  /** Where the packet stands for each place of the function in focus. */
  readonly rail: ReadonlyMap<Place, Point>;
}

const RAIL = 20;
const SLOT = 36;
const PAD = 12;
const ROW = 24;
const GAP = 8;
const POINTER = 0x000f_ffff_ffff_f000n;

/** Whether a row stands for several functions or entries. */
export const isRest = (item: string): boolean => item.endsWith("-more");

interface Sizes {
  readonly table: number;
  readonly header: number;
  readonly twoLines: boolean;
}
const ROOMY: Sizes = { table: 42, header: 26, twoLines: true };
const COMPACT: Sizes = { table: 28, header: 24, twoLines: false };

export function unitColumn(cast: Cast, frame: Frame, input: SceneInput): UnitColumn {
  const builder = new UnitBuilder(cast, frame, input);
  return builder.build();
}

class UnitBuilder {
  private readonly items: Item[] = [];
  private readonly rows = new Map<string, { item: string; in: Point; out: Point }>();
  private readonly rail = new Map<Place, Point>();
  private readonly cast: Cast;
  private readonly frame: Frame;
  private readonly input: SceneInput;
  private readonly x: number;
  private readonly w: number;
  private readonly sizes: Sizes;
  private y: number;

  constructor(cast: Cast, frame: Frame, input: SceneInput) {
    this.cast = cast;
    this.frame = frame;
    this.input = input;
    this.x = frame.columns[1].x;
    this.w = frame.columns[1].w;
    this.y = frame.top + PAD;
    this.sizes = roomyHeight(cast, input) <= frame.bottom - frame.top ? ROOMY : COMPACT;
  }

  build(): UnitColumn {
    const { x, w, frame, input } = this;
    const focus = this.cast.focus;
    const blockHeight = cacheBlockHeight(input, this.cast);
    const below = blockHeight + PAD;
    this.tables(focus);
    if (focus) this.entries(focus, below);
    this.others(below);
    const bottomUp = Math.max(this.y + 8, Math.min(frame.bottom - below, this.y + 24));
    const block = cacheBlock(input, this.cast, { x: x + PAD, y: bottomUp, w: w - 2 * PAD });
    const card = { x, y: frame.top, w, h: bottomUp + blockHeight + PAD - 4 - frame.top };
    const back: Item = {
      id: "unit",
      column: 1,
      box: card,
      shapes: [rect(card, 8, "card")],
      target: null,
      back: true,
    };
    return { items: [back, ...this.items, ...block], card, rows: this.rows, rail: this.rail };
  }

  /** Root table, context table and PASID directory of the function in focus. */
  private tables(focus: Actor | null): void {
    const { survey } = this.input;
    if (survey.mode !== "scalable" && survey.mode !== "legacy") {
      const words = {
        "remapping off": "Remapping is off",
        abort: "Every request is refused",
        reserved: "Reserved table mode",
      };
      this.table(
        "root",
        "table-root",
        words[survey.mode],
        "no table is read",
        null,
        words[survey.mode],
      );
      return;
    }
    const bus = focus ? focus.requester >> 8 : 0;
    const devfn = focus ? focus.requester & 0xff : 0;
    const scalable = this.cast.scalable;
    const busHex = bus.toString(16).padStart(2, "0");
    const half = devfn >= 0x80 ? "upper" : "lower";
    const present = focus?.surveyed ? "present" : "";
    const rootSays = scalable ? `${half} half ${present}` : present;
    const root = hpa(survey.rootTable + BigInt(bus * 16));
    this.table(
      "root",
      "table-root",
      "Root table",
      `[${busHex}] ${rootSays}`.trim(),
      root,
      `Root table, entry ${busHex} ${rootSays}`,
    );
    if (!scalable || !focus) return;
    const context = focus.surveyed?.context[0];
    const index = (devfn & 0x7f).toString(16).padStart(2, "0");
    const says =
      context === undefined
        ? "no entry"
        : (context & 1n) === 0n
          ? "P = 0"
          : `PASIDE ${(context >> 3n) & 1n}, PDTS ${(context >> 9n) & 7n}`;
    this.table(
      "context",
      "table-context",
      `Context table, ${half}`,
      `[${index}] ${says}`,
      focus.surveyed?.contextAddress ?? null,
      `Context table, ${half} half, entry ${index}: ${says}`,
    );
    if (context === undefined || (context & 1n) === 0n) return;
    const size = 128 << Number((context >> 9n) & 7n);
    const used = directoryIndices(focus);
    const first = used[0] ?? 0;
    const address = hpa((context & POINTER) + BigInt(first * 8));
    const list = used.map((one) => `[${one.toString(16).padStart(3, "0")}]`).join(" ");
    const wordings = [list || "none", String(used.length)].map((words) => `${words} present`);
    const listed = firstThatFits(wordings, "code", this.w - SLOT - PAD - 20);
    this.table(
      "directory",
      "table-directory",
      `PASID directory, ${size}`,
      listed,
      address,
      `PASID directory of ${size} entries, ${listed}`,
    );
  }

  private table(
    place: Place,
    id: string,
    name: string,
    says: string,
    address: bigint | null,
    label: string,
  ): void {
    const { sizes } = this;
    const box = { x: this.x + SLOT, y: this.y, w: this.w - SLOT - PAD, h: sizes.table };
    const beside = sizes.twoLines ? 0 : textWidth(says.split(" ")[0] ?? "", "code") + 8;
    // Where it would meet the index, a name goes without its size.
    const short = name.split(", ")[0] ?? name;
    const title = firstThatFits([name, short], "strong", box.w - 20 - beside);
    const shapes: Shape[] = [
      rect(box, 6, "slot"),
      text(box.x + 10, box.y + 18, title, "strong", "ink"),
    ];
    if (sizes.twoLines) shapes.push(text(box.x + 10, box.y + 33, says, "code", "ink-2"));
    else {
      const index = says.split(" ")[0] ?? "";
      shapes.push(text(box.x + box.w - 10, box.y + 18, index, "code", "ink-2", "end"));
    }
    const kinds = {
      root: "root entry",
      context: "context entry",
      directory: "PASID directory entry",
    } as const;
    const table = kinds[place as keyof typeof kinds];
    this.items.push({
      id,
      column: 1,
      box,
      shapes,
      target: {
        label,
        selection:
          address === null ? null : { kind: "entry", table, level: null, address: hpa(address) },
      },
    });
    this.rail.set(place, { x: this.x + RAIL, y: box.y + box.h / 2 });
    this.y += box.h + GAP;
  }

  /** The entries that name address spaces: PASID table entries by table, or the context entry in legacy mode. */
  private entries(focus: Actor, below: number): void {
    this.entryTables(focus, below);
    for (const slot of focus.slots) {
      const row = slot.shares === null ? undefined : this.rows.get(slot.shares);
      if (row) this.rows.set(slot.id, row);
    }
  }

  private entryTables(focus: Actor, below: number): void {
    const own = focus.slots.filter(hasRow);
    if (!this.cast.scalable) {
      if (this.input.survey.mode !== "legacy" || own.length === 0) return;
      const bus = (focus.requester >> 8).toString(16).padStart(2, "0");
      this.entryTable("table-entries", `Context table, bus ${bus}`, "", own, focus);
      return;
    }
    const room = this.frame.bottom - below - this.y - 90;
    // With a kernel the slices of a device are the subject: a few rows more, and the stage scrolls.
    const most = Math.max(this.cast.world ? 5 : 2, Math.floor(room / (ROW + 6)));
    const followed = followedRow(this.cast);
    const kept = choose(own, most, (slot) => (slot.id === followed ? 0 : slot.problem ? 2 : 1));
    const byTable = new Map<number, Slot[]>();
    for (const slot of kept.shown) {
      const number = (slot.entry?.pasid ?? slot.pasid ?? 0) >> 6;
      byTable.set(number, [...(byTable.get(number) ?? []), slot]);
    }
    for (const [number, slots] of [...byTable].sort(([a], [b]) => a - b)) {
      const used = own.filter((slot) => slot.entry && (slot.entry.pasid ?? 0) >> 6 === number);
      this.entryTable(
        `table-${number}`,
        `PASID table ${number}`,
        `${used.length} of 64`,
        slots,
        focus,
      );
    }
    if (kept.hidden.length > 0) {
      const words = `and ${countWord(kept.hidden.length, "more entry", "more entries")}`;
      this.rest("entries-more", words, kept.hidden);
      this.y += GAP;
    }
  }

  private entryTable(
    id: string,
    title: string,
    count: string,
    slots: readonly Slot[],
    focus: Actor,
  ): void {
    const { sizes } = this;
    const x = this.x + SLOT;
    const w = this.w - SLOT - PAD;
    const box = { x, y: this.y, w, h: sizes.header + slots.length * ROW + 4 };
    const shapes: Shape[] = [
      rect(box, 6, "slot"),
      text(x + 10, box.y + 17, title, "strong", "ink"),
    ];
    if (count) shapes.push(text(x + w - 10, box.y + 17, count, "note", "ink-2", "end"));
    this.items.push({ id, column: 1, box, shapes, target: null });
    const { scalable } = this.cast;
    const all = focus.slots.map((slot) => entryWords(slot, focus, scalable));
    const kinds = kindsFit(all, w - 8);
    slots.forEach((slot, at) => {
      const y = box.y + sizes.header + at * ROW;
      this.row(slot, focus, { x: x + 4, y, w: w - 8, h: ROW }, kinds);
    });
    this.y += box.h + GAP;
  }

  private row(slot: Slot, focus: Actor, box: Box, kinds: boolean): void {
    this.items.push(entryRow(slot, focus, box, this.cast.scalable, kinds));
    const y = box.y + box.h / 2;
    const item = entryRowId(slot);
    this.rows.set(slot.id, { item, in: { x: box.x, y }, out: { x: box.x + box.w, y } });
    const followed = followedRow(this.cast) === slot.id;
    if (followed || !this.rail.has("row")) this.rail.set("row", { x: this.x + RAIL, y });
  }

  /** Every other function: one row, however many entries it has. */
  private others(below: number): void {
    const rest = this.cast.actors.filter(
      (actor) => actor !== this.cast.focus && actor.surveyed !== null,
    );
    if (rest.length === 0) return;
    const room = Math.floor((this.frame.bottom - below - this.y - 12) / ROW);
    const { shown, hidden } = choose(rest, Math.max(3, room), (actor) =>
      rankActor(actor, this.cast, this.input.selection),
    );
    const h = (shown.length + (hidden.length > 0 ? 1 : 0)) * ROW + 8;
    const box = { x: this.x + SLOT, y: this.y, w: this.w - SLOT - PAD, h };
    this.items.push({ id: "others", column: 1, box, shapes: [rect(box, 6, "slot")], target: null });
    let y = box.y + 4;
    const kinds = kindsFit(shown.map(functionWords), box.w - 8);
    for (const actor of shown) {
      this.collapsed(actor, { x: box.x + 4, y, w: box.w - 8, h: ROW }, kinds);
      y += ROW;
    }
    this.y = y;
    if (hidden.length > 0) {
      const words = `and ${countWord(hidden.length, "more function")}`;
      this.rest(
        "rows-more",
        words,
        hidden.flatMap((actor) => actor.slots),
      );
    }
    this.y += 8;
  }

  /** What there is no row for: one line, which stands for all of it. */
  private rest(id: string, words: string, slots: readonly Slot[]): void {
    const box = { x: this.x + SLOT + 4, y: this.y, w: this.w - SLOT - PAD - 8, h: ROW };
    const y = box.y + ROW / 2;
    for (const slot of slots) {
      this.rows.set(slot.id, { item: id, in: { x: box.x, y }, out: { x: box.x + box.w, y } });
    }
    this.items.push(more(id, 1, box, words));
    this.y += ROW;
  }

  private collapsed(actor: Actor, box: Box, kinds: boolean): void {
    const item = functionRow(actor, box, kinds);
    this.items.push(item);
    const y = box.y + box.h / 2;
    for (const slot of actor.slots) {
      this.rows.set(slot.id, { item: item.id, in: { x: box.x, y }, out: { x: box.x + box.w, y } });
    }
  }
}

/** What everything takes at its full size, with a few rows for other functions. */
function roomyHeight(cast: Cast, input: SceneInput): number {
  const slots = cast.focus?.slots.filter(hasRow) ?? [];
  const tables = new Set(slots.map((slot) => (slot.entry?.pasid ?? 0) >> 6)).size;
  const others = Math.min(cast.actors.length - 1, 4);
  return (
    3 * (ROOMY.table + GAP) +
    tables * (ROOMY.header + 4 + GAP) +
    Math.min(slots.length, 8) * ROW +
    (others > 0 ? others * ROW + 16 : 0) +
    cacheBlockHeight(input, cast) +
    3 * PAD
  );
}

/** Slots that share an entry share its row; one whose entry nobody met has none. */
const hasRow = (slot: Slot): boolean => slot.met && slot.shares === null;

function directoryIndices(actor: Actor): number[] {
  const used = actor.slots.flatMap((slot) => (slot.entry ? [(slot.entry.pasid ?? 0) >> 6] : []));
  return [...new Set(used)].sort((a, b) => a - b);
}

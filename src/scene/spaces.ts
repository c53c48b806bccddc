// Third column: address spaces with their mapped ranges on a ruler, and the card of a request that was refused.
import { scaleLinear } from "d3";
import { formatBdf } from "../base/bdf.ts";
import { hex } from "../base/hex.ts";
import type { AddressSpace } from "../session/types.ts";
import { type Cast, rankSpace, type SceneInput } from "./cast.ts";
import { choose, type Frame } from "./columns.ts";
import type { Point } from "./curve.ts";
import { markRoom, ownerMark, patterned } from "./marks.ts";
import { hasPattern, markWord } from "./owners.ts";
import { more } from "./requesters.ts";
import { type Box, type Item, path, rect, type Shape, text } from "./shapes.ts";
import { firstThatFits, textWidth } from "./text.ts";
import { verdictCard } from "./verdict.ts";
import { bytesWord, countWord, domainsWord, stageWord } from "./words.ts";
import { spaceFactOf } from "./world-facts.ts";

/** The strip of a card on which addresses are shown. */
export interface Ruler {
  readonly box: Box;
  /** First address and the one after the last. */
  readonly from: bigint;
  readonly to: bigint;
}

export interface SpaceColumn {
  readonly items: readonly Item[];
  /** Item and ends of each drawn space, by its id. */
  readonly spaces: ReadonlyMap<
    string,
    { readonly item: string; readonly in: Point; readonly out: Point; readonly ruler: Ruler }
  >;
  /** Room for the card of a refusal. */
  readonly verdict: Box | null;
}

const PAD = 12;
const RULER = 12;
const MORE = 28;
/** Kept free below the cards for a refusal, so that nothing moves when one comes. */
const VERDICT_ROOM = 132;
/** Ranges drawn one by one; beyond it neighbours closer than a pixel have merged anyway. */
const MOST_SPANS = 60;

interface Density {
  readonly h: number;
  readonly gap: number;
  readonly roomy: boolean;
  /** First pixel of the ruler. */
  readonly strip: number;
}
const ROOMY: Density = { h: 92, gap: 16, roomy: true, strip: 46 };
/** With a kernel each space keeps the line that says whose it is. */
const CLOSE: Density = { h: 64, gap: 8, roomy: false, strip: 43 };
const COMPACT: Density = { h: 50, gap: 8, roomy: false, strip: 29 };

export function spaceColumn(cast: Cast, frame: Frame, input: SceneInput): SpaceColumn {
  const { x, w } = frame.columns[2];
  const card = input.journey && verdictCard(input.journey, { x, y: 0, w, h: 0 });
  const room = frame.bottom - frame.top - VERDICT_ROOM;
  const fits = (density: Density, count: number) =>
    count * (density.h + density.gap) - density.gap <= room;
  // Those of the function in focus are seen first, even where the line that says whose they are must go.
  const needed = cast.spaces.filter((space) => rankSpace(space, cast, input.selection) === 0);
  const close = cast.world !== null && fits(CLOSE, needed.length + 1);
  const density = fits(ROOMY, cast.spaces.length) ? ROOMY : close ? CLOSE : COMPACT;
  const rank = (space: AddressSpace) => rankSpace(space, cast, input.selection);
  const count = Math.max(2, Math.floor((room + density.gap) / (density.h + density.gap)));
  const { shown, hidden } = choose(cast.spaces, count, rank);
  const spaces = new Map<string, { item: string; in: Point; out: Point; ruler: Ruler }>();
  const items: Item[] = [];
  let y = frame.top;
  for (const space of shown) {
    const card = spaceCard(space, cast, { x, y, w, h: density.h }, density);
    items.push(card.item);
    const middle = card.ruler.box.y + RULER / 2;
    spaces.set(space.id, {
      item: card.item.id,
      in: { x, y: middle },
      out: { x: x + w, y: middle },
      ruler: card.ruler,
    });
    y += density.h + density.gap;
  }
  if (hidden.length > 0) {
    const words = `and ${countWord(hidden.length, "more space")}`;
    items.push(more("spaces-more", 2, { x, y, w, h: MORE }, words));
    y += MORE + density.gap;
  }
  const verdict = card ? { x, y: Math.max(y + 4, frame.top), w, h: card.box.h } : null;
  return { items, spaces, verdict };
}

/** Id of a space's card: the same as long as its tables stay where they are. */
export const spaceItemId = (space: string): string => `space-${space}`;

function spaceCard(
  space: AddressSpace,
  cast: Cast,
  box: Box,
  density: Density,
): { item: Item; ruler: Ruler } {
  const owner = cast.ownerOf(space.id);
  const hue = owner?.hue ?? 0;
  const { x, y, w } = box;
  const strip = { x: x + PAD, y: y + density.strip, w: w - 2 * PAD, h: RULER };
  const ruler = { box: strip, ...extent(space) };
  const room = markRoom(cast.letters);
  const wanted = cast.titleOf(space);
  const title = firstThatFits([wanted, wanted.replace(" DMA", "")], "name", w - 2 * PAD - room);
  const shapes: Shape[] = [
    rect(box, 8, "card"),
    ...patterned({ x: x - 2, y: y + 8, w: 4, h: box.h - 16 }, 0, hue),
  ];
  if (owner) shapes.push(...ownerMark(owner, x + PAD, y + 15, cast.letters));
  shapes.push(text(x + PAD + room, y + 19, title, "name", "ink"));
  const size = space.mapped === 0n ? "nothing mapped" : bytesWord(space.mapped);
  if (density !== COMPACT) {
    const note = spaceNote(space, cast, w - 2 * PAD);
    shapes.push(text(x + PAD, y + (density.roomy ? 37 : 35), note, "note", "ink-2"));
  }
  if (density.roomy) {
    shapes.push(...rulerEnds(ruler, space));
  } else if (space.stage !== "pass-through") {
    const fits = [size, rounded(size)].find((one) => room + beside(title, one) < w - 2 * PAD);
    if (fits) shapes.push(text(x + w - PAD, y + 19, fits, "note", "ink-2", "end"));
  }
  shapes.push(...spans(space, ruler, hue));
  const mark = owner ? `, mark ${markWord(owner)}` : "";
  return {
    ruler,
    item: {
      id: spaceItemId(space.id),
      column: 2,
      box,
      shapes,
      target: {
        label: `Address space ${spaceName(space, cast)}, ${stageWord(space)}, ${mappedWords(space)}${mark}`,
        selection: { kind: "space", id: space.id },
      },
    },
  };
}

/** "Default DMA domain of 6a:01.0, domain 2" where its owner names it, else its domains. */
export function spaceName(space: AddressSpace, cast: Cast): string {
  const domains = domainsWord(space.domains);
  const title = cast.titleOf(space);
  if (title === domains) return domains;
  const of = isDefault(space, cast) ? ` of ${usersWord(space)}` : "";
  return `${title}${of}, ${domains.toLowerCase()}`;
}

const isDefault = (space: AddressSpace, cast: Cast): boolean =>
  cast.world !== null && spaceFactOf(cast.world, space)?.process === null;

const usersWord = (space: AddressSpace): string =>
  [...new Set(space.users.map((user) => formatBdf(user.requester)))].join(", ");

/** Stage and levels; several default domains are told apart by the function. */
function spaceNote(space: AddressSpace, cast: Cast, w: number): string {
  const stage = stageWord(space);
  if (!isDefault(space, cast)) return stage;
  const users = usersWord(space);
  const functions = countWord(users.split(", ").length, "function");
  return firstThatFits([`${users}, ${stage}`, `of ${users}`, `of ${functions}`, stage], "note", w);
}

/** "16.5 MiB" as "17 MiB", where room is short. */
const rounded = (size: string): string =>
  size.replace(/^[\d.]+/, (digits) => Math.round(Number(digits)).toString());

const beside = (title: string, note: string): number =>
  textWidth(title, "name") + 8 + textWidth(note, "note");

/** "12 ranges, 3.2 MiB mapped". */
export function mappedWords(space: AddressSpace): string {
  if (space.stage === "pass-through") return "every address is used as it is";
  if (space.mapped === 0n) return "nothing mapped";
  return `${countWord(space.ranges.length, "range")}, ${bytesWord(space.mapped)} mapped`;
}

/** What the ruler spans: from the first mapped address to the last; all of it for pass-through. */
function extent(space: AddressSpace): { readonly from: bigint; readonly to: bigint } {
  const first = space.ranges[0];
  if (!first) return { from: 0n, to: 1n << 32n };
  let [from, to] = [first.start as bigint, first.start + first.length];
  for (const range of space.ranges) {
    if (range.start < from) from = range.start;
    if (range.start + range.length > to) to = range.start + range.length;
  }
  // A ruler that starts near 0 starts at 0.
  return { from: from < to / 4n ? 0n : from, to };
}

/** Pixel of an address on a ruler, clamped to it. */
export function onRuler(ruler: Ruler, address: bigint): number {
  const span = ruler.to - ruler.from || 1n;
  // Thousandths of a pixel are enough, and keep 64-bit addresses exact until the division.
  const share = Number(((address - ruler.from) * 1_000_000n) / span);
  const scale = scaleLinear([0, 1_000_000], [ruler.box.x, ruler.box.x + ruler.box.w]).clamp(true);
  return scale(share);
}

function spans(space: AddressSpace, ruler: Ruler, hue: number): Shape[] {
  const { box } = ruler;
  const shapes: Shape[] = [rect(box, 2, "ruler")];
  if (space.stage === "pass-through") {
    const middle = box.y + box.h / 2;
    return [...shapes, path(`M${box.x} ${middle}h${box.w}`, `through own-${hue}`)];
  }
  const drawn: { x: number; to: number }[] = [];
  const sorted = [...space.ranges].sort((a, b) => (a.start < b.start ? -1 : 1));
  for (const range of sorted) {
    const x = onRuler(ruler, range.start);
    const to = Math.max(x + 2, onRuler(ruler, range.start + range.length));
    const last = drawn.at(-1);
    if (last && (x <= last.to + 1 || drawn.length >= MOST_SPANS)) last.to = Math.max(last.to, to);
    else drawn.push({ x: Math.min(x, box.x + box.w - 2), to });
  }
  const area = drawn
    .map(({ x, to }) => {
      const [left, right] = [round(x), round(Math.min(to, box.x + box.w))];
      return `M${left} ${box.y}h${round(right - left)}v${box.h}h${-round(right - left)}Z`;
    })
    .join("");
  if (area === "") return shapes;
  const ends = drawn.flatMap(({ x, to }) =>
    to - x < 8
      ? []
      : [`M${round(x)} ${box.y - 3}v${box.h + 6}M${round(to)} ${box.y - 3}v${box.h + 6}`],
  );
  shapes.push(path(area, `span own-${hue}`));
  if (hasPattern(hue)) shapes.push(path(area, `bar-pattern pattern-${hue}`));
  if (ends.length > 0 && ends.length <= 12) shapes.push(path(ends.join(""), `ticks own-${hue}`));
  return shapes;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function rulerEnds(ruler: Ruler, space: AddressSpace): Shape[] {
  const { box } = ruler;
  const y = box.y + box.h + 20;
  if (space.ranges.length === 0) {
    const words = space.stage === "pass-through" ? "same addresses" : "nothing mapped";
    return [text(box.x, y, words, "note", "ink-2")];
  }
  const [from, to] = [endWord(ruler.from), endWord(ruler.to)];
  if (textWidth(from, "note") + textWidth(to, "note") + 8 > box.w) {
    return [text(box.x, y, from === "0" ? `to ${to}` : `from ${from}`, "note", "ink-2")];
  }
  return [
    text(box.x, y, from, "note", "ink-2"),
    text(box.x + box.w, y, to, "note", "ink-2", "end"),
  ];
}

const endWord = (address: bigint): string =>
  address === 0n ? "0" : address % (1n << 28n) === 0n ? bytesWord(address) : hex(address);

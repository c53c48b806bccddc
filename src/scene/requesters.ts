// First column: functions as cards, and what they send with as slots with a port each.
import {
  type Actor,
  type Cast,
  isSingle,
  rankActor,
  ridesOn,
  type SceneInput,
  type Slot,
} from "./cast.ts";
import { choose, type Frame } from "./columns.ts";
import type { Point } from "./curve.ts";
import { markRoom, ownerMark } from "./marks.ts";
import { markWord, PLAIN_OWNER } from "./owners.ts";
import {
  actorSelection,
  actorWords,
  factWordings,
  groupSentences,
  mdevWords,
  slotTitles,
  slotWordings,
} from "./sender-words.ts";
import { circle, type Item, path, rect, type Shape, text } from "./shapes.ts";
import { firstThatFits, textWidth, wrapText } from "./text.ts";
import { countWord, pasidWord } from "./words.ts";

export interface RequesterColumn {
  readonly items: readonly Item[];
  /** Where a request of a slot leaves, by slot id. */
  readonly ports: ReadonlyMap<string, Point>;
}

interface Density {
  readonly gap: number;
  readonly notes: boolean;
  readonly slot: number;
  /** A second line in each slot. */
  readonly slotNotes: boolean;
  /** Height of a card of its own around the lines of its title. */
  readonly around: number;
  /** Room of a mark before a name. */
  readonly mark: number;
}

const ROOMY = { gap: 12, notes: true, slot: 44, slotNotes: true, around: 36 };
const COMPACT = { gap: 6, notes: false, slot: 28, slotNotes: false, around: 14 };
/** With a kernel cards keep the line that says their group as long as they can; each slot keeps it whatever the room. */
const CLOSE = { gap: 4, notes: true, slot: 40, slotNotes: true, around: 28 };
const CLOSEST = { gap: 6, notes: false, slot: 40, slotNotes: true, around: 14 };
const PADDING = 12;
const INSET = 8;
/** Room at the left for the arrow of a slice that sends as its parent. */
const ARROW_INSET = 18;
/** Slots of one function before they are counted instead of drawn. */
const MOST_SLOTS = 8;
const MORE_HEIGHT = 28;

export function requesterColumn(cast: Cast, frame: Frame, input: SceneInput): RequesterColumn {
  const { x, w } = frame.columns[0];
  const room = frame.bottom - frame.top;
  const mark = markRoom(cast.letters);
  const densities = (cast.world ? [ROOMY, CLOSE, CLOSEST] : [ROOMY, COMPACT]).map((one) => ({
    ...one,
    mark,
  }));
  const fits = densities.find((one) => total(cast.actors, w, one) <= room);
  const density = fits ?? (densities.at(-1) as Density);
  const { shown, hidden } = fitting(cast, w, density, room, input);
  const items: Item[] = [];
  const ports = new Map<string, Point>();
  let y = frame.top;
  for (const actor of shown) {
    const built = actorCard(actor, cast, { x, y, w }, density);
    items.push(...built.items);
    for (const [id, point] of built.ports) ports.set(id, point);
    y += cardHeight(actor, w, density) + density.gap;
  }
  if (hidden.length > 0) items.push(moreCard(x, y, w, hidden));
  else {
    const note = groupNote(cast, { x, y: y + 4, w }, frame.bottom);
    if (note) items.push(note);
  }
  return { items, ports };
}

/** What the groups of mdevs hold, where there is room for it below the cards. */
function groupNote(cast: Cast, at: Omit<Item["box"], "h">, bottom: number): Item | null {
  const lines = groupSentences(cast).flatMap((one) => wrapText(one, "note", at.w));
  const box = { ...at, h: 16 * lines.length };
  if (lines.length === 0 || box.y + box.h > bottom) return null;
  const shapes = lines.map((line, index) =>
    text(at.x, at.y + 12 + 16 * index, line, "note", "ink-2"),
  );
  return { id: "groups-note", column: 0, box, shapes, target: null };
}

/** As many cards as fit, the important ones first. */
function fitting(cast: Cast, w: number, density: Density, room: number, input: SceneInput) {
  const rank = (actor: Actor) => rankActor(actor, cast, input.selection);
  for (let count = cast.actors.length; count > 1; count--) {
    const chosen = choose(cast.actors, count, rank);
    const more = chosen.hidden.length > 0 ? MORE_HEIGHT + density.gap : 0;
    if (total(chosen.shown, w, density) + more <= room) return chosen;
  }
  return choose(cast.actors, 2, rank);
}

const total = (actors: readonly Actor[], w: number, density: Density): number =>
  actors.reduce((sum, actor) => sum + cardHeight(actor, w, density) + density.gap, -density.gap);

/** The line under a card's title that says its group and driver. */
const hasFactLine = (actor: Actor, density: Density): boolean =>
  actor.fact !== null && !isSingle(actor) && (density.notes || actor.fact.parent);

/** Names are a step smaller where both room and width are short. */
const nameStyle = (w: number, density: Density): "name" | "strong" =>
  !density.notes && w < 190 ? "strong" : "name";

/** Lines of the title: a name takes the card's width in a roomy card, else what the address leaves. */
function titleLines(actor: Actor, w: number, density: Density): string[] {
  if (actor.name === "") return [actor.bdf];
  const mark = isSingle(actor) ? density.mark : 0;
  const beside = density.notes && isSingle(actor) ? 0 : textWidth(actor.bdf, "bdf") + 6;
  return wrapText(actor.name, nameStyle(w, density), w - 2 * PADDING - mark - beside);
}

function cardHeight(actor: Actor, w: number, density: Density): number {
  const lines = titleLines(actor, w, density).length;
  if (isSingle(actor)) return density.around + 16 * lines;
  const slots = Math.min(actor.slots.length, MOST_SLOTS);
  const head = 20 + 16 * lines + (hasFactLine(actor, density) ? 16 : 0);
  return head + slots * (density.slot + 4) + INSET - 4;
}

function actorCard(
  actor: Actor,
  cast: Cast,
  at: { readonly x: number; readonly y: number; readonly w: number },
  density: Density,
): { items: Item[]; ports: Map<string, Point> } {
  const { x, y, w } = at;
  const h = cardHeight(actor, w, density);
  const lines = titleLines(actor, w, density);
  const only = isSingle(actor) ? actor.slots[0] : undefined;
  const left = x + PADDING + (isSingle(actor) ? density.mark : 0);
  const shapes: Shape[] = [
    rect({ x, y, w, h }, 8, actor.surveyed || actor.fact ? "card" : "card stranger"),
  ];
  lines.forEach((line, index) => {
    const style = actor.name === "" ? "bdf" : nameStyle(w, density);
    shapes.push(text(left, y + 20 + 16 * index, line, style, "ink"));
  });
  const ports = new Map<string, Point>();
  const items: Item[] = [];
  if (isSingle(actor)) {
    const owner = only || !actor.fact ? (only?.owner ?? null) : PLAIN_OWNER;
    shapes.push(...ownerMark(owner, x + PADDING, y + 16, cast.letters));
    if (density.notes) {
      const notes = cardNotes(actor, cast);
      const start = actor.name === "" ? "" : `${actor.bdf}, `;
      const wordings = notes.map((note) => start + note);
      const words = firstThatFits(wordings, "note", w - 2 * PADDING - density.mark);
      shapes.push(text(left, y + h - (density.around > 30 ? 14 : 9), words, "note", "ink-2"));
    } else if (actor.name !== "") {
      shapes.push(text(x + w - PADDING, y + 20, actor.bdf, "bdf", "ink-2", "end"));
    } else {
      const notes = cardNotes(actor, cast);
      const space = w - 2 * PADDING - density.mark - textWidth(actor.bdf, "bdf") - 10;
      const words = firstThatFits(notes, "note", space);
      shapes.push(text(x + w - PADDING, y + 20, words, "note", "ink-2", "end"));
    }
    const port = { x: x + w, y: y + h / 2 };
    if (only || !actor.fact) shapes.push(portShape(only, port));
    for (const slot of actor.slots) ports.set(slot.id, port);
  } else {
    if (actor.name !== "") {
      shapes.push(text(x + w - PADDING, y + 20, actor.bdf, "bdf", "ink", "end"));
    }
    if (hasFactLine(actor, density)) {
      const words = firstThatFits(factWordings(actor), "note", w - 2 * PADDING);
      shapes.push(text(x + PADDING, y + 20 + 16 * lines.length, words, "note", "ink-2"));
    }
  }
  items.push({
    id: actor.id,
    column: 0,
    box: { x, y, w, h },
    shapes,
    ...(isSingle(actor) ? {} : { back: true as const }),
    target: {
      label: actorLabel(actor, cast),
      selection: actorSelection(actor),
    },
  });
  if (!isSingle(actor)) {
    const rows = choose(actor.slots, MOST_SLOTS, (slot) =>
      slot.id === cast.followed ? 0 : slot.problem ? 2 : 1,
    );
    let top = y + 20 + 16 * lines.length + (hasFactLine(actor, density) ? 16 : 0);
    const riding = rows.shown.some((slot) => ridesOn(actor, slot));
    const inset = riding ? ARROW_INSET : INSET;
    for (const slot of rows.shown) {
      const place = { x: x + inset, y: top, w: w - inset - INSET };
      const built = slotCard(slot, actor, cast, place, density);
      const parent = ridesOn(actor, slot);
      const to = parent && items.find((item) => item.id === parent.id)?.box;
      items.push(built.item);
      if (to) items.push(arrowItem(slot, built.item.box, to));
      if (built.port) ports.set(slot.id, built.port);
      top += density.slot + 4;
    }
    if (rows.hidden.length > 0) {
      const words = `and ${countWord(rows.hidden.length, "more PASID")}`;
      const box = { x: x + INSET, y: top, w: w - 2 * INSET, h: density.slot };
      items.push(more(`${actor.id}-more`, 0, box, words));
    }
  }
  return { items, ports };
}

function slotCard(
  slot: Slot,
  actor: Actor,
  cast: Cast,
  at: { readonly x: number; readonly y: number; readonly w: number },
  density: Density,
): { item: Item; port: Point | null } {
  const { mdev } = slot;
  const box = { ...at, h: density.slot };
  const port = { x: at.x + at.w, y: at.y + density.slot / 2 };
  const [title = "", ...shorter] = slotTitles(slot, actor);
  const left = at.x + 9 + density.mark;
  const room = at.x + at.w - left - 8;
  const look = mdev?.isolation === "vendor" ? `slot vendor own-${slot.owner?.hue ?? 0}` : "slot";
  const shapes: Shape[] = [
    rect(box, 6, look),
    ...(slot.owner || slot.sends ? ownerMark(slot.owner, at.x + 9, at.y + 14, cast.letters) : []),
    text(left, at.y + 18, firstThatFits([title, ...shorter], "label", room), "label", "ink"),
  ];
  if (density.slotNotes) {
    const words = cast.world
      ? firstThatFits(slotWordings(slot), "note", room)
      : shortNote(slot.problem ?? domainNote(slot), at.w);
    shapes.push(text(left, at.y + (density.notes ? 34 : 33), words, "note", "ink-2"));
  }
  if (slot.sends) shapes.push(portShape(slot, port));
  const says = mdev ? mdevWords(slot) : slotNote(slot, cast);
  const pasid = { kind: "pasid", requester: actor.requester, pasid: slot.pasid } as const;
  return {
    item: {
      id: slot.id,
      column: 0,
      box,
      shapes,
      target: {
        label: `${title} of ${actor.name || actor.bdf}: ${says}`,
        selection: mdev ? { kind: "object", id: `mdev ${mdev.uuid}` } : pasid,
        ...(mdev && slot.sends ? { also: pasid } : {}),
      },
    },
    port: slot.sends ? port : null,
  };
}

/** From a slice without a port to the way it takes: the parent's own. */
function arrowItem(slot: Slot, from: Item["box"], to: Item["box"]): Item {
  const own = `own-${slot.owner?.hue ?? 0}`;
  const start = from.y + from.h / 2;
  const end = to.y + to.h / 2;
  const x = from.x - 9;
  return {
    id: `rides-${slot.id}`,
    column: 0,
    box: { x, y: end, w: from.x - x, h: start - end },
    shapes: [
      path(`M${from.x} ${start}H${x}V${end}H${to.x - 1}`, `software ${own}`),
      path(`M${to.x - 5} ${end - 3.5}l4 3.5l-4 3.5`, `software-head ${own}`),
    ],
    target: null,
  };
}

const portShape = (slot: Slot | undefined, at: Point): Shape =>
  circle(at.x, at.y, 4, slot?.owner ? `port own-${slot.owner.hue}` : "port refused");

const domainNote = (slot: Slot): string => (slot.entry ? `domain ${slot.entry.domain}` : "");

function slotNote(slot: Slot, cast: Cast): string {
  if (slot.problem) return slot.problem;
  const tag = cast.scalable ? `${pasidWord(slot.pasid)}, ` : "";
  return `${tag}${domainNote(slot)}`;
}

/** Reasons can be long: the card says only that there is one, panels and outline say it whole. */
const shortNote = (note: string, w: number): string =>
  textWidth(note, "note") <= w - 84 ? note : "not usable";

/** Wordings of a single card's second line, the longest first. */
function cardNotes(actor: Actor, cast: Cast): string[] {
  const only = actor.slots[0];
  const notes = only ? [slotNote(only, cast), domainNote(only)].filter(Boolean) : [];
  if (actor.fact) return [...factWordings(actor, only ? domainNote(only) : "no tables"), ...notes];
  return [...notes, "not usable"];
}

function actorLabel(actor: Actor, cast: Cast): string {
  if (actor.fact) return actorWords(actor);
  const name = actor.name === "" ? actor.bdf : `${actor.name}, ${actor.bdf}`;
  if (!actor.surveyed) return `${name}, not in the tables`;
  const only = actor.slots[0];
  if (!only) return `${name}, ${actor.surveyed.problem ?? "no entry in use"}`;
  if (actor.slots.length > 1)
    return `${name}, ${countWord(actor.slots.length, "entry", "entries")}`;
  const mark = only.owner ? `, mark ${markWord(only.owner)}` : "";
  return `${name}, ${slotNote(only, cast)}${mark}`;
}

/** The line that stands for what there was no room for. */
export function more(id: string, column: number, box: Item["box"], words: string): Item {
  return {
    id,
    column,
    box,
    shapes: [rect(box, 6, "more"), text(box.x + 12, box.y + box.h / 2 + 4, words, "note", "ink-2")],
    target: { label: `${words}, listed in the outline`, selection: null },
  };
}

function moreCard(x: number, y: number, w: number, hidden: readonly Actor[]): Item {
  const words = `and ${countWord(hidden.length, "more function")}`;
  return more("functions-more", 0, { x, y, w, h: MORE_HEIGHT }, words);
}

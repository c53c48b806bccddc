// First column: functions as cards, and what they send with as slots with a port each.
import { type Actor, type Cast, rankActor, type SceneInput, type Slot } from "./cast.ts";
import { choose, type Frame } from "./columns.ts";
import type { Point } from "./curve.ts";
import { markRoom, ownerMark } from "./marks.ts";
import { markWord } from "./owners.ts";
import { circle, type Item, rect, type Shape, text } from "./shapes.ts";
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
  /** Room of a mark before a name. */
  readonly mark: number;
}

const ROOMY = { gap: 12, notes: true, slot: 44 };
const COMPACT = { gap: 6, notes: false, slot: 28 };
const PADDING = 12;
const INSET = 8;
/** Slots of one function before they are counted instead of drawn. */
const MOST_SLOTS = 8;
const MORE_HEIGHT = 28;

export function requesterColumn(cast: Cast, frame: Frame, input: SceneInput): RequesterColumn {
  const { x, w } = frame.columns[0];
  const room = frame.bottom - frame.top;
  const mark = markRoom(cast.letters);
  const roomy = { ...ROOMY, mark };
  const density = total(cast.actors, w, roomy) <= room ? roomy : { ...COMPACT, mark };
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
  return { items, ports };
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

const single = (actor: Actor): boolean => actor.slots.length <= 1;

/** Names are a step smaller where both room and width are short. */
const nameStyle = (w: number, density: Density): "name" | "strong" =>
  !density.notes && w < 190 ? "strong" : "name";

/** Lines of the title: a name takes the card's width in a roomy card, else what the address leaves. */
function titleLines(actor: Actor, w: number, density: Density): string[] {
  if (actor.name === "") return [actor.bdf];
  const mark = single(actor) ? density.mark : 0;
  const beside = density.notes && single(actor) ? 0 : textWidth(actor.bdf, "bdf") + 6;
  return wrapText(actor.name, nameStyle(w, density), w - 2 * PADDING - mark - beside);
}

function cardHeight(actor: Actor, w: number, density: Density): number {
  const lines = titleLines(actor, w, density).length;
  if (single(actor)) return (density.notes ? 36 : 14) + 16 * lines;
  const slots = Math.min(actor.slots.length, MOST_SLOTS);
  return 20 + 16 * lines + slots * (density.slot + 4) + INSET - 4;
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
  const only = single(actor) ? actor.slots[0] : undefined;
  const left = x + PADDING + (single(actor) ? density.mark : 0);
  const shapes: Shape[] = [rect({ x, y, w, h }, 8, actor.surveyed ? "card" : "card stranger")];
  lines.forEach((line, index) => {
    const style = actor.name === "" ? "bdf" : nameStyle(w, density);
    shapes.push(text(left, y + 20 + 16 * index, line, style, "ink"));
  });
  const ports = new Map<string, Point>();
  const items: Item[] = [];
  if (single(actor)) {
    shapes.push(...ownerMark(only?.owner ?? null, x + PADDING, y + 16, cast.letters));
    if (density.notes) {
      const notes = only ? [slotNote(only, cast), domainNote(only)].filter(Boolean) : [];
      const start = actor.name === "" ? "" : `${actor.bdf}, `;
      const wordings = [...notes, "not usable"].map((note) => start + note);
      const words = firstThatFits(wordings, "note", w - 2 * PADDING - density.mark);
      shapes.push(text(left, y + h - 14, words, "note", "ink-2"));
    } else if (actor.name !== "") {
      shapes.push(text(x + w - PADDING, y + 20, actor.bdf, "bdf", "ink-2", "end"));
    } else {
      const notes = only ? [slotNote(only, cast), domainNote(only)].filter(Boolean) : [];
      const space = w - 2 * PADDING - density.mark - textWidth(actor.bdf, "bdf") - 10;
      const words = firstThatFits([...notes, "not usable"], "note", space);
      shapes.push(text(x + w - PADDING, y + 20, words, "note", "ink-2", "end"));
    }
    const port = { x: x + w, y: y + h / 2 };
    shapes.push(portShape(only, port));
    for (const slot of actor.slots) ports.set(slot.id, port);
  } else {
    if (actor.name !== "") {
      shapes.push(text(x + w - PADDING, y + 20, actor.bdf, "bdf", "ink", "end"));
    }
  }
  items.push({
    id: actor.id,
    column: 0,
    box: { x, y, w, h },
    shapes,
    ...(single(actor) ? {} : { back: true as const }),
    target: {
      label: actorLabel(actor, cast),
      selection: { kind: "requester", requester: actor.requester },
    },
  });
  if (!single(actor)) {
    const rows = choose(actor.slots, MOST_SLOTS, (slot) =>
      slot.id === cast.followed ? 0 : slot.problem ? 2 : 1,
    );
    let top = y + 20 + 16 * lines.length;
    for (const slot of rows.shown) {
      const built = slotCard(
        slot,
        actor,
        cast,
        { x: x + INSET, y: top, w: w - 2 * INSET },
        density,
      );
      items.push(built.item);
      ports.set(slot.id, built.port);
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
): { item: Item; port: Point } {
  const box = { ...at, h: density.slot };
  const port = { x: at.x + at.w, y: at.y + density.slot / 2 };
  const title = pasidWord(slot.pasid);
  const note = slot.problem ?? domainNote(slot);
  const shapes: Shape[] = [
    rect(box, 6, "slot"),
    ...ownerMark(slot.owner, at.x + 9, at.y + 14, cast.letters),
    text(at.x + 9 + density.mark, at.y + 18, title, "label", "ink"),
  ];
  if (density.notes)
    shapes.push(text(at.x + 9 + density.mark, at.y + 34, shortNote(note, at.w), "note", "ink-2"));
  shapes.push(portShape(slot, port));
  return {
    item: {
      id: slot.id,
      column: 0,
      box,
      shapes,
      target: {
        label: `${title} of ${actor.name || actor.bdf}: ${slotNote(slot, cast)}`,
        selection: { kind: "pasid", requester: actor.requester, pasid: slot.pasid },
      },
    },
    port,
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

function actorLabel(actor: Actor, cast: Cast): string {
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

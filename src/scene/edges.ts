// Lines of the stage: from a port to the entry that serves it, on to its address space, on to its pages.
import { type Actor, type Cast, isSingle, ridesOn, type SceneInput, type Slot } from "./cast.ts";
import { type Curve, connector, pointAt } from "./curve.ts";
import type { MemoryColumn } from "./memory-bands.ts";
import { markPath, type Owner } from "./owners.ts";
import type { RequesterColumn } from "./requesters.ts";
import type { Link } from "./shapes.ts";
import type { SpaceColumn } from "./spaces.ts";
import { isRest, type UnitColumn } from "./unit.ts";

export interface Edge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly curve: Curve;
  /** Null: nobody's, because the entry cannot be used. */
  readonly owner: Owner | null;
  /** Mark halfway, where there are more than two owners; empty otherwise. */
  readonly bead: string;
}

export interface Columns {
  readonly requesters: RequesterColumn;
  readonly unit: UnitColumn;
  readonly spaces: SpaceColumn;
  readonly memory: MemoryColumn;
}

export function edgesOf(
  cast: Cast,
  columns: Columns,
  input: SceneInput,
): { edges: Edge[]; links: Link[] } {
  const { requesters, unit, spaces, memory } = columns;
  const edges = new Map<string, Edge>();
  const add = (
    from: { readonly item: string; readonly at: { x: number; y: number } },
    to: { readonly item: string; readonly at: { x: number; y: number } },
    owner: Owner | null,
  ) => {
    const id = `${from.item}>${to.item}`;
    if (edges.has(id)) return;
    edges.set(id, {
      id,
      from: from.item,
      to: to.item,
      curve: connector(from.at, to.at),
      owner,
      bead: "",
    });
  };
  for (const actor of cast.actors) {
    for (const slot of actor.slots) {
      const port = requesters.ports.get(slot.id);
      const row = unit.rows.get(slot.id);
      const source = isSingle(actor) ? actor.id : slot.id;
      if (!row) continue;
      const leads = slot.entry !== null || (slot.mdev !== null && slot.sends);
      if (port && leads && !isFollowed(actor, slot, cast))
        add({ item: source, at: port }, { item: row.item, at: row.in }, slot.owner);
      const space = slot.space && spaces.spaces.get(slot.space.id);
      if (space)
        add({ item: row.item, at: row.out }, { item: space.item, at: space.in }, slot.owner);
    }
  }
  for (const band of memory.bands) {
    for (const id of band.holding.spaces) {
      const space = spaces.spaces.get(id);
      if (space)
        add(
          { item: space.item, at: space.out },
          { item: band.item, at: band.in },
          cast.ownerOf(id),
        );
    }
  }
  const list = [...edges.values()];
  const links = linksOf(cast, columns, list);
  if (input.survey.mode === "remapping off") return { edges: [], links };
  return { edges: list, links };
}

/** The followed request has a line of its own, through the tables. */
const isFollowed = (actor: Actor, slot: Slot, cast: Cast): boolean =>
  actor === cast.focus && slot.id === cast.followed;

/** With more than two owners each line carries its mark halfway, as long as there is `room` for so many elements. */
export function withBeads(edges: readonly Edge[], room: number): readonly Edge[] {
  const owners = new Set(edges.flatMap((edge) => edge.owner?.index ?? []));
  return owners.size > 2 && edges.length <= room ? edges.map(withBead) : edges;
}

/** Lines are links, except at a row that stands for several entries: each of those leads to its own space only. */
function linksOf(cast: Cast, columns: Columns, edges: readonly Edge[]): Link[] {
  const links: Link[] = edges.map(({ from, to }) => ({ from, to, ends: false }));
  const drawn = new Set(edges.map((edge) => edge.id));
  for (const actor of cast.actors) {
    for (const slot of actor.slots) {
      const row = columns.unit.rows.get(slot.id);
      const source = isSingle(actor) ? actor.id : slot.id;
      if (row && slot.entry && !drawn.has(`${source}>${row.item}`)) {
        links.push({ from: source, to: row.item, ends: false });
      }
    }
    const several = !isSingle(actor);
    for (const slot of actor.slots) {
      const source = several ? slot.id : actor.id;
      const parent = ridesOn(actor, slot);
      if (parent) links.push({ from: slot.id, to: parent.id, ends: false });
      if (several) links.push({ from: actor.id, to: slot.id, ends: false });
      const row = columns.unit.rows.get(slot.id)?.item;
      const shared = (row !== undefined && isRest(row)) || (several && actor !== cast.focus);
      if (!shared || !row) continue;
      const at = links.findIndex((link) => link.from === source && link.to === row);
      if (at >= 0) links[at] = { from: source, to: row, ends: true };
      const space = slot.space && columns.spaces.spaces.get(slot.space.id);
      if (space) links.push({ from: source, to: space.item, ends: false });
    }
  }
  return links;
}

function withBead(edge: Edge): Edge {
  if (!edge.owner || edge.curve.length < 30) return edge;
  const middle = pointAt(edge.curve, 0.5);
  return { ...edge, bead: markPath(edge.owner, middle.x, middle.y, 4) };
}

/** Everything that leads to `id` or that it leads to, itself included. */
export function relatedTo(id: string, links: readonly Link[]): ReadonlySet<string> {
  const found = new Set([id]);
  const follow = (start: string, from: "from" | "to", to: "from" | "to") => {
    const waiting = [start];
    const seen = new Set(waiting);
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      for (const link of links) {
        if (link[from] !== one || seen.has(link[to])) continue;
        seen.add(link[to]);
        found.add(link[to]);
        if (!link.ends) waiting.push(link[to]);
      }
    }
  };
  follow(id, "from", "to");
  follow(id, "to", "from");
  return found;
}

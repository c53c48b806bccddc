// The stage as a tree: everything that is drawn, and what the drawing had no room for, with exact counts.

import { hex, pasidHex } from "../base/hex.ts";
import type { CacheEntry } from "../hardware/vtd/types.ts";
import type { AddressSpace, TableRole } from "../session/types.ts";
import { CACHE_WORD, gauges } from "./caches.ts";
import { type Actor, type Cast, castOf, isSingle, type SceneInput, type Slot } from "./cast.ts";
import { holdingsOf } from "./memory-bands.ts";
import type { Owner } from "./owners.ts";
import type { Selection } from "./selection.ts";
import { actorSelection, factWordings, mdevNote, slotTitles } from "./sender-words.ts";
import { mappedWords, spaceName } from "./spaces.ts";
import { bytesWord, capital, countWord, digitsWord, pasidWord, stageWord } from "./words.ts";
import { groupsOf } from "./world-facts.ts";

export interface OutlineNode {
  readonly id: string;
  readonly label: string;
  /** Short fact at the right. */
  readonly note: string;
  readonly owner: Owner | null;
  /** The thing cannot be used, or is stale. */
  readonly refused: boolean;
  readonly selection: Selection | null;
  readonly children: readonly OutlineNode[];
}

/** Children of one node before they are counted instead of listed. */
const MOST = 200;

const node = (
  id: string,
  label: string,
  note: string,
  rest: Partial<OutlineNode> = {},
): OutlineNode => ({
  id,
  label,
  note,
  owner: null,
  refused: false,
  selection: null,
  children: [],
  ...rest,
});

export function outlineOf(input: SceneInput): OutlineNode[] {
  const cast = castOf(input);
  return [
    node("requesters", "Requesters", digitsWord(cast.actors.length), {
      children: limited("requesters", cast.actors, (actor) => actorNode(actor, cast)),
    }),
    ...groupNodes(cast),
    node("unit", "Remapping unit", modeWord(input), { children: unitNodes(input, cast) }),
    node("spaces", "Address spaces", digitsWord(cast.spaces.length), {
      children: limited("spaces", cast.spaces, (space) => spaceNode(space, cast)),
    }),
    node("memory", "Host memory", "", {
      children: holdingsOf(input, cast).map((one) =>
        node(`memory-${one.id}`, one.name, countWord(one.count, "page"), {
          owner: one.owner,
          selection: one.pages[0]
            ? { kind: "memory", address: (one.pages[0].first * 4096n) as never }
            : null,
        }),
      ),
    }),
  ];
}

const modeWord = (input: SceneInput): string =>
  input.survey.mode === "legacy" || input.survey.mode === "scalable"
    ? `${input.survey.mode} mode`
    : input.survey.mode;

function limited<T>(
  id: string,
  items: readonly T[],
  make: (item: T, at: number) => OutlineNode,
): OutlineNode[] {
  const nodes = items.slice(0, MOST).map(make);
  if (items.length > MOST) {
    nodes.push(node(`${id}-more`, `and ${digitsWord(items.length - MOST)} more`, ""));
  }
  return nodes;
}

/** IOMMU groups with their members, by number; none in an image. */
function groupNodes({ world }: Cast): OutlineNode[] {
  const groups = groupsOf(world);
  if (groups.length === 0) return [];
  const children = groups.map(({ number, members }) =>
    node(`group-${number}`, `Group ${number}`, countWord(members.length, "device"), {
      selection: { kind: "object", id: `group ${number}` },
      children: members.map(({ name, selection }) =>
        node(`group-${number}-${name}`, name, "", { selection }),
      ),
    }),
  );
  return [node("groups", "IOMMU groups", digitsWord(groups.length), { children })];
}

/** A function or a parent of a running machine: its own way, its mdevs, and what else its tables hold. */
function factNode(actor: Actor): OutlineNode {
  const label = [actor.bdf, actor.name].filter(Boolean).join(" ");
  const note = actor.surveyed?.problem ?? factWordings(actor)[0] ?? "";
  return node(actor.id, label, note, {
    selection: actorSelection(actor),
    owner: isSingle(actor) ? (actor.slots[0]?.owner ?? null) : null,
    refused: Boolean(actor.surveyed?.problem),
    children: limited(actor.id, actor.slots, (slot) =>
      slot.mdev
        ? node(slot.id, `mdev ${slot.mdev.uuid}`, slot.problem ?? mdevNote(slot), {
            owner: slot.owner,
            refused: slot.problem !== null,
            selection: { kind: "object", id: `mdev ${slot.mdev.uuid}` },
          })
        : node(slot.id, slotTitles(slot, actor)[0] ?? "", slot.problem ?? domainNote(slot), {
            owner: slot.owner,
            refused: slot.problem !== null,
            selection: { kind: "pasid", requester: actor.requester, pasid: slot.pasid },
          }),
    ),
  });
}

function actorNode(actor: Actor, cast: Cast): OutlineNode {
  if (actor.fact) return factNode(actor);
  const only = actor.slots.length === 1 ? actor.slots[0] : undefined;
  const label = actor.name === "" ? actor.bdf : `${actor.bdf} ${actor.name}`;
  const problem = actor.surveyed ? actor.surveyed.problem : "not in the tables";
  const selection: Selection = { kind: "requester", requester: actor.requester };
  const base = { selection, owner: only?.owner ?? null };
  if (only && !actor.surveyed?.problem) {
    return node(actor.id, label, only.problem ?? slotNote(only, cast), {
      ...base,
      refused: only.problem !== null,
    });
  }
  return node(actor.id, label, problem ?? countWord(actor.slots.length, "entry", "entries"), {
    ...base,
    refused: problem !== null,
    children: limited(actor.id, actor.slots, (slot) =>
      node(slot.id, pasidWord(slot.pasid), slot.problem ?? domainNote(slot), {
        owner: slot.owner,
        refused: slot.problem !== null,
        selection: { kind: "pasid", requester: actor.requester, pasid: slot.pasid },
      }),
    ),
  });
}

const domainNote = (slot: Slot): string =>
  slot.entry ? `domain ${slot.entry.domain}` : "no entry";

function slotNote(slot: Slot, cast: Cast): string {
  const tag = cast.scalable && slot.pasid === null ? "no PASID, " : "";
  return tag + domainNote(slot);
}

function unitNodes(input: SceneInput, cast: Cast): OutlineNode[] {
  const tables = cast.actors.filter((actor) => actor.surveyed);
  return [
    node("tables", "Tables in memory", countWord(input.survey.tables.length, "page"), {
      children: rolesOf(input),
    }),
    ...limited("entries", tables, (actor) => entriesNode(actor, cast)),
    ...gauges(input, cast).map((gauge) => {
      const own = input.cacheEntries.filter((entry) => entry.cache === gauge.cache);
      const note = `${gauge.used} of ${gauge.size}`;
      return node(
        `cache-${gauge.cache}`,
        `${CACHE_WORD[gauge.cache]} cache`,
        gauge.stale > 0 ? `${note}, ${gauge.stale} stale` : note,
        {
          refused: gauge.stale > 0,
          children: limited(`cache-${gauge.cache}`, own, (entry) => cacheNode(entry, input)),
        },
      );
    }),
  ];
}

function rolesOf(input: SceneInput): OutlineNode[] {
  const counts = new Map<TableRole, number>();
  for (const { role } of input.survey.tables) counts.set(role, (counts.get(role) ?? 0) + 1);
  return [...counts].map(([role, count]) => {
    const first = input.survey.tables.find((table) => table.role === role);
    const label = capital(role);
    return node(`role-${role}`, label, countWord(count, "page"), {
      selection: first ? { kind: "memory", address: first.address } : null,
    });
  });
}

function entriesNode(actor: Actor, cast: Cast): OutlineNode {
  const title = actor.name === "" ? actor.bdf : `${actor.bdf} ${actor.name}`;
  const slots = actor.slots.filter((slot) => slot.entry);
  return node(
    `tables-${actor.id}`,
    `Tables of ${title}`,
    countWord(slots.length, "entry", "entries"),
    {
      selection: actor.surveyed
        ? {
            kind: "entry",
            table: "context entry",
            level: null,
            address: actor.surveyed.contextAddress,
          }
        : null,
      children: limited(`tables-${actor.id}`, slots, (slot) => {
        const entry = slot.entry;
        const number = cast.scalable ? pasidHex(entry?.pasid ?? 0) : "Context entry";
        const stage = entry?.stage ?? "not usable";
        return node(
          `entry-${slot.id}`,
          `${number} ${stage}`,
          slot.problem ?? `DID ${entry?.domain}`,
          {
            owner: slot.owner,
            refused: slot.problem !== null,
            selection: entry
              ? {
                  kind: "entry",
                  table: cast.scalable ? "PASID table entry" : "context entry",
                  level: null,
                  address: entry.address,
                }
              : null,
          },
        );
      }),
    },
  );
}

function cacheNode(entry: CacheEntry, input: SceneInput): OutlineNode {
  const stale = input.stale.find((one) => one.cache === entry.cache && one.slot === entry.slot);
  const domain = entry.domain === null ? "" : `DID ${entry.domain}`;
  const what =
    entry.cache === "iotlb" || entry.cache === "paging"
      ? hex(entry.address)
      : entry.pasid === null
        ? domain
        : pasidWord(entry.pasid);
  return node(
    `cache-${entry.cache}-${entry.slot}`,
    `Slot ${entry.slot}: ${what || "in use"}`,
    stale ? `stale: ${stale.now}` : what === domain ? "" : domain,
    {
      refused: stale !== undefined,
      selection: { kind: "cache entry", cache: entry.cache, slot: entry.slot },
    },
  );
}

function spaceNode(space: AddressSpace, cast: Cast): OutlineNode {
  return node(
    `space-${space.id}`,
    `${spaceName(space, cast)}, ${stageWord(space)}`,
    mappedWords(space),
    {
      owner: cast.ownerOf(space.id),
      selection: { kind: "space", id: space.id },
      children: limited(`space-${space.id}`, space.ranges, (range, at) => {
        const rights = [range.read ? "R" : "", range.write ? "W" : ""].filter(Boolean).join(" ");
        return node(
          `range-${space.id}-${at}`,
          `${hex(range.start)} to ${hex(range.target)}`,
          `${bytesWord(range.length)}, ${rights || "no access"}`,
          { selection: { kind: "memory", address: range.target } },
        );
      }),
    },
  );
}

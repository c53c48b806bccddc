// Which invalidations suffice after an edit (sections 6.5.2 and Table 28), several ways for each.
import type { Command } from "./cache-commands.ts";
import {
  DEVICES,
  DOMAINS,
  type Editable,
  SPACES_OF_PASID,
  type SpaceName,
} from "./cache-lab-types.ts";

const EVERY_DOMAIN: readonly number[] = [...new Set(Object.values(DOMAINS))];

const contextAll: Command = { type: "context", scope: "global" };
const pasidAll: Command = { type: "pasid", scope: "global" };
const iotlbAll: Command = { type: "iotlb", scope: "global" };
const iotlbDomain = (domain: number): Command => ({ type: "iotlb", scope: "domain", domain });
const pasidDomain = (domain: number): Command => ({ type: "pasid", scope: "domain", domain });

/** Whether caches may hold the entry: one that is not present is never cached with CM=0. */
export function mayBeCached(editable: Editable, old: readonly bigint[]): boolean {
  const [word = 0n] = old;
  return (word & (editable.what.table === "second" ? 3n : 1n)) !== 0n;
}

/** PASID cache and IOTLB of every address space a device may have used. */
const everySpace: readonly (readonly Command[])[] = [
  [pasidAll, iotlbAll],
  [...EVERY_DOMAIN.map(pasidDomain), iotlbAll],
  [pasidAll, ...EVERY_DOMAIN.map(iotlbDomain)],
];

const usersOf = (space: SpaceName): number[] =>
  SPACES_OF_PASID.flatMap((spaces, pasid) => (spaces.includes(space) ? [pasid] : []));

/** Sequences of commands, each of which suffices after `old` was replaced. */
export function sufficientFlushes(
  editable: Editable,
  old: readonly bigint[],
  legacy: boolean,
): readonly (readonly Command[])[] {
  const { what } = editable;
  switch (what.table) {
    case "root":
      return [legacy ? [contextAll, iotlbAll] : [contextAll, pasidAll, iotlbAll]];
    case "context":
      return contextFlushes(DEVICES[what.device] ?? 0, old, legacy);
    case "directory":
      return everySpace;
    case "pasid":
      return pasidFlushes(old, what.pasid);
    case "first":
      return firstStageFlushes(what, old);
    case "second":
      return secondStageFlushes(what, old);
  }
}

function contextFlushes(
  requester: number,
  old: readonly bigint[],
  legacy: boolean,
): readonly (readonly Command[])[] {
  const domain = Number(((old[1] ?? 0n) >> 8n) & 0xffffn);
  const device = (functionMask: number): Command => ({
    type: "context",
    scope: "device",
    domain: legacy ? domain : 0,
    requester,
    functionMask,
  });
  const contexts: readonly Command[] = [
    device(0),
    device(3),
    { type: "context", scope: "domain", domain },
    contextAll,
  ];
  const rest = legacy ? [[iotlbDomain(domain)], [iotlbAll]] : everySpace;
  return contexts.flatMap((first) => rest.map((then) => [first, ...then]));
}

function pasidFlushes(old: readonly bigint[], pasid: number): readonly (readonly Command[])[] {
  const domain = Number((old[1] ?? 0n) & 0xffffn);
  const type = ((old[0] ?? 0n) >> 6n) & 7n;
  const one: Command = { type: "pasid", scope: "one", domain, pasid };
  const narrow: Command =
    type === 1n || type === 4n
      ? { type: "pasid iotlb", scope: "all", domain, pasid }
      : iotlbDomain(domain);
  return [
    [one, narrow],
    [pasidDomain(domain), narrow],
    [pasidAll, iotlbDomain(domain)],
    [one, iotlbAll],
  ];
}

type PagingEdit = Extract<Editable["what"], { table: "first" | "second" }>;

/** Whether the old entry mapped a page, so that no table pointer of it can be cached. */
const wasLeaf = (what: PagingEdit, [word = 0n]: readonly bigint[]): boolean =>
  what.level === 1 || (what.level <= 3 && (word & 0x80n) !== 0n);

function firstStageFlushes(
  what: PagingEdit,
  old: readonly bigint[],
): readonly (readonly Command[])[] {
  const domain = DOMAINS[what.space];
  const users = usersOf(what.space);
  const ways: Command[][] = [
    users.map((pasid) => ({ type: "pasid iotlb", scope: "all", domain, pasid })),
    [iotlbDomain(domain)],
    [iotlbAll],
  ];
  const ranged = (leafOnly: boolean): Command[] =>
    users.map((pasid) => ({
      type: "pasid iotlb",
      scope: "page",
      domain,
      pasid,
      address: what.start,
      mask: 9 * (what.level - 1),
      leafOnly,
    }));
  if (what.level <= 3) ways.push(ranged(false));
  if (wasLeaf(what, old)) ways.push(ranged(true));
  return ways;
}

function secondStageFlushes(
  what: PagingEdit,
  old: readonly bigint[],
): readonly (readonly Command[])[] {
  const domain = DOMAINS[what.space];
  const ranged = (leafOnly: boolean): Command => ({
    type: "iotlb",
    scope: "page",
    domain,
    address: what.start,
    mask: 9 * (what.level - 1),
    leafOnly,
  });
  const ways: Command[][] = [[iotlbDomain(domain)], [iotlbAll]];
  if (what.level <= 3) ways.push([ranged(false)]);
  if (wasLeaf(what, old)) ways.push([ranged(true)]);
  return ways;
}

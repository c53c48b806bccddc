// Hardware checks of isolation: which owner's pages each requester and PASID reaches, by tables and by caches.
import { hpa } from "../../base/brand.ts";
import { hex, plainHex } from "../../base/hex.ts";
import { type Evidence, judge, plural } from "./findings.ts";
import { eachPage, placeOf, type Reach, reachOf, type Tag, tagName } from "./reach.ts";
import { inseparable } from "./topology.ts";
import type { HardwareCheck, HardwareView } from "./types.ts";

type Tenant = HardwareView["ledger"]["tenants"][number];
type Holder = Pick<Tenant, "process" | "mdev">;

/** What the ledger grants, each set made once: asked for every page, and a VM may have many. */
function grantsOf({ ledger }: HardwareView) {
  const made = new Map<string, ReadonlySet<number>>();
  return (what: "mapped" | "writable", { process, mdev }: Holder): ReadonlySet<number> => {
    const key = `${what} ${process} ${mdev}`;
    const frames = made.get(key) ?? ledger[what](process, mdev);
    made.set(key, frames);
    return frames;
  };
}

const tenantsOf = (view: HardwareView, tag: Tag): readonly Tenant[] =>
  view.ledger.tenants.filter(
    ({ requester, pasid }) => requester === tag.requester && pasid === tag.pasid,
  );

const name = (tag: Pick<Tag, "requester" | "pasid">): string => tagName(tag.requester, tag.pasid);

const through = ({ through: way }: Reach): string =>
  way === "tables" ? "by the tables" : `by the ${way}, which the tables contradict`;

const reachText = (tag: Tag, frame: number, reach: Reach, owner: string): string =>
  `${name(tag)} reaches page ${hex(frame * 4096)} of ${owner} ${through(reach)}`;

export const PASID_REACHES_ITS_OWNER: HardwareCheck = {
  id: "pasid-reaches-its-owner",
  kind: "hardware",
  title: "Each PASID reaches exactly its owner's pages",
  asks: "Of every PASID in tables and caches: are the pages it reaches those that the owner of its queue mapped, all of them and no others?",
  takes: [],
  evaluate(view) {
    const against: Evidence[] = [];
    let pages = 0;
    let tags = 0;
    const reach = reachOf(view);
    const grants = grantsOf(view);
    for (const tag of reach.values()) {
      if (tag.pasid === null) continue;
      tags++;
      const place = placeOf(tag.requester, tag.pasid);
      if (tag.everything) against.push({ text: `${name(tag)} reaches all of memory`, place });
      const tenants = tenantsOf(view, tag);
      const seen = new Set<string>();
      eachPage(tag, (frame, one) => {
        pages++;
        const owner = view.ledger.ownerOf(frame);
        seen.add(owner);
        const holders = tenants.length > 0 ? tenants : [{ process: owner, mdev: null }];
        const granted =
          holders.some((by) => grants("mapped", by).has(frame)) &&
          (tenants.length > 0 || seen.size === 1);
        if (!granted) against.push({ text: reachText(tag, frame, one, owner), place });
        if (!granted || !one.write) return;
        if (holders.some((by) => grants("writable", by).has(frame))) return;
        const text = `${name(tag)} may write page ${hex(frame * 4096)} of ${owner} ${through(one)}; it was mapped for reading`;
        against.push({ text, place });
      });
    }
    for (const tenant of view.ledger.tenants) {
      if (tenant.pasid === null) continue;
      const tag = reach.get(tagName(tenant.requester, tenant.pasid));
      const reached = new Set<number>();
      if (tag) eachPage(tag, (frame) => reached.add(frame));
      if (tag?.everything) continue;
      for (const frame of grants("mapped", tenant)) {
        if (reached.has(frame)) continue;
        against.push({
          text: `${tagName(tenant.requester, tenant.pasid)} does not reach page ${hex(frame * 4096)}, which ${tenant.process} mapped`,
          place: placeOf(tenant.requester, tenant.pasid),
        });
      }
    }
    return judge(
      `${plural(tags, "PASID")} ${tags === 1 ? "reaches" : "reach"} ${plural(pages, "page")}`,
      against,
    );
  },
};

export const UNMAPPED_IS_UNREACHABLE: HardwareCheck = {
  id: "unmapped-is-unreachable",
  kind: "hardware",
  title: "What was unmapped is out of reach",
  asks: "Of every page whose unmap returned: do neither tables nor caches give it to a device that no longer may?",
  takes: [],
  evaluate(view) {
    const against: Evidence[] = [];
    const gone = new Map<number, string>();
    const grants = grantsOf(view);
    for (const { process, frames } of view.ledger.unmapped) {
      for (const frame of frames) gone.set(frame, process);
    }
    for (const tag of reachOf(view).values()) {
      const tenants = tenantsOf(view, tag);
      eachPage(tag, (frame, one) => {
        const before = gone.get(frame);
        if (before === undefined) return;
        const owner = view.ledger.ownerOf(frame);
        const holders = tenants.length > 0 ? tenants : [{ process: owner, mdev: null }];
        if (holders.some((by) => grants("mapped", by).has(frame))) return;
        // A freed page may by now serve the host, whose own mappings carry no PASID.
        const host = tag.pasid === null && owner === "kernel" && one.through === "tables";
        if (host) return;
        const now = owner === before ? "" : `, which now belongs to ${owner}`;
        against.push({
          text: `${name(tag)} still reaches page ${hex(frame * 4096)}, unmapped by ${before}${now}, ${through(one)}`,
          place: placeOf(tag.requester, tag.pasid),
        });
      });
    }
    return judge(`${plural(gone.size, "page")} unmapped and not mapped again`, against);
  },
};

export const VENDOR_MDEV_KEPT_BY_TABLES: HardwareCheck = {
  id: "vendor-mdev-kept-by-tables",
  kind: "hardware",
  title: "Tables keep a vendor-isolated mdev from others' pages",
  asks: "Of every mdev whose queue works without PASID: do the tables of its parent hold pages of its own VM alone?",
  takes: [],
  evaluate(view) {
    const against: Evidence[] = [];
    const vendor = view.ledger.tenants.filter(({ pasid, mdev }) => pasid === null && mdev !== null);
    const reach = reachOf(view);
    for (const { requester, process, mdev } of vendor) {
      const tag = reach.get(tagName(requester, null));
      if (!tag) continue;
      const place = placeOf(requester, null);
      if (tag.everything) against.push({ text: `mdev ${mdev} reaches all of memory`, place });
      const counts = new Map<string, number>();
      eachPage(tag, (frame) => {
        const owner = view.ledger.ownerOf(frame);
        if (owner !== process) counts.set(owner, (counts.get(owner) ?? 0) + 1);
      });
      for (const [owner, count] of counts) {
        against.push({
          text: `mdev ${mdev} of ${process} reaches ${plural(count, "page")} of ${owner} through ${name({ requester, pasid: null })}`,
          place,
        });
      }
    }
    return judge(`${plural(vendor.length, "vendor-isolated mdev")}`, against);
  },
};

export const GROUPS_OWNED_WHOLE: HardwareCheck = {
  id: "groups-owned-whole",
  kind: "hardware",
  title: "Functions that cannot be kept apart have one owner",
  asks: "Of every set of functions that the fabric cannot keep apart: does one process that holds one of them hold whatever the others reach?",
  takes: [],
  evaluate(view) {
    const against: Evidence[] = [];
    const sets = view.platform ? inseparable(view.platform) : [];
    const reach = reachOf(view);
    for (const set of sets) {
      const whole = view.ledger.tenants.filter(
        ({ requester, mdev }) => mdev === null && set.includes(requester),
      );
      const owners = new Set(whole.map(({ process }) => process));
      if (owners.size === 0) continue;
      if (owners.size > 1) {
        const text = `${[...owners].join(" and ")} hold functions that cannot be kept apart`;
        against.push({ text, place: null });
        continue;
      }
      const [owner = ""] = owners;
      for (const tag of reach.values()) {
        if (!set.includes(tag.requester)) continue;
        const place = placeOf(tag.requester, tag.pasid);
        if (tag.everything) against.push({ text: `${name(tag)} reaches all of memory`, place });
        eachPage(tag, (frame, one) => {
          const of = view.ledger.ownerOf(frame);
          if (of !== owner) against.push({ text: reachText(tag, frame, one, of), place });
        });
      }
    }
    const shared = sets.filter((set) => set.length > 1).length;
    return judge(
      `${plural(sets.length, "set")} of functions, ${shared} with more than one`,
      against,
    );
  },
};

/** Pages that no device may ever reach: paging structures, and pages that belong to nobody. */
function neverReached(
  view: HardwareView,
  wrong: (frame: number) => string | null,
): readonly Evidence[] {
  const against: Evidence[] = [];
  for (const tag of reachOf(view).values()) {
    eachPage(tag, (frame, one) => {
      const what = wrong(frame);
      if (what === null) return;
      against.push({
        text: `${name(tag)} reaches ${what} at ${plainHex(frame * 4096)} ${through(one)}`,
        place: placeOf(tag.requester, tag.pasid),
      });
    });
  }
  return against;
}

export const TABLES_OUT_OF_REACH: HardwareCheck = {
  id: "tables-out-of-reach",
  kind: "hardware",
  title: "No device reaches remapping tables",
  asks: "Of every page that holds a root, context, PASID or paging table or the invalidation queue: does no device reach it?",
  takes: [],
  evaluate(view) {
    const tables = new Map(
      view.survey.tables.map(({ address, role }) => [Number(address >> 12n), role]),
    );
    const against = neverReached(view, (frame) => tables.get(frame) ?? null);
    return judge(`${plural(tables.size, "page")} of tables`, against);
  },
};

export const FREE_PAGES_OUT_OF_REACH: HardwareCheck = {
  id: "free-pages-out-of-reach",
  kind: "hardware",
  title: "No device reaches pages that were given back",
  asks: "Does no requester and no PASID, by tables or caches, reach a page that belongs to nobody?",
  takes: [],
  evaluate(view) {
    const against = neverReached(view, (frame) =>
      view.memory.isMemory(hpa(BigInt(frame) * 4096n)) && view.ledger.ownerOf(frame) === "free"
        ? "a free page"
        : null,
    );
    return judge(
      `${plural(reachOf(view).size, "requester and PASID", "requesters and PASIDs")}`,
      against,
    );
  },
};

// Hardware checks of PASIDs and caches: reuse, exclusive use, widths, and cached translations that the tables contradict.
import { formatBdf, parseBdf } from "../../base/bdf.ts";
import { hpa } from "../../base/brand.ts";
import { hex, parseNumber, pasidHex, plainHex } from "../../base/hex.ts";
import type { CacheEntry } from "../../hardware/vtd/types.ts";
import { type Evidence, judge, plural, unanswerable } from "./findings.ts";
import { pageAt, placeOf, reachOf, type Tag, tagName } from "./reach.ts";
import type { HardwareCheck, HardwareView } from "./types.ts";

/** Everything but the accessed and dirty bits' keeper: what makes two entries lead elsewhere. */
const changed = (view: HardwareView, entry: Extract<CacheEntry, { cache: "pasid" }>, tag: Tag) => {
  const at = tag.entry?.address;
  if (at === undefined) return false;
  return entry.words.some((word, i) => view.memory.readWord(hpa(at + BigInt(8 * i))) !== word);
};

export const PASID_NOT_REUSED_EARLY: HardwareCheck = {
  id: "pasid-not-reused-early",
  kind: "hardware",
  title: "No PASID is used again before its teardown finished",
  asks: "Does every PASID in use stand for one address space and one owner, with nothing of an earlier use left in the caches?",
  takes: [],
  evaluate(view) {
    const against: Evidence[] = [];
    const reach = reachOf(view);
    const spaces = new Map<number, Map<string, string>>();
    for (const { requester, pasid, entry } of reach.values()) {
      if (pasid === null || entry === null || entry.space === null) continue;
      const of = spaces.get(pasid) ?? new Map<string, string>();
      of.set(entry.space, tagName(requester, pasid));
      spaces.set(pasid, of);
    }
    for (const [pasid, of] of spaces) {
      if (of.size < 2) continue;
      const names = [...of.values()].join(" and ");
      const text = `PASID ${pasidHex(pasid)} stands for ${of.size} address spaces: ${names}`;
      against.push({ text, place: null });
    }
    const owners = new Map<string, Set<string>>();
    for (const { requester, pasid, process } of view.ledger.tenants) {
      if (pasid === null) continue;
      const name = tagName(requester, pasid);
      owners.set(name, (owners.get(name) ?? new Set()).add(process));
    }
    for (const [name, processes] of owners) {
      if (processes.size < 2) continue;
      against.push({ text: `${name} works for ${[...processes].join(" and ")}`, place: null });
    }
    for (const cached of view.caches) {
      const { cache, requester, pasid } = cached;
      if (requester === null || pasid === null || pasid === 0) continue;
      const tag = reach.get(tagName(requester, pasid));
      // Without an entry in the tables the PASID is not in use again; that it may be reached is another check's matter.
      if (!tag?.entry) continue;
      const place = placeOf(requester, pasid);
      if (cache === "pasid" && changed(view, cached, tag)) {
        against.push({
          text: `the PASID cache holds another entry for ${tagName(requester, pasid)} than the PASID table`,
          place,
        });
      } else if (cache === "iotlb" && cached.domain !== tag.entry.domain) {
        against.push({
          text: `the IOTLB holds ${hex(cached.address)} of ${tagName(requester, pasid)} under domain ${cached.domain}, the entry says ${tag.entry.domain}`,
          place,
        });
      }
    }
    return judge(`${plural(spaces.size, "PASID")} in use`, against);
  },
};

export const CACHES_AGREE: HardwareCheck = {
  id: "caches-agree-with-tables",
  kind: "hardware",
  title: "Cached translations agree with the tables",
  asks: "Of every translation in the IOTLB, and every entry in the PASID cache: would a walk of today's tables give the same?",
  takes: [],
  evaluate(view) {
    const against: Evidence[] = [];
    const reach = reachOf(view);
    let looked = 0;
    for (const cached of view.caches) {
      if (cached.requester === null) continue;
      const pasid = cached.pasid === 0 ? null : cached.pasid;
      const tag = reach.get(tagName(cached.requester, pasid));
      const place = placeOf(cached.requester, pasid);
      if (cached.cache === "iotlb") {
        looked++;
        const stale = tag?.reaches.find(
          (one) => one.through === "IOTLB" && one.iova === cached.address,
        );
        if (!stale) continue;
        const text = `the IOTLB gives ${tagName(cached.requester, pasid)} ${hex(cached.address)} -> ${hex(cached.target)}; the tables do not`;
        against.push({ text, place });
      } else if (cached.cache === "pasid") {
        looked++;
        if (!tag?.entry || changed(view, cached, tag)) {
          const text = `the PASID cache holds an entry for ${tagName(cached.requester, pasid)} that the PASID table does not`;
          against.push({ text, place });
        }
      }
    }
    return judge(`${plural(looked, "cached entry", "cached entries")}`, against);
  },
};

export const ADDRESS_NOT_REUSED: HardwareCheck = {
  id: "address-not-reused-early",
  kind: "hardware",
  title: "No I/O address is given out again before a flush covers it",
  asks: "Of every translation in the IOTLB: do the tables map its I/O address to no other page?",
  takes: [],
  evaluate(view) {
    const against: Evidence[] = [];
    let looked = 0;
    for (const tag of reachOf(view).values()) {
      for (const cached of tag.reaches) {
        if (cached.through !== "IOTLB") continue;
        looked++;
        const now = tag.reaches.find(
          (one) =>
            one.through === "tables" &&
            cached.iova >= one.iova &&
            cached.iova - one.iova < BigInt(one.pages) * 4096n,
        );
        if (!now) continue;
        const frame = now.frame + Number((cached.iova - now.iova) / 4096n);
        if (frame === cached.frame) continue;
        against.push({
          text: `${tagName(tag.requester, tag.pasid)} ${hex(cached.iova)}: the IOTLB says ${hex(cached.frame * 4096)}, the tables say ${hex(frame * 4096)}`,
          place: placeOf(tag.requester, tag.pasid),
        });
      }
    }
    return judge(`${plural(looked, "translation")} that the tables no longer give`, against);
  },
};

export const QUEUES_HAVE_ENTRIES: HardwareCheck = {
  id: "queues-have-entries",
  kind: "hardware",
  title: "Every queue at work has an address space",
  asks: "Of every work queue that somebody uses with a PASID: is there an entry for it that the unit can use?",
  takes: [],
  evaluate(view) {
    const reach = reachOf(view);
    const used = view.ledger.tenants.filter(({ pasid }) => pasid !== null);
    const against = used.flatMap(({ requester, pasid, process }): Evidence[] =>
      reach.get(tagName(requester, pasid))?.entry
        ? []
        : [
            {
              text: `the queue of ${process} works with ${tagName(requester, pasid)}, which has no entry`,
              place: placeOf(requester, pasid),
            },
          ],
    );
    return judge(`${plural(used.length, "queue")} with a PASID`, against);
  },
};

export const PASIDS_IN_RANGE: HardwareCheck = {
  id: "pasids-in-range",
  kind: "hardware",
  title: "Every PASID fits its function",
  asks: "Of every PASID entry in use: is the PASID within the width that its function and the unit have?",
  takes: [],
  evaluate(view) {
    const against: Evidence[] = [];
    let looked = 0;
    for (const { requester, pasid, entry } of reachOf(view).values()) {
      if (pasid === null || entry === null) continue;
      looked++;
      const known = view.platform?.functions.find(({ address }) => parseBdf(address) === requester);
      const bits = Math.min(known?.pasidBits ?? 20, view.capabilities.pss + 1);
      if (pasid < 2 ** bits) continue;
      against.push({
        text: `${formatBdf(requester)} has PASIDs of ${bits} bits; ${plainHex(pasid)} does not fit`,
        place: placeOf(requester, pasid),
      });
    }
    return judge(`${plural(looked, "PASID entry", "PASID entries")} in use`, against);
  },
};

export const NOTHING_LEFT: HardwareCheck = {
  id: "nothing-left-in-tables",
  kind: "hardware",
  title: "Tables and caches keep nothing of what has ended",
  asks: "Is there no PASID entry in use, no cached translation with a PASID, and no page that a process has left behind?",
  takes: [],
  evaluate(view) {
    const against: Evidence[] = [];
    for (const { requester, pasid, entry, reaches } of reachOf(view).values()) {
      if (pasid === null) continue;
      const place = placeOf(requester, pasid);
      const name = tagName(requester, pasid);
      if (entry)
        against.push({ text: `${name} still has an entry, domain ${entry.domain}`, place });
      else if (reaches.length > 0) {
        against.push({ text: `the caches still hold translations of ${name}`, place });
      }
    }
    for (const { process, requester, pasid } of view.ledger.tenants) {
      against.push({
        text: `a queue of ${formatBdf(requester)} still works for ${process}`,
        place: placeOf(requester, pasid),
      });
    }
    return judge("PASID entries, caches and queues looked through", against);
  },
};

export const REACHES: HardwareCheck = {
  id: "reaches",
  kind: "hardware",
  title: "A device reaches a page",
  asks: "Does a request of `requester` (or of the queue of `mdev`), with `pasid` if one is given, to I/O address `address` reach memory, and if `owner` is given, a page of that owner?",
  takes: ["requester", "mdev", "pasid", "address", "owner"],
  evaluate(view, args) {
    const tenant = view.ledger.tenants.find(({ mdev }) => mdev !== null && mdev === args["mdev"]);
    const requester = tenant?.requester ?? parseBdf(String(args["requester"] ?? ""));
    if (requester === undefined) return unanswerable("No such requester and no such mdev.");
    const given = args["pasid"] === undefined ? null : parseNumber(String(args["pasid"]));
    const address = parseNumber(String(args["address"] ?? ""));
    if (given === undefined || (given ?? 0n) >> 20n !== 0n) {
      return unanswerable("A PASID is a number of at most 20 bits.");
    }
    if (address === undefined) return unanswerable("No I/O address of at most 64 bits is given.");
    const pasid = given === null ? (tenant?.pasid ?? null) : Number(given);
    const tag = reachOf(view).get(tagName(requester, pasid));
    const place = placeOf(requester, pasid);
    const asked = `${tagName(requester, pasid)} at ${hex(address)}`;
    if (tag?.everything) return judge(`${asked} reaches memory without translation`, []);
    const found = pageAt(tag, address);
    if (!found) {
      return judge("1 request asked about", [{ text: `${asked} reaches nothing`, place }]);
    }
    const frame = found.frame + Number((address - found.iova) / 4096n);
    const owner = view.ledger.ownerOf(frame);
    const text = `${asked} reaches ${hex(frame * 4096)} of ${owner}, found in ${found.through === "tables" ? "the tables" : `the ${found.through}`}`;
    const wrong = args["owner"] !== undefined && args["owner"] !== owner;
    return judge(text, wrong ? [{ text: `the page belongs to ${owner}`, place }] : []);
  },
};

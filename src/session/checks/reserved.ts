// Hardware checks of reserved addresses: the interrupt window and the ranges that firmware reserves for a device (RMRR).
import { parseBdf } from "../../base/bdf.ts";
import type { RequesterId } from "../../base/brand.ts";
import { hex } from "../../base/hex.ts";
import { type Evidence, judge, plural } from "./findings.ts";
import { pageAt, placeOf, reachOf, type Tag, tagName } from "./reach.ts";
import type { HardwareCheck, HardwareView } from "./types.ts";

interface Reserved {
  readonly what: string;
  readonly start: bigint;
  readonly end: bigint;
  /** Null: for every function. */
  readonly requesters: readonly RequesterId[] | null;
}

/** Writes of requests without PASID to these addresses are interrupts (VT-d, interrupt address range). */
const INTERRUPTS: Reserved = {
  what: "the interrupt window",
  start: 0xfee0_0000n,
  end: 0xfeef_ffffn,
  requesters: null,
};

const rangesOf = (view: HardwareView): readonly Reserved[] =>
  (view.platform?.reserved ?? []).map(({ devices, start, end }) => ({
    what: "a range that firmware reserves",
    start: BigInt(start),
    end: BigInt(end),
    requesters: devices.map(parseBdf).filter((one) => one !== undefined),
  }));

function overlap(tag: Tag, { what, start, end }: Reserved): Evidence[] {
  return tag.reaches
    .filter(({ through }) => through === "tables")
    .flatMap(({ iova, pages, frame }) => {
      const last = iova + BigInt(pages) * 4096n - 1n;
      if (last < start || iova > end) return [];
      const first = iova > start ? iova : start;
      const target = BigInt(frame) * 4096n + (first - iova);
      // The range itself, mapped one to one, is what firmware asks for.
      if (what !== INTERRUPTS.what && target === first) return [];
      return [
        {
          text: `${tagName(tag.requester, tag.pasid)} has ${hex(first)} mapped, inside ${what}`,
          place: placeOf(tag.requester, tag.pasid),
        },
      ];
    });
}

export const RESERVED_NOT_MAPPED: HardwareCheck = {
  id: "reserved-addresses-not-mapped",
  kind: "hardware",
  title: "Reserved I/O addresses are not mapped",
  asks: "Do the tables of every requester and PASID leave out the interrupt window and what firmware reserves for the function?",
  takes: [],
  evaluate(view) {
    const tags = [...reachOf(view).values()];
    const reserved = rangesOf(view);
    const against = tags.flatMap((tag) => [
      ...overlap(tag, INTERRUPTS),
      ...reserved
        .filter(({ requesters }) => requesters?.includes(tag.requester))
        .flatMap((range) => overlap(tag, range)),
    ]);
    return judge(`${plural(tags.length, "address space")} in use`, against);
  },
};

export const RESERVED_STILL_REACHED: HardwareCheck = {
  id: "reserved-memory-stays-reachable",
  kind: "hardware",
  title: "Firmware's reserved memory stays reachable",
  asks: "Of every function with a range that firmware reserves: do its tables map the range to itself?",
  takes: [],
  evaluate(view) {
    const reach = reachOf(view);
    const ranges = rangesOf(view);
    const against: Evidence[] = [];
    for (const { requesters, start, end } of ranges) {
      for (const requester of requesters ?? []) {
        const tag = [...reach.values()].find((t) => t.requester === requester && t.pasid === null);
        if (tag?.everything) continue;
        for (let at = start; at <= end; at += 4096n) {
          const found = pageAt(tag, at);
          if (found && BigInt(found.frame) * 4096n + (at - found.iova) === at) continue;
          against.push({
            text: `${tagName(requester, null)} does not reach ${hex(at)}`,
            place: placeOf(requester, null),
          });
          break;
        }
      }
    }
    return judge(`${plural(ranges.length, "reserved range")}`, against);
  },
};

// Review checks: what the record of calls says of the design's shape. They see calls and symbols, never tables or caches.
import { ERRNO, type ErrnoName, errnoName } from "../../linux/kernel/errno.ts";
import type { CheckArguments } from "../findings.ts";
import { type Counted, exportUses, REVIEW_COUNTS, totalOf } from "../review-counts.ts";
import { callsDigest } from "./calls-digest.ts";
import { type Evidence, judge, plural, unanswerable } from "./findings.ts";
import { readRecord } from "./record.ts";
import type { ReviewCheck, ReviewView } from "./types.ts";

const times = ({ text, times: n }: Counted): Evidence => ({
  text: n === 1 ? text : `${text}, ${n} times`,
  place: null,
});

const counted = (id: string, view: ReviewView): readonly Counted[] =>
  REVIEW_COUNTS.get(id)?.count(view) ?? [];

const most = (args: CheckArguments): number => Number(args["most"] ?? 0);

/** At most `most` of what a review count counts. */
const atMost = (id: string, count: string, title: string, asks: string): ReviewCheck => ({
  id,
  kind: "review",
  title,
  asks,
  takes: ["most"],
  evaluate(view, args) {
    const found = counted(count, view);
    const total = totalOf(found);
    return judge(`${plural(total, "time")} so far`, total > most(args) ? found.map(times) : []);
  },
});

const NO_SPECIAL_CASES = atMost(
  "no-special-cases",
  "special-cases",
  "No branch exists for one kind of device",
  "Did the calls so far take no branch (at most `most`) that is there for one kind of device alone?",
);

const NO_LOOKUPS = atMost(
  "no-run-time-lookups",
  "symbol-lookups",
  "No module looks up another's symbols at run time",
  "Was no symbol (at most `most`) looked up by name, past what the linker and modinfo see?",
);

const EXPORTS_HAVE_CALLERS: ReviewCheck = {
  id: "exports-have-callers",
  kind: "review",
  title: "Exports have callers in the kernel tree",
  asks: "Of the exported functions that ran so far, or of `symbol` alone, or of those of `module`: was each called by another module of the kernel tree?",
  takes: ["module", "symbol"],
  evaluate(view, args) {
    const { module, symbol } = args;
    const named = symbol !== undefined || module !== undefined;
    const uses = exportUses(view).filter(
      (use) =>
        (symbol === undefined || use.symbol === symbol) &&
        (module === undefined || use.module === module) &&
        (named || use.runs > 0),
    );
    if (symbol !== undefined && uses.length === 0) {
      return unanswerable(`There is no exported function ${symbol}.`);
    }
    const against = uses
      .filter(({ inTree }) => inTree.length === 0)
      .map(({ symbol: name, module: of, callers }) => ({
        text:
          callers.length === 0
            ? `${name} (${of}) was called by no other module`
            : `${name} (${of}) was called by ${callers.join(", ")} alone, out of the kernel tree`,
        place: null,
      }));
    return judge(plural(uses.length, "exported function"), against);
  },
};

const CORE_KNOWS: ReviewCheck = {
  id: "core-knows-attachments",
  kind: "review",
  title: "The IOMMU core knows every attachment",
  asks: "Did every attachment of a domain go through the group, so that the core can say which domain a device has?",
  takes: [],
  evaluate(view) {
    const kept = counted("core-attachments", view);
    const against: Evidence[] = [];
    readRecord(view.events(), {
      left({ symbol, caller, result }) {
        if (symbol !== "iommu_aux_attach_device" || result !== "0") return;
        const by = caller ? ` by ${caller.symbol}` : "";
        against.push({
          text: `iommu_aux_attach_device${by}: group->domain stays as it was`,
          place: null,
        });
      },
    });
    return judge(`${plural(totalOf(kept) + against.length, "attachment")}`, against);
  },
};

const PINS_BALANCED: ReviewCheck = {
  id: "pins-balanced",
  kind: "review",
  title: "Every pin is given back",
  asks: "Is every page that was pinned so far unpinned again?",
  takes: [],
  evaluate(view) {
    const pins = new Map<bigint, number>();
    for (const event of view.events()) {
      if (event.kind === "pinned") pins.set(event.page, event.count);
    }
    const against = [...pins]
      .filter(([, count]) => count > 0)
      .map(([page, count]) => ({
        text: `page 0x${page.toString(16)} is still pinned ${plural(count, "time")}`,
        place: null,
      }));
    return judge(`${plural(pins.size, "page")} pinned so far`, against);
  },
};

/** Pairs that give something out and take it back: symbol, what it is. A run counts when it did not fail. */
const PAIRS: readonly (readonly [string, string, string])[] = [
  ["iommu_domain_alloc", "iommu_domain_free", "domain"],
  ["ioasid_alloc", "ioasid_put", "PASID"],
  ["domain_attach_iommu", "domain_detach_iommu", "hold of a domain id"],
  ["mdev_device_create", "mdev_device_remove_common", "mdev"],
  ["vfio_group_create", "vfio_group_release", "VFIO group"],
  ["vfio_iommu_type1_open", "vfio_iommu_type1_release", "type1 state"],
  ["iommu_aux_attach_device", "iommu_aux_detach_device", "aux attachment"],
];

const failed = (symbol: string, result: string): boolean =>
  result.startsWith("-") ||
  (result === "0" && /alloc|create$|open$/.test(symbol) && symbol !== "mdev_device_create");

const BALANCED: ReviewCheck = {
  id: "balanced",
  kind: "review",
  title: "Everything that was taken is given back",
  asks: "Are domains, PASIDs, domain ids, mdevs, VFIO groups and aux attachments that were made by calls so far gone again?",
  takes: [],
  evaluate(view) {
    const open = new Map(PAIRS.map(([, , what]) => [what, 0]));
    const add = (what: string, change: number): void => {
      open.set(what, (open.get(what) ?? 0) + change);
    };
    readRecord(view.events(), {
      left({ symbol, result }) {
        for (const [take, give, what] of PAIRS) {
          if (symbol === take && !failed(symbol, result ?? "")) add(what, 1);
          if (symbol === give && !(result ?? "").startsWith("-")) add(what, -1);
        }
      },
    });
    const against = [...open]
      .filter(([, count]) => count !== 0)
      .map(([what, count]) => ({
        text:
          count > 0
            ? `${plural(count, what)} more taken than given back`
            : `${plural(-count, what)} more given back than taken`,
        place: null,
      }));
    return judge(`${PAIRS.length} kinds of things counted`, against);
  },
};

const CALL_FAILS: ReviewCheck = {
  id: "call-fails",
  kind: "review",
  title: "A call fails with an error",
  asks: "Did the last system call named `call` (an ioctl by its request), of `process` if one is given, return the error `error`?",
  takes: ["call", "error", "process"],
  evaluate(view, args) {
    const { call, error, process } = args;
    const number = ERRNO[String(error) as ErrnoName];
    if (number === undefined) return unanswerable(`There is no error named ${error}.`);
    let last: number | null = null;
    readRecord(view.events(), {
      returned({ name, process: by, result }) {
        if (name === call && (process === undefined || by === process)) last = result;
      },
    });
    if (last === null) return unanswerable(`No call ${call} returned so far.`);
    const got = errnoName(last) ?? String(last);
    return judge(
      `The last ${call} returned ${got}`,
      last === -number ? [] : [{ text: `${call}: ${got} and not ${error}`, place: null }],
    );
  },
};

const LOG_SAYS: ReviewCheck = {
  id: "log-says",
  kind: "review",
  title: "The kernel log has a line",
  asks: "Does a line of the kernel log so far contain `text`?",
  takes: ["text"],
  evaluate(view, args) {
    const wanted = String(args["text"] ?? "");
    let lines = 0;
    let found = 0;
    for (const event of view.events()) {
      if (event.kind !== "log") continue;
      lines++;
      if (event.text.includes(wanted)) found++;
    }
    const text = `no line contains "${wanted}"`;
    return judge(
      `${plural(lines, "line")} of the log, ${found} with the text`,
      found > 0 ? [] : [{ text, place: null }],
    );
  },
};

const SAME_CALLS: ReviewCheck = {
  id: "calls-are",
  kind: "review",
  title: "The actors made these calls",
  asks: "Is the sequence of system calls so far, byte for byte, the one with this `digest`? Two designs that get the same demands must give the same.",
  takes: ["digest"],
  evaluate(view, args) {
    const got = callsDigest(view.events());
    const wanted = String(args["digest"] ?? "");
    return judge(
      `The calls have the digest ${got}`,
      got === wanted ? [] : [{ text: `${got} and not ${wanted}`, place: null }],
    );
  },
};

export const REVIEW_CHECKS: readonly ReviewCheck[] = [
  NO_SPECIAL_CASES,
  NO_LOOKUPS,
  EXPORTS_HAVE_CALLERS,
  CORE_KNOWS,
  PINS_BALANCED,
  BALANCED,
  CALL_FAILS,
  LOG_SAYS,
  SAME_CALLS,
];

import { describe, expect, it } from "vitest";
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import { walkOf } from "./walk.ts";
import { FIRST_STAGE_WORDS, unitWith } from "./walk-fixture.ts";
import {
  hopAtHand,
  lookupWords,
  neighbours,
  recordRows,
  resultWords,
  shownState,
  unrecordedWords,
  updateWords,
  whyWords,
} from "./walk-story.ts";
import type { Walk } from "./walk-types.ts";

const unit = unitWith({ ...FIRST_STAGE_WORDS, "0x106c04980": 0x49n });
const address = iova(0x7f3a_9c5e_2d48n);
const request: HardwareEvent = {
  kind: "request",
  requester: requesterId(0x3b01),
  pasid: pasid(0x25),
  access: "write",
  address,
  length: 4,
};
const hit = (cache: "context" | "pasid" | "iotlb"): HardwareEvent => ({
  kind: "lookup",
  cache,
  slot: 0,
});

function walk(...events: HardwareEvent[]): Walk {
  const found = walkOf([request, ...events], unit, 0xfffn);
  if (!found) throw new Error("no walk");
  return found;
}
const leaf: HardwareEvent = {
  kind: "read",
  table: "first-stage entry",
  level: 1,
  index: 0x1e2,
  address: hpa(0x1_0700_3f10n),
  words: [0x8000_0002_245d_9027n],
  decision: "4 KiB page",
};
const reached: HardwareEvent = {
  kind: "reached",
  address,
  target: hpa(0x2_245d_9d48n),
  length: 4,
  how: "walk",
};

describe("stepping", () => {
  const story = walk(hit("context"), hit("pasid"), leaf, reached);
  it("shows what is read now and what is next", () => {
    const at = (cursor: number | null) => story.hops.map((hop, n) => shownState(hop, n, cursor));
    expect(at(7)).toEqual([...Array(7).fill("cached"), "reading"]);
    expect(at(1)).toEqual(["cached", "cached", ...Array(6).fill("next")]);
    expect(at(null).at(-1)).toBe("read");
  });
  it("starts at the last hop that was reached", () => {
    expect(hopAtHand(story, null)).toBe(7);
    expect(hopAtHand(story, 99)).toBe(7);
    expect(hopAtHand(walk(hit("context"), { kind: "refused", reason: 0x45, address }), null)).toBe(
      1,
    );
  });
});

describe("sentences", () => {
  it("say what caches answered and how many reads were left", () => {
    const story = walk(
      hit("context"),
      hit("pasid"),
      { kind: "lookup", cache: "iotlb", slot: null },
      leaf,
      reached,
    );
    expect(story.lookups.map(lookupWords)).toEqual([
      "Context cache: hit in slot 0, hops 1 and 2 not read",
      "PASID cache: hit in slot 0, hops 3 and 4 not read",
      "IOTLB: no entry",
    ]);
    expect(resultWords(story)).toBe("Reached 0x2_245d_9d48, 1 read, 7 from cache.");
  });

  it("say which bits selected an entry", () => {
    const story = walk(hit("context"), hit("pasid"), leaf, reached);
    const why = (n: number) => whyWords(story.hops[n] as Walk["hops"][0], story);
    expect(why(0)).toBe(
      "Bits [15:8] of the requester id are 0x3b. The RTADDR register says where the table is.",
    );
    expect(why(3)).toMatch(
      /^Bits \[5:0\] of the PASID are 0x25\. The entry of the hop before says/,
    );
    expect(why(7)).toMatch(/^Bits \[20:12\] of the address are 0x1e2\. /);
  });

  it("say which bit an update set", () => {
    const update: HardwareEvent = {
      kind: "update",
      address: hpa(0x1_0700_3f10n),
      before: 0x8000_0002_245d_9027n,
      after: 0x8000_0002_245d_9067n,
    };
    const story = walk(hit("context"), hit("pasid"), leaf, update, reached);
    expect(story.updates.map((one) => updateWords(one, story, unit))).toEqual([
      "Hop 8 at 0x1_0700_3f10: D [6]: 0 not written yet, becomes 1 written",
    ]);
  });

  it("name the fault and, when it left no record, why", () => {
    const story = walk(hit("context"), { kind: "refused", reason: 0x45, address });
    expect(resultWords(story)).toMatch(/^Fault 0x45, SCT\.6\. [A-Z].*\.$/);
    const reasons = ["FPD", "PFO is set", "same requester pending", "register still full"];
    expect(new Set(reasons.map(unrecordedWords)).size).toBe(4);
  });

  it("give a fault record as rows", () => {
    const rows = recordRows({
      index: 0,
      reason: 0x59,
      requester: requesterId(0x3b01),
      address: 0x7f3a_9c5e_2000n,
      access: "read",
      pasidPresent: true,
      pasid: 0x26,
      execute: false,
      privileged: false,
    });
    expect(Object.fromEntries(rows)).toMatchObject({
      reason: "0x59, SPT.2",
      "requester id": "0x3b01, 3b:00.1",
      PASID: "0x026",
    });
  });
});

it("shows the entries beside the one that was used, and not beyond the ends of a table", () => {
  const story = walk(hit("context"), hit("pasid"), leaf, reached);
  const rows = (hop: number) =>
    neighbours(story.hops[hop] as Walk["hops"][0], unit).map(
      (n) => `${n.digits} ${n.word} ${n.own}`,
    );
  expect(rows(3)).toEqual(["24 0 false", "25 49 true", "26 49 false"]);
  expect(rows(2)).toEqual(["000 1_06c0_4001 true", "001 0 false", "002 0 false"]);
});

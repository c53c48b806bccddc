import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { RecordedCase } from "./case-form.ts";
import { CasePlayer } from "./conformance.ts";
import { readRecordedCases } from "./recorded-cases.ts";

const fixture = (set: string): string =>
  gunzipSync(
    readFileSync(new URL(`../testing/fixtures/cases-${set}.json.gz`, import.meta.url)),
  ).toString();

function read(text: string): readonly RecordedCase[] {
  const outcome = readRecordedCases("cases.json", text);
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return outcome.value.cases;
}

const player = new CasePlayer();

describe("recorded cases", () => {
  it.each([
    ["open", 191, 662, 62],
    ["spec", 91, 286, 12],
  ])("of the set %s come out as recorded", (set, cases, counted, ignored) => {
    const scores = read(fixture(set)).map((one) => player.play(one));
    const sum = (of: (score: (typeof scores)[number]) => number) =>
      scores.reduce((n, s) => n + of(s), 0);
    expect(scores).toHaveLength(cases);
    expect(sum((s) => s.counted)).toBe(counted);
    expect(sum((s) => s.ignored)).toBe(ignored);
    expect(scores.flatMap((s) => s.failures)).toEqual([]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: cases are changed in ways that no type allows
type Loose = any;

const cases: Loose[] = JSON.parse(fixture("open")).cases;

/** An untagged case with an operation that `wanted` likes: the one that the changes of a test are made to. */
const caseWith = (wanted: (operation: Loose) => boolean): Loose =>
  cases.find(({ tags, ops }) => tags.length === 0 && ops.some(wanted));

/** A write that is let through and a read are in it. */
const plain = caseWith((o) => o.expect?.data && o.expect.ok);
const refused = caseWith((o) => o.expect?.fault?.reason === "0x02");
const registerRead = caseWith((o) => o.op === "regr");
const testDevice = caseWith((o) => o.expect?.bus_ok !== undefined);
const writesStatus = cases.find(({ final_mem }) => Object.keys(final_mem).length > 0);

function playChanged(original: Loose, change: (one: Loose) => void) {
  const one = structuredClone(original);
  change(one);
  const text = JSON.stringify({ format: "vtd-oracle-1", cases: [one] });
  return player.play(read(text)[0] as RecordedCase);
}

const firstWith = (one: Loose, part: string): Loose =>
  one.ops.find((o: Loose) => o.expect?.[part] !== undefined && o.expect[part] !== null).expect;

describe("a step fails", () => {
  it.each<[string, Loose, (one: Loose) => void, unknown]>([
    [
      "on another register value",
      plain,
      (c) => {
        firstWith(c, "regs").regs.fsts = "0x1";
      },
      { regs: { fsts: "0x1" } },
    ],
    [
      "on a register that is not known",
      plain,
      (c) => {
        firstWith(c, "regs").regs.speed = "0x1";
      },
      { regs: { speed: "0x1" } },
    ],
    [
      "on a word that did not change",
      plain,
      (c) => {
        firstWith(c, "mem").mem["0x2000"] = "0x5";
      },
      { mem: { "0x2000": "0x5" } },
    ],
    [
      "on another physical address",
      plain,
      (c) => {
        firstWith(c, "pa").pa = [["0x5000", 8]];
      },
      { pa: [["0x5000", 8]] },
    ],
    [
      "on other data",
      plain,
      (c) => {
        firstWith(c, "data").data = "00";
      },
      { data: "00" },
    ],
    [
      "on another outcome",
      plain,
      (c) => {
        firstWith(c, "ok").ok = false;
      },
      { ok: false },
    ],
    [
      "on a fault that did not come",
      plain,
      (c) => {
        firstWith(c, "ok").fault = {
          reason: "0x6",
          sid: "0x0",
          addr: "0x0",
          type: "read",
          pp: 0,
          pasid: 0,
          exec: 0,
          priv: 0,
        };
      },
      { fault: { reason: "0x06" } },
    ],
    [
      "on a fault that was not expected",
      refused,
      (c) => {
        firstWith(c, "fault").fault = null;
      },
      { fault: null },
    ],
    [
      "on another fault reason",
      refused,
      (c) => {
        firstWith(c, "fault").fault.reason = "0x77";
      },
      { fault: { reason: "0x77" } },
    ],
    [
      "on another value read",
      registerRead,
      (c) => {
        firstWith(c, "val").val = "0x1";
      },
      { val: "0x1" },
    ],
    [
      "on another word from the bus",
      testDevice,
      (c) => {
        firstWith(c, "bus_ok").bus_ok = false;
      },
      { bus_ok: false },
    ],
    [
      "on a part that is not known",
      plain,
      (c) => {
        firstWith(c, "ok").speed = 5;
      },
      { speed: "a part that is known" },
    ],
    [
      "on an operation that is not known",
      plain,
      (c) => {
        c.ops[0].op = "teleport";
      },
      { played: true },
    ],
    [
      "on a device that is not known",
      plain,
      (c) => {
        c.ops[0].dev = "gpu9";
      },
      { played: true },
    ],
    [
      "on a read beyond the registers",
      registerRead,
      (c) => {
        c.ops.find((o: Loose) => o.op === "regr").off = "0x17f0";
      },
      { played: true },
    ],
  ])("%s", (_, original, change, want) => {
    const before = playChanged(original, () => undefined);
    expect(before.failures).toEqual([]);
    const after = playChanged(original, change);
    expect(after.counted).toBe(before.counted);
    expect(after.failures).toHaveLength(1);
    expect(after.failures[0]?.want).toMatchObject(want as object);
  });

  it("for an operation that is not known and has no outcome", () => {
    const score = playChanged(plain, (one) => one.ops.push({ op: "teleport" }));
    expect(score.failures).toMatchObject([
      { got: { because: 'the operation "teleport" is not known' } },
    ]);
    expect(score.counted).toBe(score.passed + 1);
  });

  it("not for a read inside the register page where no register is", () => {
    const score = playChanged(registerRead, (one) => {
      one.ops.push({ op: "regr", off: "0x7f0", size: 4, expect: { val: "0x0" } });
    });
    expect(score.failures).toEqual([]);
    expect(score.counted).toBe(playChanged(registerRead, () => undefined).counted + 1);
  });

  it("for the whole case when its setup cannot be done", () => {
    const score = playChanged(plain, (one) =>
      one.setup.unshift({ off: "0x17f0", size: 4, val: "0x0" }),
    );
    expect(score.passed).toBe(0);
    expect(score.failures[0]?.got).toMatchObject({
      because: "setup[0]: there is no register at offset 0x17f0",
    });
  });

  it("and nothing worse, when a queue lies where no memory can be", () => {
    const queued = caseWith((o) => o.op === "inv");
    const score = playChanged(queued, (one) => {
      for (const o of one.ops) if (o.op === "inv") o.iqa = "0xfffffffffffff000";
    });
    expect(score.failures.length).toBeGreaterThan(0);
  });

  it("when memory at the end differs", () => {
    const [address = ""] = Object.keys(writesStatus.final_mem);
    const score = playChanged(writesStatus, (c) => {
      c.final_mem = { [address]: "0x123" };
    });
    expect(score.failures).toMatchObject([{ op: "final_mem", want: { [address]: "0x123" } }]);
  });
});

describe("a step does not fail", () => {
  it.each<[string, Loose, (one: Loose) => void]>([
    [
      "on padding and case of digits",
      refused,
      (c) => {
        const { fault } = firstWith(c, "fault");
        fault.reason = `0x00${fault.reason.slice(2).toUpperCase()}`;
      },
    ],
    [
      "on a part that is ignored",
      refused,
      (c) => {
        const e = firstWith(c, "fault");
        e.fault.reason = "0x77";
        e.quirk = { ignore: ["fault.reason"], why: [] };
      },
    ],
    [
      "on a register that is ignored",
      plain,
      (c) => {
        const e = firstWith(c, "regs");
        e.regs.iqh = "0x7";
        e.quirk = { ignore: ["regs.iqh"], why: [] };
      },
    ],
  ])("%s", (_, original, change) => {
    expect(playChanged(original, change).failures).toEqual([]);
  });

  it("when it or its case is not scored", () => {
    const wrong = (one: Loose) => {
      firstWith(one, "ok").ok = "x" === one.id;
    };
    const whole = playChanged(plain, (one) => {
      wrong(one);
      one.tags = ["qemu-quirk"];
      one.final_mem = { "0x0": "0x1" };
    });
    expect(whole).toMatchObject({ counted: 0, passed: 0, failures: [] });
    const step = playChanged(plain, (one) => {
      wrong(one);
      firstWith(one, "ok").quirk = { ignore: ["*"], why: [] };
    });
    expect(step).toMatchObject({ ignored: 1, failures: [] });
  });
});

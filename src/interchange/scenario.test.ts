// Scenario files: what is read is what was written, and what is wrong is told with place and reason.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAMAGED, damagedText, expectAnswer } from "../testing/mutations.ts";
import { SHIPPED } from "../walkthroughs/shipped.ts";
import { EXAMPLE, exampleFile } from "./scenario.fixture.ts";
import { readScenario, scenarioFrom, scenarioProblems, writeScenario } from "./scenario.ts";

const read = (file: unknown) => readScenario("file.json", JSON.stringify(file));

describe("reading and writing", () => {
  it("gives back the file, key by key", () => {
    const scenario = read(EXAMPLE);
    if (!scenario.ok) throw new Error(JSON.stringify(scenario.problem));
    expect(JSON.parse(writeScenario(scenario.value))).toEqual(EXAMPLE);
    const again = readScenario("file.json", writeScenario(scenario.value));
    expect(again).toEqual(scenario);
  });

  it("writes one operation, one fault and one check a line, and the same text for any order of keys", () => {
    const scenario = read(EXAMPLE);
    const turned = read(turn(EXAMPLE));
    if (!scenario.ok || !turned.ok) throw new Error("the example cannot be read");
    const text = writeScenario(scenario.value);
    expect(writeScenario(turned.value)).toBe(text);
    const lines = text.split("\n").map((line) => line.trim());
    for (const { id } of EXAMPLE.operations) {
      const own = lines.filter((line) => line.startsWith(`{ "id": "${id}"`));
      expect(own.length, id).toBeGreaterThan(0);
      for (const line of own) expect(line).toMatch(/\}[,]?$/);
    }
  });

  it("puts faults with their operations and converts addresses", () => {
    const scenario = read(EXAMPLE);
    if (!scenario.ok) throw new Error("the example cannot be read");
    const byId = new Map(scenario.value.operations.map((one) => [one.id, one]));
    expect(byId.get("assign")?.faults).toEqual([{ point: "invalidation", ordinal: 2 }]);
    expect(byId.get("send")).toMatchObject({ requester: 0x6a08, pasid: 0x41, address: 0x1000n });
    expect(byId.get("poke")).toMatchObject({ address: 0x2000n, value: 0xffff_ffff_ffff_ffffn });
    expect("faults" in scenario.value).toBe(false);
  });
});

/** The same value with keys in reverse order. */
function turn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turn);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, turn(field)]),
  );
}

describe("what is wrong", () => {
  it.each<[string, (file: ReturnType<typeof exampleFile>) => unknown, string, string]>([
    ["another format", (f) => ({ ...f, format: "x" }), "format", "expected"],
    ["another version", (f) => ({ ...f, version: 2 }), "version", "expected 1"],
    ["an unknown key", (f) => ({ ...f, extra: 1 }), "extra", "not known"],
    ["an id in capitals", (f) => ({ ...f, id: "Two" }), "id", "lower-case"],
    ["an unknown preset", (f) => ({ ...f, machine: "mainframe" }), "machine", "no preset"],
    [
      "an unknown operation",
      (f) => at(f, "operations[0].op", "jump"),
      "operations[0].op",
      "expected",
    ],
    [
      "an unknown demand",
      (f) => at(f, "operations[0].demand.want", "fly"),
      "operations[0].demand.want",
      "expected",
    ],
    [
      "a demand without a key",
      (f) => at(f, "operations[0].demand.uuid", undefined),
      "operations[0].demand.uuid",
      "nothing",
    ],
    ["an id twice", (f) => at(f, "operations[1].id", "create"), "operations[1].id", "already"],
    [
      "the reserved id",
      (f) => at(f, "operations[1].id", "end"),
      "operations[1].id",
      "after the last",
    ],
    [
      "an unknown actor",
      (f) => at(f, "operations[1].actor", "vm-z"),
      "operations[1].actor",
      "no process",
    ],
    [
      "a reference to nothing",
      (f) => at(f, "operations[5].call.fd", "$nothing"),
      "operations[5].call.fd",
      '"as": "nothing"',
    ],
    [
      "a name given twice",
      (f) => at(f, "operations[3].as", "container"),
      "operations[4].as",
      "already",
    ],
    [
      "an address that is none",
      (f) => at(f, "operations[6].address", "4096"),
      "operations[6].address",
      "0x1f",
    ],
    [
      "a PASID of 21 bits",
      (f) => at(f, "operations[6].pasid", "0x100000"),
      "operations[6].pasid",
      "20 bits",
    ],
    [
      "a wait of no time",
      (f) => at(f, "operations[8].microseconds", 0),
      "operations[8].microseconds",
      "integer from 1",
    ],
    [
      "a fault of no operation",
      (f) => at(f, "faults[0].operation", "nowhere"),
      "faults[0].operation",
      "no operation",
    ],
    [
      "an unknown check",
      (f) => at(f, "checks[0].check", "all-is-well"),
      "checks[0].check",
      "no check",
    ],
    [
      "an unknown argument",
      (f) => at(f, "checks[0].arguments", { depth: 1 }),
      "checks[0].arguments.depth",
      "takes",
    ],
    [
      "a check at no operation",
      (f) => at(f, "checks[0].at", "afterwards"),
      "checks[0].at",
      "no operation",
    ],
    [
      "a declared outcome that is none",
      (f) => at(f, "checks[0].declared", "maybe"),
      "checks[0].declared",
      "expected",
    ],
    [
      "a caption of 41 words",
      (f) => at(f, `${STEP}.caption`, "word ".repeat(41)),
      `${STEP}.caption`,
      "40 words",
    ],
    ["no source", (f) => at(f, `${STEP}.sources`, []), `${STEP}.sources`, "one source"],
    [
      "a source without a type",
      (f) => at(f, `${STEP}.sources[0].type`, undefined),
      `${STEP}.sources[0].type`,
      "nothing",
    ],
    [
      "a type that is none",
      (f) => at(f, `${STEP}.sources[0].type`, "rumour"),
      `${STEP}.sources[0].type`,
      "expected",
    ],
    [
      "reading alone, unlabelled",
      (f) => at(f, `${STEP}.sources[0].type`, "reading"),
      `${STEP}.labelled`,
      "labelled",
    ],
    [
      "a label where none belongs",
      (f) => at(f, `${STEP}.labelled`, true),
      `${STEP}.labelled`,
      "no label",
    ],
    [
      "a step's operation that is none",
      (f) => at(f, `${STEP}.operations`, ["nowhere"]),
      `${STEP}.operations[0]`,
      "no operation",
    ],
    [
      "steps out of order",
      (f) => at(f, `${STEP}.operations`, ["start", "create"]),
      `${STEP}.operations[1]`,
      '"assign" comes next',
    ],
    [
      "an operation in no step",
      (f) => at(f, "walkthrough.chapters[0].steps[1].operations", []),
      "walkthrough",
      "belongs to no step",
    ],
    [
      "a step's check that is none",
      (f) => at(f, `${STEP}.checks`, ["none"]),
      `${STEP}.checks[0]`,
      "no check",
    ],
    [
      "an unknown count",
      (f) => at(f, `${STEP}.counts`, ["sheep"]),
      `${STEP}.counts[0]`,
      "no count",
    ],
    [
      "a step id twice",
      (f) => at(f, "walkthrough.chapters[1].steps[0].id", "first"),
      "walkthrough.chapters[1].steps[0].id",
      "already",
    ],
    [
      "waits of more than a day",
      (f) => ({ ...f, operations: many(30, { op: "wait", microseconds: 3_600_000_000 }), ...BARE }),
      "operations",
      "add up",
    ],
    [
      "too many operations",
      (f) => ({ ...f, operations: many(100_001, { op: "wait", microseconds: 1 }), ...BARE }),
      "operations",
      "at most 100000",
    ],
    [
      "too many requests",
      (f) => ({ ...f, operations: many(5, { ...SEND, repeat: 250_000 }), ...BARE }),
      "operations",
      "requests",
    ],
  ])("%s", (_, change, place, message) => {
    const outcome = read(change(exampleFile()));
    if (outcome.ok) throw new Error("the file was read");
    expect(outcome.problem.place).toBe(place);
    expect(outcome.problem.message).toContain(message);
  });

  it("is told in full, with a place each", () => {
    let file = at(exampleFile(), "checks[0].at", "afterwards");
    file = at(file, "faults[0].operation", "nowhere");
    const problems = scenarioProblems("file.json", JSON.stringify(file));
    expect(problems.map(({ place }) => place)).toEqual(["faults[0].operation", "checks[0].at"]);
  });

  it("is text that is no JSON, or stands too deep", () => {
    expect(readScenario("f", '{"format": ')).toMatchObject({
      ok: false,
      problem: { place: "line 1 column 12" },
    });
    const deep = readScenario("f", `${"[".repeat(100_000)}`);
    expect(deep).toMatchObject({ ok: false, problem: { place: "line 1" } });
  });
});

const STEP = "walkthrough.chapters[0].steps[0]";
const BARE = { faults: [], checks: [], walkthrough: undefined };
const SEND = {
  op: "dma",
  requester: "6a:01.0",
  pasid: null,
  access: "read",
  address: "0x0",
  length: 1,
};
const many = (count: number, one: object) =>
  Array.from({ length: count }, (_, n) => ({ id: `n-${n}`, ...one }));

/** The file with another value at a path such as `checks[0].at`; undefined takes the key away. */
function at<T>(file: T, path: string, value: unknown): T {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
  let here = file as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) here = here[key] as Record<string, unknown>;
  here[keys.at(-1) ?? ""] = value;
  return file;
}

describe("damaged files", () => {
  it("give a scenario or a problem within a second", async () => {
    const texts = [JSON.stringify(EXAMPLE, null, 1)];
    for (const { load } of SHIPPED.values()) {
      const scenario = scenarioFrom("shipped", await load());
      if (scenario.ok) texts.push(writeScenario(scenario.value));
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts).chain(damagedText), async (text) => {
        await expectAnswer(() => readScenario("damaged.json", text));
      }),
      { numRuns: DAMAGED },
    );
  });
});

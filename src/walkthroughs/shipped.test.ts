// Every shipped scenario: a right file in its own layout, every check as declared, and two runs that are the same.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  readScenario,
  scenarioFrom,
  scenarioProblems,
  writeScenario,
} from "../interchange/scenario.ts";
import { type Played, playScenario } from "../session/play.ts";
import type { Scenario } from "../session/scenario.ts";
import { SHIPPED } from "./shipped.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const IDS = [...SHIPPED.keys()];

async function load(id: string): Promise<Scenario> {
  const read = scenarioFrom(id, await SHIPPED.get(id)?.load());
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  return read.value;
}

function play(scenario: Scenario): Played {
  const played = playScenario(scenario);
  if (!played.ok) throw new Error(JSON.stringify(played.problem));
  return played.value;
}

describe("shipped scenarios", () => {
  it("are the files of this folder, nine at least", () => {
    const files = readdirSync(FOLDER).filter(
      (name) => name.endsWith(".json") && name !== "tsconfig.json",
    );
    expect(files.map((name) => name.replace(/\.json$/, "")).sort()).toEqual([...IDS].sort());
    expect(IDS.length).toBeGreaterThanOrEqual(9);
  });

  it.each(IDS)("%s is laid out as it would be written", async (id) => {
    const text = readFileSync(`${FOLDER}${id}.json`, "utf8");
    expect(scenarioProblems(id, text)).toEqual([]);
    const read = readScenario(id, text);
    if (!read.ok) throw new Error(JSON.stringify(read.problem));
    expect(writeScenario(read.value)).toBe(text);
    expect(read.value.id).toBe(id);
    expect(read.value.title).toBe(SHIPPED.get(id)?.title);
    expect(read.value.checks.length).toBeGreaterThan(0);
  });

  it.each(IDS)("%s comes out as declared, twice the same", async (id) => {
    const scenario = await load(id);
    const played = play(scenario);
    expect(
      played.checks
        .filter(({ declared, got }) => declared !== got)
        .map(({ id: check, finding }) => [check, finding.summary, finding.evidence]),
    ).toEqual([]);
    expect(play(scenario)).toEqual(played);
  });

  it("fail when one declared outcome is turned over, in each direction", async () => {
    for (const id of IDS) {
      const scenario = await load(id);
      for (const declared of ["holds", "breaks"] as const) {
        const at = scenario.checks.findIndex((check) => check.declared === declared);
        if (at < 0) continue;
        const other = declared === "holds" ? "breaks" : "holds";
        const checks = scenario.checks.map((check, index) =>
          index === at ? { ...check, declared: other as typeof declared } : check,
        );
        const played = play({ ...scenario, checks });
        expect(played.ok, `${id} ${declared}`).toBe(false);
        expect(played.checks.filter(({ declared: d, got }) => d !== got)).toHaveLength(1);
      }
    }
  });
});

describe("one program on two designs", () => {
  it("makes the same calls, to the byte, and is told apart by tables alone", async () => {
    const [pointer, driver] = await Promise.all([
      load("same-calls-pointer"),
      load("same-calls-driver"),
    ]);
    expect(driver.operations).toEqual(pointer.operations);
    expect([pointer.design, driver.design]).toEqual(["D1", "D2"]);
    expect(play(driver).traceSha256).not.toBe(play(pointer).traceSha256);
  });
});

// docs/scenario-format.md names everything that the form has, and its example plays.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CHECKS } from "../session/checks/registry.ts";
import { playScenario } from "../session/play.ts";
import { PRESETS } from "../session/presets/presets.ts";
import { REVIEW_COUNTS } from "../session/review-counts.ts";
import { readScenario } from "./scenario.ts";
import { callForm, demandForm, faultForm, operationForm } from "./scenario-operations.ts";

const PAGE = readFileSync(
  fileURLToPath(new URL("../../docs/scenario-format.md", import.meta.url)),
  "utf8",
);
const literals = (
  form: { readonly options: readonly { readonly entries: object }[] },
  key: string,
) =>
  form.options.map(
    ({ entries }) => (entries as Record<string, { literal: string }>)[key]?.literal ?? "",
  );

describe("docs/scenario-format.md", () => {
  it.each<[string, readonly string[]]>([
    ["operations", literals(operationForm, "op")],
    ["demands", literals(demandForm, "want")],
    ["calls", literals(callForm, "call")],
    ["fault points", faultForm.entries.point.options],
    ["checks", [...CHECKS.keys()]],
    ["counts", [...REVIEW_COUNTS.keys()]],
    ["presets", [...PRESETS.keys()]],
  ])("names all %s", (_, names) => {
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([]);
  });

  it("names all arguments of checks in their row", () => {
    for (const { id, takes } of CHECKS.values()) {
      const row = PAGE.split("\n").find((line) => line.startsWith(`| \`${id}\` |`)) ?? "";
      expect(
        takes.filter((name) => !row.includes(`\`${name}\``)),
        id,
      ).toEqual([]);
    }
  });

  it("shows a file that plays as it says", () => {
    const text = /```json\n(\{\n {2}"format"[\s\S]*?)```/.exec(PAGE)?.[1] ?? "";
    const read = readScenario("docs", text);
    if (!read.ok) throw new Error(JSON.stringify(read.problem));
    const problems: string[] = [];
    const played = playScenario(read.value, ({ id }, { answers }) => {
      for (const { problem } of answers ?? [])
        if (problem !== null) problems.push(`${id}: ${problem}`);
    });
    expect(problems).toEqual([]);
    expect(played).toMatchObject({ ok: true, value: { ok: true, operations: 9 } });
  });
});

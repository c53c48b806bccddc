// `play` and `check` as their callers see them.
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { CallerFolder } from "../../testing/caller-folder.ts";
import { ROOT, runCli } from "../../testing/command.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const caller = new CallerFolder();
afterAll(() => caller.remove());

const shipped = (id: string) =>
  JSON.parse(readFileSync(path.join(ROOT, `src/walkthroughs/${id}.json`), "utf8"));

const lines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("play", () => {
  it("--all --json prints a line each and a last one, the same in two runs", async () => {
    const [first, second] = await Promise.all([
      runCli(["play", "--all", "--json"]),
      runCli(["play", "--all", "--json"]),
    ]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(second.stdout).toBe(first.stdout);
    const printed = lines(first.stdout);
    const total = printed.pop();
    expect(printed.length).toBeGreaterThanOrEqual(9);
    const checks = printed.reduce((sum, { checks: some }) => sum + some.length, 0);
    expect(total).toEqual({ scenarios: printed.length, checks, failed: 0 });
    for (const line of printed) {
      expect(Object.keys(line)).toEqual([
        ...["id", "operations", "events", "trace_sha256", "state_sha256", "checks", "ok"],
      ]);
      expect(line).toMatchObject({
        trace_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        state_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        ok: true,
      });
      for (const check of line.checks) {
        expect(Object.keys(check)).toEqual(["id", "at", "declared", "got"]);
      }
    }
  });

  it.each(["holds", "breaks"])(
    "fails when a check is wrongly declared to be one that %s",
    async (declared) => {
      const file = shipped("page-reused-through-iotlb");
      const check = file.checks.find((one: { declared: string }) => one.declared !== declared);
      check.declared = declared;
      const ended = await runCli([
        "play",
        "--json",
        caller.put("wrong.json", JSON.stringify(file)),
      ]);
      expect(ended.code).toBe(1);
      const [played, total] = lines(ended.stdout);
      expect(played.ok).toBe(false);
      expect(total).toMatchObject({ scenarios: 1, failed: 1 });
    },
  );

  it("writes every event with --trace, and tells in words without --json", async () => {
    const trace = path.join(caller.folder, "trace.jsonl");
    const ended = await runCli(["play", "--trace", trace, "same-calls-pointer"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const events = lines(readFileSync(trace, "utf8"));
    expect(ended.stdout).toContain(`${events.length} events`);
    expect(ended.stdout).toContain("as declared");
    expect(events.some(({ event }) => event.kind === "work done")).toBe(true);
  });
});

describe("check", () => {
  it("tells which steps are labelled, and every problem of a wrong file", async () => {
    const good = await runCli(["check", path.join(ROOT, "src/walkthroughs/mdev-errors.json")]);
    expect(good).toMatchObject({ code: 0, stderr: "" });
    expect(good.stdout).toContain("right (");
    const file = shipped("mdev-errors");
    file.checks[0].at = "nowhere";
    file.checks[1].check = "nothing";
    const bad = await runCli(["check", caller.put("bad.json", JSON.stringify(file))]);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('checks[0].at: there is no operation "nowhere"');
    expect(bad.stdout).toContain('checks[1].check: there is no check "nothing"');
  });
});

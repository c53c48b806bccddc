import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { fixture } from "../../testing/caller-folder.ts";
import { lastJson, ROOT, runCli } from "../../testing/command.ts";

// Each test starts processes, and other tests may be running beside it.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe("conformance", () => {
  it("counts the steps of the recorded cases", async () => {
    const ended = await runCli(["conformance", "--json", fixture("cases-open.json.gz")]);
    expect(ended.stderr).toBe("");
    expect(lastJson(ended)).toMatchObject({
      cases: 191,
      counted: 662,
      passed: 662,
      failed: 0,
      ignored: 62,
      failures: [],
    });
    expect(ended.code).toBe(0);
  });

  it("plays the extended cases in their own profile", async () => {
    const ended = await runCli(["conformance", "--json", fixture("cases-spec.json.gz")]);
    expect(lastJson(ended)).toMatchObject({
      cases: 91,
      counted: 286,
      failed: 0,
      ignored: 12,
      failures: [],
    });
  });

  it("prints a table by feature, and takes paths from where it is called", async () => {
    const ended = await runCli(
      ["conformance", "cases-open.json.gz", "cases-spec.json.gz"],
      path.join(ROOT, "src/testing/fixtures"),
    );
    expect(ended.stdout).toMatch(/^feature +cases +counted +passed +failed +ignored$/m);
    expect(ended.stdout).toMatch(/^all +282 +948 /m);
  });
});

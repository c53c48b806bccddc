import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { CallerFolder, fixture } from "../../testing/caller-folder.ts";
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

  it("plays the .json files of a directory, and fails a case that the format does not allow by itself", async () => {
    const caller = new CallerFolder();
    const packed = readFileSync(fixture("cases-spec.json.gz"));
    const all = JSON.parse(gunzipSync(packed).toString()) as { cases: object[] };
    const [first, second] = all.cases;
    const wrong = { ...first, ops: [{ op: "dma", rw: "sideways", expect: {} }] };
    caller.put("b.json", JSON.stringify({ ...all, cases: [second] }));
    caller.put("a.json", JSON.stringify({ ...all, cases: [{ ...wrong, id: "odd" }, first] }));
    caller.put("notes.txt", "no cases");
    const ended = await runCli(["conformance", "--json", "."], caller.folder);
    caller.remove();
    expect(ended).toMatchObject({ code: 1, stderr: "" });
    const place = expect.stringMatching(/^a\.json: cases\[0\]\.ops\[0\]/);
    expect(lastJson(ended)).toMatchObject({
      cases: 3,
      failed: 1,
      failures: [{ id: "odd", op: 0, got: { case: place } }],
    });
  });
});

import { afterAll, describe, expect, it, vi } from "vitest";
import { CallerFolder, fixture, sampleImage } from "../../testing/caller-folder.ts";
import { lastJson, runCli } from "../../testing/command.ts";

// Each test starts processes, and other tests may be running beside it.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const caller = new CallerFolder();
afterAll(() => caller.remove());

const IMAGE = sampleImage("linux-7.2-first-stage");

describe("image", () => {
  it.each([
    ["linux-7.2-first-stage", 56],
    ["debian-6.12-second-stage", 61],
    ["debian-6.1-legacy", 58],
  ])("passes what was recorded on %s", async (name, counted) => {
    const lookups = fixture(`${name}.lookups.jsonl.gz`);
    const ended = await runCli(["image", ...sampleImage(name), "--lookups", lookups, "--json"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const result = lastJson(ended) as Record<string, number>;
    expect(result).toMatchObject({ counted, passed: counted, failed: 0, failures: [] });
    expect(result["lookups"]).toBe(counted + (result["ignored"] ?? 0));
    expect(result["reason_equal"]).toBeGreaterThan(15);
  });

  it("tells lines that differ, and ends with 1", async () => {
    const line = {
      sid: "0x0028",
      iova: "0x100000",
      result: "translated",
      gpa: "0x1000",
      mask: "0xfff",
      agrees: true,
    };
    const file = caller.put(
      "differs.jsonl",
      `${JSON.stringify({ ...line, agrees: false })}\n${JSON.stringify(line)}\n`,
    );
    const ended = await runCli(["image", ...IMAGE, "--lookups", file, "--json"]);
    expect(ended.code).toBe(1);
    expect(lastJson(ended)).toMatchObject({
      lookups: 2,
      counted: 1,
      passed: 0,
      failed: 1,
      ignored: 1,
      reason_equal: 0,
      failures: [
        {
          line: 2,
          want: { result: "translated", gpa: "0x1000" },
          got: { read: { result: "translated", gpa: "0x55f1000" } },
        },
      ],
    });
  });

  it("ends with 2 when no lookup counts, and prints the counts all the same", async () => {
    const line = {
      sid: "0x0028",
      iova: "0x0",
      result: "fault",
      fault_reason: "0x1",
      write: false,
      agrees: false,
    };
    const ended = await runCli([
      "image",
      ...IMAGE,
      "--lookups",
      caller.put("none.jsonl", JSON.stringify(line)),
      "--json",
    ]);
    expect(ended.code).toBe(2);
    expect(lastJson(ended)).toMatchObject({ lookups: 1, counted: 0, ignored: 1 });
  });

  it("walks single addresses and prints one line of JSON for each", async () => {
    const ended = await runCli([
      "image",
      ...IMAGE,
      "--profile",
      "qemu",
      "--json",
      "--translate",
      "00:05.0,-,0x80123456,r",
      "--translate",
      "0000:00:05.0,-,0x210000,w",
      "--translate",
      "00:05.0,-,0x8000000000000000,r",
      "--translate",
      "00:05.0,-,0xfee00000,r",
    ]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const [page, fault, beyond, absorbed] = ended.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(page).toMatchObject({
      bdf: "00:05.0",
      pasid: null,
      iova: "0x80123456",
      access: "read",
      result: "translated",
      pa: "0x1d23456",
      mask: "0x1fffff",
      reason: null,
      name: null,
    });
    expect(page.steps).toHaveLength(7);
    expect(page.steps[3]).toEqual({
      read: "PASID table entry",
      address: "0x90f000",
      words: ["0x49", "0x6", "0x1993000", "0x0", "0x0", "0x0", "0x0", "0x0"],
      decision: "first-stage",
    });
    expect(page.steps[6]).toEqual({
      read: "first-stage entry, level 2",
      address: "0x1a1b000",
      words: ["0x1c000e7"],
      decision: "2 MiB page",
    });
    expect(fault).toMatchObject({
      access: "write",
      result: "fault",
      pa: null,
      mask: null,
      reason: "0x85",
      name: "SGN.6",
    });
    // Refused by a check that follows the reading of the PASID table entry.
    expect(beyond).toMatchObject({ result: "fault", reason: "0x80" });
    expect(beyond.steps.at(-1)).toMatchObject({ read: "PASID table entry", decision: "refused" });
    expect(absorbed).toMatchObject({ result: "translated", name: "interrupt range", steps: [] });
  });

  it("tells a walk in lines on stderr, and an interrupt request as what it is", async () => {
    const ended = await runCli([
      "image",
      ...IMAGE,
      "--profile",
      "qemu",
      "--translate",
      "00:05.0,-,0xfee00000,w",
      "--translate",
      "00:08.0,-,0x5000,r",
    ]);
    expect(ended.stderr).toContain(
      "00:05.0 without PASID write 0xfee00000 is an interrupt request and is not translated",
    );
    expect(ended.stderr).toContain("00:08.0 without PASID read 0x5000 is refused: 0x51 SPD.2");
    expect(ended.stderr).toMatch(
      /^ {2}3\. PASID directory entry at 0x[0-9a-f]+: 0x[0-9a-f]+: refused$/m,
    );
  });

  it("uses the profile of the specification when there are no lookups, and the width that is asked for", async () => {
    const strict = await runCli([
      "image",
      ...IMAGE,
      "--json",
      "--translate",
      "00:05.0,-,0x100000,r",
    ]);
    expect(lastJson(strict)).toMatchObject({ result: "fault", name: "SPT.3" });
    const narrow = await runCli(["image", ...IMAGE, "--haw", "32", "--profile", "qemu", "--json"]);
    expect(lastJson(narrow)).toMatchObject({ mode: "scalable", haw: 32 });
  });

  it("sums up what it holds", async () => {
    const ended = await runCli(["image", ...IMAGE, "--profile", "qemu"]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(
      "remapping: scalable, root table at 0x850000, host address width 48 bits",
    );
    expect(ended.stdout).toMatch(/^requesters \(17\): .*00:05\.0.*01:00\.0/m);
  });
});

// The command line itself: help, the bundle, pipes.
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { CallerFolder } from "../testing/caller-folder.ts";
import { execute, lastJson, ROOT, runCli } from "../testing/command.ts";

// Each test starts processes, and other tests may be running beside it.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const VERBS = ["play", "check", "conformance", "image", "bench"];

const caller = new CallerFolder();
afterAll(() => caller.remove());

describe("help", () => {
  it("comes within two seconds, through npm, on stdout", async () => {
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
      const ended = await execute("npm", ["run", "-s", "cli", "--", "--help"], { cwd: ROOT });
      expect(ended).toMatchObject({ code: 0, stderr: "" });
      for (const verb of VERBS) expect(ended.stdout).toContain(verb);
      times.push(ended.time);
    }
    // The best of three: what it takes, not what else the machine does.
    expect(Math.min(...times)).toBeLessThan(2000);
  });

  it.each(VERBS)("exists for %s", async (verb) => {
    const ended = await runCli([verb, "--help"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toContain(`cli -- ${verb}`);
  });
});

describe("the bundle", () => {
  it("is built once by calls that start at the same time, and anew after a change", {
    timeout: 60_000,
  }, async () => {
    const root = path.join(caller.folder, "clone");
    mkdirSync(root);
    for (const name of ["scripts", "package.json", "package-lock.json"]) {
      cpSync(path.join(ROOT, name), path.join(root, name), { recursive: true });
    }
    cpSync(path.join(ROOT, "src"), path.join(root, "src"), { recursive: true });
    symlinkSync(path.join(ROOT, "node_modules"), path.join(root, "node_modules"));
    const calls = await Promise.all(
      Array.from({ length: 4 }, () => runCli(["--help"], root, root)),
    );
    for (const { code, stdout, stderr } of calls) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("Usage:");
    }
    const bundles = () => readdirSync(path.join(root, ".cache/cli"));
    expect(bundles()).toHaveLength(1);
    const help = path.join(root, "src/cli/help.ts");
    writeFileSync(
      help,
      `export const HELP: Readonly<Record<string, string>> = { overview: "changed" };\n`,
    );
    expect((await runCli(["--help"], root, root)).stdout).toBe("changed\n");
    expect(bundles()).toHaveLength(2);
    writeFileSync(help, "this is no program");
    expect(await runCli(["--help"], root, root)).toMatchObject({ code: 3, stdout: "" });
  });
});

describe("a pipe", () => {
  it("may be closed early by who reads it", async () => {
    const command = `"${process.execPath}" scripts/cli.mjs conformance src/testing/fixtures/cases-open.json.gz | head -c 1; echo " \${PIPESTATUS[0]}"`;
    const ended = await execute("bash", ["-c", command], { cwd: ROOT });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toMatch(/^f \d+\n$/);
  });

  it("may be what is read", async () => {
    const command = `"${process.execPath}" scripts/cli.mjs conformance --json <(cat src/testing/fixtures/cases-spec.json.gz)`;
    const ended = await execute("bash", ["-c", command], {
      cwd: ROOT,
      env: { ...process.env, INIT_CWD: ROOT },
    });
    expect(lastJson(ended)).toMatchObject({ cases: 91 });
  });
});

// Every rule of the project is shown to fail: a violation is planted in a small copy of the project, and the check must name it.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { check, importsOf } from "../../scripts/checks.mjs";

const project = fileURLToPath(new URL("../..", import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder with the project's own settings and the given files. */
function plant(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(tmpdir(), "planted-"));
  folders.push(root);
  const settings = ["package.json", "biome.json", "knip.ts", "tsconfig.base.json", ".gitignore"];
  for (const name of settings) cpSync(path.join(project, name), path.join(root, name));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

/** Runs a tool of the project's packages in `root`. */
function run(root: string, tool: string, ...args: string[]): { code: number; text: string } {
  symlinkSync(path.join(project, "node_modules"), path.join(root, "node_modules"), "junction");
  const done = spawnSync(process.execPath, [path.join(project, "node_modules", tool), ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  return { code: done.status ?? -1, text: done.stdout + done.stderr };
}

const BIOME = "@biomejs/biome/bin/biome";
const TSC = "typescript/bin/tsc";
const KNIP = "knip/bin/knip.js";

const file = (...lines: string[]): string => `${["// A file.", ...lines].join("\n")}\n`;
const lines = (count: number, line: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => line(index));

describe("layers and packages", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["src/base/a.ts", 'import { b } from "../hardware/b.ts";', "base may import itself"],
    ["src/hardware/a.ts", 'import type { S } from "../session/types.ts";', "hardware may import"],
    ["src/hardware/vtd/a.ts", 'export type { S } from "../../scene/s.ts";', "hardware may import"],
    ["src/session/a.ts", 'export * from "../interchange/b.ts";', "session may import"],
    ["src/scene/a.ts", 'import { b } from "../interchange/b.ts";', "scene may import"],
    ["src/interchange/a.ts", 'import { b } from "../scene/b.ts";', "interchange may import"],
    ["src/interchange/a.ts", 'export const c = import("../app/b.ts");', "interchange may import"],
    ["src/interchange/a.ts", 'type B = import("../cli/b.ts").B;', "interchange may import"],
    ["src/app/a.tsx", 'import { b } from "../cli/b.ts";', "app may import"],
    ["src/cli/a.ts", 'import { b } from "../app/b.ts";', "cli may import"],
    ["src/hardware/a.ts", 'import "../../scripts/setup.mjs";', "hardware may import"],
    ["src/session/a.ts", 'import { fixture } from "../testing/fixture.ts";', "session may import"],
    ["src/session/a.ts", 'import { made } from "./made.fixture.ts";', "session may import"],
    ["src/scene/a.ts", 'import { walk } from "./walk-fixture.ts";', "scene may import"],
    ["src/app/a.ts", 'new URL("../testing/case.json", import.meta.url);', "app may import"],
    ["src/main.tsx", 'import { b } from "./testing/b.ts";', "the page may not import"],
    ["src/scene/a.ts", 'import { memo } from "react";', "the package react"],
    ["src/session/a.ts", 'import { createStore } from "zustand/vanilla";', "the package zustand"],
    ["src/hardware/a.ts", 'import { min } from "d3";', "the package d3"],
    ["src/scene/a.ts", 'import { line, select as pick } from "d3";', "imports select of d3"],
    ["src/scene/a.ts", 'import * as d3 from "d3";', "imports all of d3"],
    ["src/scene/a.ts", 'import { select } from "d3-selection";', "the package d3-selection"],
    ["src/interchange/a.ts", 'import { gunzipSync } from "node:zlib";', "may not use node:zlib"],
    ["src/app/a.ts", 'import { readFileSync } from "node:fs";', "may not use node:fs"],
    ["src/engine/a.ts", "export const a = 1;", "lies in no layer"],
  ];
  test.each(cases)("%s: %s", (name, line, message) => {
    const root = plant({ [name]: file(line) });
    expect(check(root)).toEqual([expect.stringContaining(`${name}: `)]);
    expect(check(root)[0]).toContain(message);
  });

  test("what the layers allow passes", () => {
    const root = plant({
      "src/hardware/a.ts": file('import { hex } from "../base/hex.ts";'),
      "src/scene/a.ts": file('import { line, scaleLinear } from "d3";'),
      "src/app/a.tsx": file('import { select } from "d3";', 'import { b } from "../scene/b.ts";'),
      "src/cli/a.ts": file('import { readFileSync } from "node:fs";'),
      "src/hardware/a.test.ts": file('import { walk } from "../testing/walk.ts";'),
      "src/main.tsx": file('import { start } from "./app/start.tsx";'),
    });
    expect(check(root)).toEqual([]);
  });

  test("imports are found across lines and not in comments", () => {
    const text =
      'import {\n  a,\n  b,\n} from "./x.ts";\n// import "./y.ts";\n/* import "./z.ts"; */\n';
    expect(importsOf(text).map(({ target }) => target)).toEqual(["./x.ts"]);
  });
});

describe("rules on the text of files", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["src/app/long.css", lines(501, () => "a {}").join("\n"), "has 501 lines"],
    ["src/base/a.ts", "export const a = 1;\n", "does not open with a comment"],
    ["src/base/a.test.ts", file('test.todo("later");'), "test.todo"],
    ["e2e/a.spec.ts", file('test.fixme("later", () => {});'), "test.fixme"],
    ["src/base/a.ts", file(`// ${"TO"}DO: more`), "left-over mark"],
    ["docs/a.md", `Export is ${"coming"} soon.\n`, "announces what is not there"],
    ["docs/a.md", `See ${"/ro"}ot/notes.\n`, "path of one machine"],
    ["e2e/a.ts", file(`// from https://${"registry"}.npmjs.org`), "registry host"],
    ["src/cli/a.ts", file('export const a = "walk.ok.ss10.1234";'), "name of a recorded case"],
    ["src/scene/a.ts", file("export const a = Math.random();"), "no clock and no chance"],
    ["src/session/a.ts", file("export const a = Date.now();"), "no clock and no chance"],
    ["README.md", "Run `npm run nothing`.\n", 'no script "nothing"'],
    ["README.md", "See [there](docs/nowhere.md).\n", "does not exist"],
  ];
  test.each(cases.map((each) => [each[0], each[2], each[1]]))("%s: %s", (name, message, text) => {
    expect(check(plant({ [name]: text }))).toEqual([expect.stringContaining(message)]);
  });

  test("the name of a case that the tests carry", () => {
    const root = plant({
      "src/testing/a.json": '{"cases":[{"id":"odd-name","feature":"odd"}]}',
      "src/hardware/a.ts": file('export const a = "odd-name";'),
      "src/hardware/b.ts": file("export const b = 'packed-name';"),
    });
    writeFileSync(
      path.join(root, "src/testing/b.json.gz"),
      gzipSync('{"cases":[{"id":"x","scenario":"packed-name"}]}'),
    );
    expect(check(root)).toEqual([
      expect.stringContaining('"odd-name" is the name of a recorded case'),
      expect.stringContaining("'packed-name' is the name of a recorded case"),
    ]);
  });

  test("a lock file that records hosts", () => {
    const lock = { packages: { "node_modules/a": { resolved: "https://example.org/a.tgz" } } };
    const root = plant({ "package-lock.json": JSON.stringify(lock) });
    expect(check(root)).toEqual([expect.stringContaining("node_modules/a records where")]);
  });

  test("the command fails when a rule is broken and passes when none is", () => {
    const script = path.join(project, "scripts/checks.mjs");
    const exit = (root: string) => spawnSync(process.execPath, [script, root]).status;
    expect(exit(plant({ "src/base/a.ts": file('import "../app/b.ts";') }))).toBe(1);
    expect(exit(plant({ "src/base/a.ts": file("export const a = 1;") }))).toBe(0);
  });
});

describe("rules of the linter", () => {
  const lint = (files: Readonly<Record<string, string>>) =>
    run(plant(files), BIOME, "lint", "--error-on-warnings", ".");

  test("import cycles, types included", () => {
    const { code, text } = lint({
      "src/base/a.ts": file('import type { B } from "./b.ts";', "export type A = B | 1;"),
      "src/base/b.ts": file('import type { A } from "./a.ts";', "export type B = A | 2;"),
    });
    expect(text).toContain("noImportCycles");
    expect(code).not.toBe(0);
  });

  test("files above 500 lines", () => {
    const { code, text } = lint({
      "src/base/a.ts": file(...lines(500, (index) => `export const a${index} = ${index};`)),
    });
    expect(text).toContain("noExcessiveLinesPerFile");
    expect(code).not.toBe(0);
  });

  test.each(["skip", "only"])("test.%s", (word) => {
    const { code, text } = lint({
      "src/base/a.test.ts": file(
        'import { expect, test } from "vitest";',
        `test.${word}("adds", () => { expect(1).toBe(1); });`,
      ),
    });
    expect(text).toMatch(/noSkippedTests|noFocusedTests/);
    expect(code).not.toBe(0);
  });

  test("a harmless file passes", () => {
    const { code, text } = lint({ "src/base/a.ts": file("export const a = 1;") });
    expect(text).toContain("No fixes applied");
    expect(code).toBe(0);
  });
});

describe("rules of compiler and knip", () => {
  const compile = (line: string) => {
    const root = plant({ "src/hardware/a.ts": file(line) });
    for (const layer of ["base", "hardware"]) {
      const settings = `src/${layer}/tsconfig.json`;
      mkdirSync(path.join(root, "src", layer), { recursive: true });
      cpSync(path.join(project, settings), path.join(root, settings));
    }
    writeFileSync(path.join(root, "src/base/b.ts"), file("export const b = 1;"));
    return run(root, TSC, "-b", "src/hardware");
  };

  test.each([
    ["export const a = document.title;", "document"],
    ["export const a = process.argv;", "process"],
    ["console.log(1);", "console"],
    ["export enum A { B }", "erasableSyntaxOnly"],
  ])("no platform below the page: %s", (line, message) => {
    const { code, text } = compile(line);
    expect(text).toContain(message);
    expect(code).not.toBe(0);
  });

  test("what the compiler allows passes", () => {
    expect(compile('export { b } from "../base/b.ts";')).toEqual({ code: 0, text: "" });
  });

  test("an export that nothing uses", () => {
    const knip = (main: string) =>
      run(
        plant({
          "src/cli/main.ts": file(main, "console.log(used);"),
          "src/cli/a.ts": file("export const used = 1;", "export const leftOver = 2;"),
        }),
        KNIP,
        "--no-config-hints",
        "--include",
        "files,exports,types",
      );
    const bad = knip('import { used } from "./a.ts";');
    expect(bad.text).toContain("leftOver");
    expect(bad.code).not.toBe(0);
    const good = knip('import { leftOver, used } from "./a.ts";\nconsole.log(leftOver);');
    expect(good.text).toBe("");
    expect(good.code).toBe(0);
  });
});

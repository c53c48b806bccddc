// The naive walker proves something only as long as it shares nothing with the emulated hardware.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL("./", import.meta.url);
const files = readdirSync(folder).filter((name) => /^naive-.*\.ts$/.test(name));

/** Everything a file imports: static, re-exported and dynamic, types included. */
function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'`]([^"'`]+)["'`]/g);
  return [...found].map((match) => match[1] ?? "");
}

test("the walker is where it is looked for", () => {
  expect(files).toContain("naive-walker.ts");
  expect(files.length).toBeGreaterThan(5);
});

test.each(files)("%s imports only other naive files", (name) => {
  const imported = importsOf(readFileSync(new URL(name, folder), "utf8"));
  expect(imported.filter((from) => !/^\.\/naive-[a-z-]+\.ts$/.test(from))).toEqual([]);
});

test("an import in any form is seen", () => {
  const text = `import type { A } from "../hardware/a.ts";
export { b } from '../hardware/b.ts';
const c = await import("../hardware/c.ts");
import "../hardware/d.ts";`;
  expect(importsOf(text)).toEqual(["a", "b", "c", "d"].map((name) => `../hardware/${name}.ts`));
});

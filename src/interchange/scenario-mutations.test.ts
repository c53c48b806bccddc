// Shipped files with other values in them: each is refused with place and reason, or plays to an end within a second.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { playScenario } from "../session/play.ts";
import { DAMAGED, expectAnswer } from "../testing/mutations.ts";
import { SHIPPED } from "../walkthroughs/shipped.ts";
import { EXAMPLE } from "./scenario.fixture.ts";
import { readScenario } from "./scenario.ts";

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (value === null || typeof value !== "object") return [path];
  const inside = Object.entries(value).flatMap(([key, field]) =>
    pathsOf(field, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [...inside, ...(path.length > 0 ? [path] : [])];
}

const valueAt = (file: unknown, path: Path): unknown =>
  path.reduce<unknown>((here, key) => (here as Record<string | number, unknown>)[key], file);

/** The file with `value` at `path`, where that path still exists. */
function put(file: unknown, path: Path, value: unknown): void {
  let here = file;
  for (const key of path.slice(0, -1)) {
    if (here === null || typeof here !== "object") return;
    here = (here as Record<string | number, unknown>)[key];
  }
  if (here === null || typeof here !== "object") return;
  (here as Record<string | number, unknown>)[path.at(-1) ?? ""] = value;
}

const odd = fc.constantFrom<unknown>(
  ...[0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, 0.5, true, null, [], {}, "", "0x0", "0x1000"],
  ...[
    "0xffffffffffffffff",
    "0xfffffffffffff000",
    "$memory",
    "$",
    "root",
    "vm-b",
    "end",
    "D2",
    "..",
    "é",
  ],
);

/** A change: a path, and either an odd value or what stands elsewhere in the same file. */
const changes = fc.array(
  fc.record({ at: fc.nat(), from: fc.option(fc.nat(), { nil: null }), odd }),
  { minLength: 1, maxLength: 3 },
);

describe("files with other values", () => {
  it("are refused with place and reason, or play to an end", async () => {
    const files: unknown[] = [EXAMPLE];
    for (const { load } of SHIPPED.values()) files.push(await load());
    const paths = files.map((file) => pathsOf(file));
    let played = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(files.length - 1), changes, async (which, edits) => {
        const file = JSON.parse(JSON.stringify(files[which])) as unknown;
        const all = paths[which] ?? [];
        for (const { at, from, odd: value } of edits) {
          const path = all[at % all.length] ?? [];
          const other = from === null ? value : valueAt(files[which], all[from % all.length] ?? []);
          put(file, path, JSON.parse(JSON.stringify(other)));
        }
        const read = await expectAnswer(() => readScenario("changed.json", JSON.stringify(file)));
        if (!read.ok) return;
        played++;
        await expectAnswer(() => playScenario(read.value));
      }),
      { numRuns: DAMAGED },
    );
    // Otherwise nothing was tried beyond the reader.
    expect(played).toBeGreaterThan(DAMAGED / 50);
  });
});

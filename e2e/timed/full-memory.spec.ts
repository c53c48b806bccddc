// A whole guest memory of 128 MiB opens quickly and without freezing the page.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { openFiles } from "../support/app.ts";
import { countFrames, longTasks } from "../support/frames.ts";
import { type FullMemory, makeFullMemory } from "../support/full-memory.ts";
import { expect, test } from "../support/test.ts";

const LIMIT = 3000;
const LONGEST_TASK = 200;

let folder: string;
let image: FullMemory;
test.beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "full-memory-"));
  image = makeFullMemory(folder);
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The best of so many, because a machine that does something else at the moment says nothing about the page. */
const ATTEMPTS = 3;

interface Opening {
  /** Milliseconds until the stage is there. */
  readonly took: number;
  /** Longest task until then and right after, milliseconds. */
  readonly longest: number;
}

async function open(page: Page): Promise<Opening> {
  await page.goto("about:blank");
  await page.goto("./");
  await page.getByRole("button", { name: "Choose files" }).waitFor();
  const start = performance.now();
  await openFiles(page, [image.tables, image.registers]);
  const took = performance.now() - start;
  await page.waitForTimeout(500);
  return { took, longest: Math.max(0, ...(await longTasks(page))) };
}

test("128 MiB open in under three seconds with no task above 200 ms", async ({ page }) => {
  await countFrames(page);
  const openings: Opening[] = [];
  const good = ({ took, longest }: Opening) => took < LIMIT && longest <= LONGEST_TASK;
  while (openings.length < ATTEMPTS && !openings.some(good)) openings.push(await open(page));
  const told = openings
    .map(({ took, longest }) => `${Math.round(took)} ms, longest task ${Math.round(longest)} ms`)
    .join("; ");
  const description = `${(image.packed / 1e6).toFixed(1)} MB packed: ${told}`;
  test.info().annotations.push({ type: "opening", description });
  expect(openings.some(good), description).toBe(true);
});

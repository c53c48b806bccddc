// A whole guest memory of 128 MiB opens quickly and without freezing the page.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { countFrames, longTasks } from "./support/frames.ts";
import { type FullMemory, makeFullMemory } from "./support/full-memory.ts";
import { expect, test } from "./support/test.ts";

const LIMIT = 3000;
const LONGEST_TASK = 200;

let folder: string;
let image: FullMemory;
test.beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "full-memory-"));
  image = makeFullMemory(folder);
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("128 MiB open in under three seconds with no task above 200 ms", async ({ page }) => {
  await countFrames(page);
  await page.goto("./");
  const button = page.getByRole("button", { name: "Choose files" });
  const chooser = page.waitForEvent("filechooser");
  await button.click();
  const start = performance.now();
  await (await chooser).setFiles([image.tables, image.registers]);
  await page.getByRole("main", { name: "Stage" }).waitFor();
  const took = performance.now() - start;
  // What the page still does right after it has drawn counts as well.
  await page.waitForTimeout(500);
  const longest = Math.max(0, ...(await longTasks(page)));
  test.info().annotations.push({
    type: "opening",
    description: `${(image.packed / 1e6).toFixed(1)} MB packed, ${Math.round(took)} ms, longest task ${Math.round(longest)} ms`,
  });
  expect(took, "milliseconds until the stage is there").toBeLessThan(LIMIT);
  expect(longest, "longest task in milliseconds").toBeLessThanOrEqual(LONGEST_TASK);
});

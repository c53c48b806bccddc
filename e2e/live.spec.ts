// One polite line for each step of the reader: the status text changes once, and only then.
import type { Page } from "@playwright/test";
import { idle, openForTest, read } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

declare global {
  interface Window {
    /** Texts of the status line since `listen`. */
    heard?: string[];
  }
}

const listen = (page: Page) =>
  page.evaluate(() => {
    const status = document.querySelector("[role=status]");
    if (!status) throw new Error("the page has no status line");
    const heard: string[] = [];
    window.heard = heard;
    new MutationObserver(() => heard.push(status.textContent ?? "")).observe(status, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });

/** What was said since the last call. */
const heard = (page: Page): Promise<string[]> => page.evaluate(() => window.heard?.splice(0) ?? []);

test("each step is said once, politely, in different words", async ({ page }) => {
  await openForTest(page);
  await expect(page.getByRole("status")).toHaveCount(1);
  await expect(page.locator("[aria-live=assertive]")).toHaveCount(0);
  await listen(page);
  const steps: readonly (readonly [string, () => Promise<void>, RegExp])[] = [
    ["send", () => page.keyboard.press("s"), /reached 0x.* after 8 reads/],
    ["send again", () => page.keyboard.press("s"), /through the IOTLB/],
    ["send a third time", () => page.keyboard.press("s"), /through the IOTLB/],
    ["previous operation", () => page.keyboard.press("["), /./],
    ["invalidate", () => page.keyboard.press("i"), /cached entries gone/],
    ["undo", () => page.keyboard.press("u"), /^Undone/],
    ["redo", () => page.keyboard.press("Shift+U"), /cached entries gone/],
    ["profile", () => page.keyboard.press("p"), /run anew/],
    ["back a hop", () => page.keyboard.press("ArrowLeft"), /^Hop 7 of 8/],
    ["next hop", () => page.keyboard.press("ArrowRight"), /^Hop 8 of 8/],
    ["play", () => page.keyboard.press("."), /^Playing/],
    ["slower", () => page.keyboard.press("-"), /^Speed 0\.5/],
  ];
  for (const [step, act, words] of steps) {
    await act();
    await expect
      .poll(() => page.evaluate(() => window.heard?.length ?? 0), step)
      .toBeGreaterThan(0);
    await idle(page);
    const said = await heard(page);
    expect(said, step).toHaveLength(1);
    expect(said[0], step).toMatch(words);
  }
});

test("while a packet travels and while a stream runs, nothing is said on and on", async ({
  page,
}) => {
  await openForTest(page);
  await page.keyboard.press("s");
  await page.evaluate(() => window.playground?.advance(200));
  await listen(page);
  await idle(page);
  expect(await heard(page), "the walk on its own").toEqual([]);
  await page.getByRole("button", { name: "Stream" }).click();
  await page.evaluate(() => window.playground?.advance(5000));
  expect((await heard(page)).length, "a stream of five seconds").toBeLessThanOrEqual(1);
  await page.getByRole("button", { name: "Stop" }).click();
  await idle(page);
  expect((await read(page)).stream).toBeNull();
});

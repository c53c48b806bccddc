// The first screen is light and at rest: how much JavaScript it needs before it answers, and that nothing ticks when idle.

import { openSample, sampleButtons } from "../support/app.ts";
import { countFrames, framesDuring } from "../support/frames.ts";
import { collectScripts } from "../support/scripts.ts";
import { expect, test } from "../support/test.ts";

/** Bytes, brotli. */
const BUDGET = 95_000;
const IDLE = 2000;

test("the first screen answers a click with at most 95 kB of JavaScript", async ({ page }) => {
  const html = await (await page.request.get("./")).text();
  const needed = [...html.matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)].map(([, file]) => file);
  // Whatever the page fetches later is held back, so the click is answered without it.
  await page.route("**/*.js", async (route) => {
    const { pathname } = new URL(route.request().url());
    if (needed.some((file) => pathname.endsWith(`/${file}`))) await route.continue();
  });
  const scripts = collectScripts(page);
  await page.goto("./");
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose files" }).click();
  await chooser;
  const fetched = await scripts();
  const bytes = fetched.reduce((sum, script) => sum + script.bytes, 0);
  test.info().annotations.push({ type: "kB brotli", description: (bytes / 1000).toFixed(1) });
  expect(fetched.length, "scripts").toBeGreaterThan(0);
  expect(bytes, JSON.stringify(fetched)).toBeLessThanOrEqual(BUDGET);
});

test("no frame is requested when idle", async ({ page }) => {
  await countFrames(page);
  await page.goto("./");
  await sampleButtons(page).first().waitFor();
  await page.waitForTimeout(500);
  expect(await framesDuring(page, IDLE), "on the first screen").toBe(0);
  await openSample(page);
  await page.waitForTimeout(2000);
  expect(await framesDuring(page, IDLE), "with an image open").toBe(0);
});

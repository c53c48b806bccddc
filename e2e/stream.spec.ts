// A stream of requests: several rates, counted; stopped, and then nothing moves and no frame is asked for.
import { sampleButtons, stageOf } from "./support/app.ts";
import { countFrames, framesDuring } from "./support/frames.ts";
import { advance, eventsOf, idle, openForTest, read } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

/** Key presses from the slowest rate, and requests per second. */
const RATES = [
  [0, 1],
  [3, 10],
  [5, 100],
  [6, 1000],
] as const;

test("requests are sent at the chosen rate, and stop", async ({ page }) => {
  await openForTest(page);
  const rate = page.getByRole("slider", { name: "Requests per second" });
  const events = page.getByRole("tabpanel", { name: "Events" });
  let before = 0;
  for (const [presses, perSecond] of RATES) {
    await rate.press("Home");
    for (let press = 0; press < presses; press++) await rate.press("ArrowRight");
    await expect(rate).toHaveAttribute("aria-valuetext", `${perSecond} per second`);
    await page.getByRole("button", { name: "Stream" }).click();
    expect((await read(page)).stream).toBe(perSecond);
    await advance(page, 3000);
    await page.getByRole("button", { name: "Stop" }).click();
    await idle(page);
    expect((await read(page)).stream).toBeNull();
    const text = (await events.getByText(/^\d+ operations?:/).textContent()) ?? "";
    const sent = Number(/([\d,]+) requests?,/.exec(text)?.[1]?.replaceAll(",", ""));
    // One is sent at once; what is owed at the end is not.
    expect(sent - before, text).toBeGreaterThanOrEqual(perSecond * 3 - Math.max(1, perSecond / 10));
    expect(sent - before, text).toBeLessThanOrEqual(perSecond * 3 + 1);
    before = sent;
    const { digest } = await read(page);
    await advance(page, 2000);
    expect((await read(page)).digest, "nothing is sent after the stop").toBe(digest);
  }
  expect(JSON.stringify(await eventsOf(page)), "it hits what it filled").toContain("iotlb");
});

test("packets of a stream are drawn, each one, and are gone after the stop", async ({ page }) => {
  await openForTest(page);
  const ink = () =>
    stageOf(page)
      .locator("canvas")
      .evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const copy = new OffscreenCanvas(width, height).getContext("2d");
        copy?.drawImage(canvas as HTMLCanvasElement, 0, 0);
        const { data } = copy?.getImageData(0, 0, width, height) ?? { data: [] };
        let count = 0;
        for (let at = 3; at < data.length; at += 4) if ((data[at] ?? 0) > 0) count++;
        return count;
      });
  expect(await ink()).toBe(0);
  const rate = page.getByRole("slider", { name: "Requests per second" });
  await rate.press("Home");
  await page.getByRole("button", { name: "Stream" }).click();
  await advance(page, 300);
  expect(await ink(), "the first is the followed one, which is no part of the canvas").toBe(0);
  await expect(stageOf(page).locator("svg.packet")).toBeVisible();
  await advance(page, 900);
  const one = await ink();
  expect(one).toBeGreaterThan(100);
  await page.getByRole("slider", { name: "Requests per second" }).press("End");
  await advance(page, 1000);
  expect(await ink(), "more requests, more packets").toBeGreaterThan(one * 2);
  await page.getByRole("button", { name: "Stop" }).click();
  await idle(page);
  expect(await ink()).toBe(0);
});

test("with the clock of the wall: a stream runs, and after the stop no frame is asked for", async ({
  page,
}) => {
  await countFrames(page);
  await page.goto("./");
  await sampleButtons(page).first().click();
  await stageOf(page).waitFor();
  await page.keyboard.press("r");
  const events = page.getByRole("tabpanel", { name: "Events" });
  await expect(events).toContainText(/[3-9] requests/);
  expect(await framesDuring(page, 200)).toBeGreaterThan(0);
  await page.keyboard.press("r");
  await expect.poll(() => framesDuring(page, 300)).toBe(0);
  expect(await framesDuring(page, 700)).toBe(0);
});

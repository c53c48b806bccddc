// What it costs to go to any moment of a session of 100,000 operations: script time of the page, panels and picture included.
import type { CDPSession } from "@playwright/test";
import { writeScenario } from "../../src/interchange/scenario.ts";
import { longScenario, middle, placesOf } from "../../src/testing/long-session.ts";
import { drop } from "../support/files.ts";
import { moment } from "../support/kernel.ts";
import { expect, test } from "../support/test.ts";

const OPERATIONS = Number(process.env["OPERATIONS"] ?? 100_000);
const SEEKS = 100;

/** Seconds of JavaScript since the page was opened. */
async function scriptTime(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN;
}

test(`any moment of ${OPERATIONS} operations`, async ({ page }) => {
  test.setTimeout(1_200_000);
  await page.goto("./");
  const text = writeScenario(longScenario(OPERATIONS));
  const start = performance.now();
  await drop(page, [
    { name: "long.json", mimeType: "application/json", buffer: Buffer.from(text) },
  ]);
  const slider = moment(page);
  await slider.waitFor({ timeout: 900_000 });
  const ran = (performance.now() - start) / 1000;
  await expect(slider).toHaveAttribute("aria-valuemax", String(OPERATIONS));

  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const box = await slider.boundingBox();
  if (!box) throw new Error("the timeline has no place");
  const settled = () =>
    page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 30))),
    );
  const times: number[] = [];
  const moments = new Set<string | null>();
  const first = page.getByRole("slider", { name: "First operation shown" });
  const windows = placesOf(SEEKS, OPERATIONS - 30);
  for (const [i, x] of placesOf(SEEKS, Math.floor(box.width) - 2).entries()) {
    // The timeline shows a part of the run: any part, and any moment of it. Its slider moves in steps of 6.
    const shown = windows[i] ?? 0;
    await first.fill(String(shown - (shown % 6)));
    await settled();
    const before = await scriptTime(devtools);
    await page.mouse.click(box.x + 1 + x, box.y + box.height / 2);
    await settled();
    times.push(((await scriptTime(devtools)) - before) * 1000);
    moments.add(await slider.getAttribute("aria-valuenow"));
  }
  times.sort((a, b) => a - b);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = (await devtools.send("Runtime.getHeapUsage")) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  const megabytes = (usedSize + (backingStorageSize ?? 0)) / 2 ** 20;
  const [median, most95, most] = [0.5, 0.95, 1].map((share) => middle(times, share));
  console.log(
    [
      `${OPERATIONS} operations ran in ${ran.toFixed(1)} s (${(text.length / 1e6).toFixed(1)} MB of scenario)`,
      `${moments.size} moments: median ${median?.toFixed(1)}, 95 % ${most95?.toFixed(1)}, most ${most?.toFixed(1)} ms of script`,
      `${megabytes.toFixed(0)} MB of memory`,
    ].join("\n"),
  );
  expect(moments.size).toBeGreaterThan(SEEKS / 2);
  expect(median).toBeLessThan(50);
});

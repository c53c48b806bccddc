// What a frame of a full stage costs, beside a bare canvas page with as many packets in the same run.
import type { Page } from "@playwright/test";
import { openSample, stageOf } from "../support/app.ts";
import { type FrameCost, measureFrames } from "../support/cpu.ts";
import { countFrames } from "../support/frames.ts";
import { expect, test } from "../support/test.ts";
import { drawBare } from "./bare-page.ts";

const PACKETS = 10_000;
const ROUNDS = 3;
const MEASURED = 4000;
/** Until as many packets are under way as the stage draws, and until the last has arrived. */
const FILLING = 4000;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Milliseconds until nothing is left on the canvas of the stage. */
async function untilEmpty(page: Page): Promise<number> {
  const start = performance.now();
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("main canvas");
    if (!canvas) return false;
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy?.drawImage(canvas, 0, 0);
    return copy?.getImageData(0, 0, width, height).data.every((value) => value === 0) ?? false;
  });
  return performance.now() - start;
}

test("10,000 packets on a full stage", async ({ page, context }) => {
  test.setTimeout(300_000);
  await countFrames(page);
  await page.goto("./");
  await openSample(page);
  const stage = stageOf(page);
  const nodes = await stage.locator("svg g.item").count();
  // No page there: each request walks and is refused, so it is under way for longer than a second.
  await page.getByLabel("Address").first().fill("0x1234_5000");
  // 10,000 a second.
  await page.getByRole("slider", { name: "Requests per second" }).press("End");
  const box = await stage.locator("canvas").boundingBox();
  if (!box) throw new Error("the stage has no canvas");

  const bare = await context.newPage();
  await countFrames(bare);
  await bare.goto("about:blank");
  const size = { width: Math.round(box.width), height: Math.round(box.height), count: PACKETS };

  const costs: Record<"product" | "rectangles" | "pixels", FrameCost[]> = {
    product: [],
    rectangles: [],
    pixels: [],
  };
  for (let round = 0; round < ROUNDS; round++) {
    await page.bringToFront();
    await page.getByRole("button", { name: "Stream" }).click();
    await page.waitForTimeout(FILLING);
    costs.product.push(await measureFrames(page, MEASURED));
    await page.getByRole("button", { name: "Stop" }).click();
    const travel = await untilEmpty(page);
    expect(travel, "milliseconds under way, so that 10,000 are at once").toBeGreaterThan(1300);
    await bare.bringToFront();
    for (const way of ["rectangles", "pixels"] as const) {
      await bare.reload();
      await bare.evaluate(drawBare, { ...size, way });
      await bare.waitForTimeout(1000);
      costs[way].push(await measureFrames(bare, MEASURED));
    }
    await bare.reload();
  }
  const cpu = (of: readonly FrameCost[]) => median(of.map((cost) => cost.cpu));
  const line = (name: string, of: readonly FrameCost[]) =>
    `${name}: ${cpu(of).toFixed(2)} ms of CPU per frame (${of.map((cost) => `${cost.cpu.toFixed(2)} in ${cost.frames} frames`).join(", ")})`;
  const ratio = cpu(costs.product) / cpu(costs.rectangles);
  console.log(
    [
      `${nodes} nodes and ${PACKETS} packets on ${size.width} x ${size.height}, ${MEASURED} ms each`,
      line("stage", costs.product),
      line("bare canvas, a rectangle per packet", costs.rectangles),
      line("bare canvas, pixels", costs.pixels),
      `ratio to the bare canvas ${ratio.toFixed(2)}, to pixels ${(cpu(costs.product) / cpu(costs.pixels)).toFixed(2)}; at most 1.5`,
    ].join("\n"),
  );
  expect(nodes, "nodes on the stage").toBeGreaterThanOrEqual(50);
  expect(ratio, "times a bare canvas page").toBeLessThanOrEqual(1.5);
});

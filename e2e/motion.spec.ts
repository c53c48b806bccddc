// Reduced motion shows the same run without travel. Forced colours and high contrast keep every difference visible.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { stageOf } from "./support/app.ts";
import { advance, eventsOf, idle, openForTest, read, send } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

interface Run {
  readonly events: readonly unknown[];
  readonly digest: string | null;
  readonly said: string;
  readonly hops: readonly (number | null)[];
  readonly places: number;
}

/** Sends a request and looks every 50 ms at the packet and at the hop that is shown. */
async function run(page: Page): Promise<Run> {
  await openForTest(page);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  const hops: (number | null)[] = [];
  const places = new Set<string | null>();
  for (let step = 0; step < 80; step++) {
    await advance(page, 50);
    const { hop } = await read(page);
    if (hops.at(-1) !== hop) hops.push(hop);
    places.add(
      await stageOf(page)
        .locator("svg.packet")
        .evaluate((packet) => (packet as SVGElement).style.transform),
    );
  }
  await idle(page);
  const { digest, said } = await read(page);
  return { events: await eventsOf(page), digest, said, hops, places: places.size };
}

test("with reduced motion the events, the hops and what is said are the same; nothing travels", async ({
  page,
}) => {
  const normal = await run(page);
  await page.emulateMedia({ reducedMotion: "reduce" });
  const reduced = await run(page);
  expect(reduced.events.length).toBeGreaterThan(10);
  expect(reduced.events).toEqual(normal.events);
  expect(reduced.digest).toBe(normal.digest);
  expect(reduced.said).toBe(normal.said);
  const inOrder = (hops: Run["hops"]) => hops.filter((hop) => hop !== null);
  expect(inOrder(reduced.hops)).toEqual(inOrder(normal.hops));
  expect(normal.places, "the packet travels").toBeGreaterThan(30);
  expect(reduced.places, "the packet is at its stops only").toBeLessThanOrEqual(11);
});

test("with reduced motion no style sheet animates", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openForTest(page);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .filter((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0) > 1)
      .map((animation) => `${animation.constructor.name} ${animation.id}`),
  );
  expect(moving).toEqual([]);
});

test("in forced colours selection, focus, refusal and staleness are drawn, not only coloured", async ({
  page,
}) => {
  await page.emulateMedia({ forcedColors: "active" });
  await openForTest(page);
  const stage = stageOf(page);
  await stage.getByRole("button", { name: /^NVMe, 01:00\.0/ }).click();
  const drawn = (selector: string) =>
    stage
      .locator(selector)
      .first()
      .evaluate((shape) => {
        const style = getComputedStyle(shape);
        return {
          stroke: style.stroke,
          width: Number.parseFloat(style.strokeWidth),
          fill: style.fill,
        };
      });
  const chosen = await drawn(".chosen");
  expect(chosen.stroke).not.toBe("none");
  expect(chosen.width).toBeGreaterThanOrEqual(1);
  const background = await stage.evaluate((main) => getComputedStyle(main).backgroundColor);
  expect(chosen.stroke).not.toBe(background);
  await send(page);
  await page.getByRole("button", { name: "PASID entry not present" }).click();
  await idle(page);
  await expect(stage.locator(".cross")).toBeVisible();
  const cross = await drawn(".cross path");
  expect(cross.stroke).not.toBe("none");
  const text = await stage
    .locator("svg text")
    .evaluateAll((texts) => texts.map((one) => getComputedStyle(one).fill));
  expect(text.length).toBeGreaterThan(50);
  expect(
    text.filter((fill) => fill === background),
    "text in the colour of the ground",
  ).toEqual([]);
});

test("high contrast is chosen, kept, and every text has a contrast of seven to one", async ({
  page,
}) => {
  await openForTest(page);
  await page.getByLabel("Theme").selectOption({ label: "High contrast" });
  await send(page);
  await page.getByRole("button", { name: "PASID entry not present" }).click();
  await idle(page);
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    const { violations, passes } = await new AxeBuilder({ page })
      .withRules(["color-contrast-enhanced"])
      .analyze();
    expect(
      violations.flatMap(({ nodes }) =>
        nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
      ),
      scheme,
    ).toEqual([]);
    expect(passes.flatMap(({ nodes }) => nodes).length, "texts looked at").toBeGreaterThan(50);
  }
  await page.reload();
  await expect(page.getByLabel("Theme")).toHaveValue("contrast");
});

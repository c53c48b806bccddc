// Sending a request, chosen or typed; the packet that walks, hits or dies; stepping hop by hop; why it was refused.
import type { Page } from "@playwright/test";
import { stageOf } from "./support/app.ts";
import { advance, eventsOf, idle, openForTest, read, send } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

/** Middle of the packet on the stage, CSS pixels from the left. */
async function packetAt(page: Page): Promise<number> {
  const box = await stageOf(page).locator("svg.packet").boundingBox();
  if (!box) throw new Error("no packet is drawn");
  return box.x + box.width / 2;
}

/** Left edges of the four columns of the stage. */
const columnsOf = (page: Page): Promise<number[]> =>
  stageOf(page)
    .locator("svg text.heading")
    .evaluateAll((texts) => texts.map((text) => text.getBoundingClientRect().left));

const hops = (page: Page) => page.getByRole("tabpanel", { name: "Walk" }).locator("ol button");

test("a range is chosen, the packet walks the tables and lands in memory", async ({ page }) => {
  await openForTest(page);
  const root = stageOf(page).getByRole("button", { name: /^Root table, entry/ });
  await expect(root, "tables of the request to come").toHaveAccessibleName(/entry 01 /);
  await page.getByLabel("Requester", { exact: true }).selectOption({ label: "00:05.0 edu (VFIO)" });
  await expect(root).toHaveAccessibleName(/entry 00 /);
  const ranges = page.getByLabel(/^Mapped ranges, \d+$/);
  const range = await ranges.locator("option").nth(2).textContent();
  await ranges.selectOption({ index: 2 });
  const address = range?.split(",")[0] ?? "";
  await expect(page.getByLabel("Address").first()).toHaveValue(address);
  await page.getByLabel("Access").selectOption("read");
  await page.getByRole("button", { name: "Send", exact: true }).click();

  const columns = await columnsOf(page);
  expect(columns).toHaveLength(4);
  const [, unit = 0, spaces = 0, memory = 0] = columns;
  const places: number[] = [await packetAt(page)];
  expect(places[0], "it starts at its requester").toBeLessThan(unit);
  const hopsSeen = new Set<number | null>();
  for (let step = 0; step < 60; step++) {
    await advance(page, 100);
    places.push(await packetAt(page));
    hopsSeen.add((await read(page)).hop);
  }
  expect(
    places.some((x) => x > unit && x < spaces),
    "it is seen in the unit",
  ).toBe(true);
  expect(places.at(-1), "it ends in host memory").toBeGreaterThan(memory - 40);
  await idle(page);
  const state = await read(page);
  expect(state).toMatchObject({ outcome: "translated", hop: null, operations: 1 });
  const reads = (await eventsOf(page)).filter(
    (event) => (event as { kind: string }).kind === "read",
  );
  expect(reads.length, "table reads").toBeGreaterThanOrEqual(7);
  await expect(hops(page)).toHaveCount(reads.length);
  expect(hopsSeen.size, "hops shown while it walked").toBeGreaterThanOrEqual(reads.length - 1);
  await expect(page.getByRole("tabpanel", { name: "Walk" })).toContainText("Reached 0x");
});

test("the same request again is answered by the IOTLB, seen on the stage", async ({ page }) => {
  await openForTest(page);
  const first = await send(page);
  const iotlb = stageOf(page).getByRole("button", { name: /^IOTLB/ });
  await expect(iotlb.locator(".answered")).toHaveCount(0);
  const second = await send(page);
  expect(second.target).toBe(first.target);
  await expect(iotlb.locator(".answered")).toHaveCount(1);
  expect(await eventsOf(page)).toContainEqual(
    expect.objectContaining({ kind: "reached", how: "iotlb" }),
  );
  await expect(page.getByRole("tabpanel", { name: "Events" })).toContainText("through the IOTLB");
});

test("a typed request of a damaged device dies where it is refused, with the usual causes", async ({
  page,
}) => {
  await openForTest(page);
  await page.getByLabel("Requester", { exact: true }).selectOption("Another, typed");
  const typed = page.getByLabel("Bus:device.function");
  await typed.fill("nonsense");
  await expect(page.getByRole("form", { name: "Request" })).toContainText(
    "Expected bus:device.function",
  );
  await page.getByRole("button", { name: "Send", exact: true }).click();
  expect((await read(page)).operations, "a request that cannot be read is not sent").toBe(0);
  await typed.fill("00:0a.0");
  await page.getByLabel("Address").first().fill("0x5000");
  const state = await send(page);
  expect(state).toMatchObject({ outcome: "fault", target: null });
  expect(state.fault).toBeGreaterThan(0);

  const [, , spaces = 0] = await columnsOf(page);
  expect(await packetAt(page), "it never gets past the unit").toBeLessThan(spaces);
  await expect(stageOf(page).locator(".cross")).toBeVisible();
  const code = `0x${(state.fault ?? 0).toString(16).padStart(2, "0")}`;
  await expect(
    stageOf(page).getByRole("button", { name: new RegExp(`Fault ${code}`) }),
  ).toBeVisible();

  const walk = page.getByRole("tabpanel", { name: "Walk" });
  const fault = walk.getByRole("region", { name: "Fault" });
  await expect(fault).toContainText(new RegExp(`^Fault ${code}, .+\\.$`));
  await expect(walk.getByRole("heading", { name: "Usual causes, likeliest first" })).toBeVisible();
  expect(await walk.locator("ol[class*=causes] li").count()).toBeGreaterThanOrEqual(2);
  await expect(walk.getByRole("heading", { name: "Fault record" })).toBeVisible();
});

test("every damaged entry of the sample is refused with a sentence and causes", async ({
  page,
}) => {
  await openForTest(page);
  const walk = page.getByRole("tabpanel", { name: "Walk" });
  const codes = new Set<number | null>();
  for (const title of [
    "VFIO device writes a read-only page",
    "VFIO device writes behind its mapping",
    "PASID entry not present",
    "Reserved bit in a paging entry",
  ]) {
    await page.getByRole("button", { name: title }).click();
    await idle(page);
    const state = await read(page);
    expect(state.outcome, title).toBe("fault");
    codes.add(state.fault);
    await expect(walk.getByRole("region", { name: "Fault" })).toContainText(/[a-z]{3,}.*\.$/);
    await expect(walk.locator("ol[class*=causes] li").first()).toBeVisible();
  }
  expect(codes.size, "different reasons").toBeGreaterThanOrEqual(3);
});

test("the walk is stepped hop by hop, from the list, the buttons and the keys", async ({
  page,
}) => {
  await openForTest(page);
  await send(page);
  const walk = page.getByRole("tabpanel", { name: "Walk" });
  const list = hops(page);
  const count = await list.count();
  expect(count).toBe(8);
  await list.first().click();
  await idle(page);
  for (let hop = 0; hop < count; hop++) {
    await expect(walk).toContainText(`hop ${hop + 1} of ${count}`);
    await expect(list.nth(hop)).toHaveAttribute("aria-current", "step");
    expect((await read(page)).hop).toBe(hop);
    // The entry of the hop is shown as memory holds it.
    await expect(walk.getByRole("toolbar", { name: /bytes at 0x/ })).toHaveCount(1);
    if (hop < count - 1) {
      await walk.getByRole("button", { name: "Next hop" }).click();
      await idle(page);
    }
  }
  await stageOf(page).focus();
  await page.keyboard.press("ArrowLeft");
  await expect.poll(async () => (await read(page)).hop).toBe(count - 2);
  await page.keyboard.press("ArrowRight");
  await expect.poll(async () => (await read(page)).hop).toBe(count - 1);

  await walk.getByRole("button", { name: "Open walk" }).click();
  const view = page.getByRole("dialog", { name: "Walk" });
  await view.getByRole("button", { name: /^Hop 3,/ }).click();
  await expect(view).toContainText(`Hop 3 of ${count}`);
  await page.keyboard.press("Escape");
  await expect(view).toBeHidden();
  await expect(walk).toContainText(`hop 3 of ${count}`);
});

test("paused, the packet stands; with play it goes on", async ({ page }) => {
  await openForTest(page);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await advance(page, 600);
  await page.getByRole("button", { name: "Pause" }).click();
  const stands = await packetAt(page);
  await advance(page, 2000);
  expect(await packetAt(page)).toBe(stands);
  await page.getByRole("button", { name: "Play" }).click();
  await idle(page);
  expect(await packetAt(page)).toBeGreaterThan(stands);
});

// Outline and table say what the stage shows, and select the same object.
import type { Page } from "@playwright/test";
import { stageOf } from "./support/app.ts";
import { idle, openForTest, read, send } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

const onStage = (page: Page) => stageOf(page).getByRole("button", { name: /^NVMe, 01:00\.0/ });
const inspector = (page: Page) => page.getByRole("tabpanel", { name: "Inspector" });

/** All three show the NVMe as the selected requester. */
async function allShowIt(page: Page): Promise<void> {
  await expect(onStage(page)).toHaveAttribute("aria-pressed", "true");
  await expect(stageOf(page).locator("[aria-pressed=true]"), "one object").toHaveCount(1);
  await expect(inspector(page).getByRole("heading", { level: 2 })).toHaveText("NVMe");
  await page.getByRole("tab", { name: "Outline" }).click();
  const row = page.getByRole("treeitem", { name: /01:00\.0 NVMe/ }).first();
  await expect(row).toHaveAttribute("aria-selected", "true");
  await expect(page.locator("[role=treeitem][aria-selected=true]")).toHaveCount(1);
  await page.getByRole("tab", { name: "Table", exact: true }).click();
  const choice = page.getByRole("tabpanel", { name: "Table" }).getByRole("button", {
    name: "01:00.0",
    exact: true,
  });
  await expect(choice).toHaveAttribute("aria-pressed", "true");
  expect((await read(page)).selection).toEqual({ kind: "requester", requester: 0x100 });
}

test("what is selected on the stage is selected in outline and table", async ({ page }) => {
  await openForTest(page);
  await onStage(page).click();
  await allShowIt(page);
});

test("what is selected in the outline is selected on the stage and in the table", async ({
  page,
}) => {
  await openForTest(page);
  await page.getByRole("tab", { name: "Outline" }).click();
  await page
    .getByRole("treeitem", { name: /01:00\.0 NVMe/ })
    .first()
    .click();
  await allShowIt(page);
});

test("what is selected in the table is selected on the stage and in the outline", async ({
  page,
}) => {
  await openForTest(page);
  await page.getByRole("tab", { name: "Table", exact: true }).click();
  await page
    .getByRole("tabpanel", { name: "Table" })
    .getByRole("button", { name: "01:00.0", exact: true })
    .click();
  await allShowIt(page);
});

test("address spaces and cached entries too, by keyboard", async ({ page }) => {
  await openForTest(page);
  await send(page);
  await page.getByRole("tab", { name: "Outline" }).click();
  const tree = page.getByRole("tree");
  await tree.locator("[tabindex='0']").focus();
  // A letter leads to the next row that begins with it.
  await page.keyboard.press("Home");
  for (let press = 0; press < 300; press++) {
    const label = await page.evaluate(() => document.activeElement?.textContent ?? "");
    if (label.includes("Domain 22,")) break;
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await expect(
    stageOf(page).getByRole("button", { name: /^Address space Domain 22/ }),
  ).toHaveAttribute("aria-pressed", "true");
  await expect(inspector(page)).toContainText("Domain 22");
  await page.getByRole("tab", { name: "Table", exact: true }).click();
  const row = page
    .getByRole("tabpanel", { name: "Table" })
    .getByRole("row", { name: /01:00\.0 NVMe/ });
  await expect(row.locator("button[aria-pressed=true]")).toHaveText(/second-stage/);

  await page.keyboard.press("5");
  const lists = page.getByRole("tabpanel", { name: "Registers and caches" });
  await lists.getByRole("button", { name: /^IOTLB 1 of/ }).click();
  await lists.getByRole("table", { name: /IOTLB/ }).getByRole("button").first().click();
  expect((await read(page)).selection).toMatchObject({ kind: "cache entry", cache: "iotlb" });
  await page.keyboard.press("2");
  await expect(page.locator("[role=treeitem][aria-selected=true]")).toContainText(/^Slot \d+/);
});

test("the outline follows an edit and its stale entry", async ({ page }) => {
  await openForTest(page);
  await send(page);
  const walk = page.getByRole("tabpanel", { name: "Walk" });
  await walk.getByRole("button", { name: "Edit bits, values or bytes" }).click();
  await walk.getByRole("button", { name: /^Bit 0 of word 0, R/ }).click();
  await walk.getByRole("button", { name: "Store, tell no cache" }).click();
  await idle(page);
  await page.getByRole("tab", { name: "Outline" }).click();
  await expect(page.getByRole("treeitem", { name: /IOTLB cache/ })).toContainText("1 stale");
});

// A whole story by keyboard alone, with the focus in view at every stop: open, choose, send, step, edit, stale hit,
// invalidate, undo. And everything on the page is reached by Tab and arrow keys.
import type { Page } from "@playwright/test";
import { sampleButtons, stageOf } from "./support/app.ts";
import { firstScreen, idle, moveTo, openForTest, read, unseenFocus } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await idle(page);
}

/** What a reader did must not lose the place. */
const keepsPlace = async (page: Page) => expect(await unseenFocus(page)).toBeNull();

test("open, send, step, edit a bit, stale hit, invalidate, undo: by keyboard only", async ({
  page,
}) => {
  await firstScreen(page);
  await moveTo(page, sampleButtons(page).first());
  await page.keyboard.press("Enter");
  await expect(stageOf(page)).toBeFocused();

  // The request: by its list of mapped ranges.
  const requester = page.getByLabel("Requester", { exact: true });
  await moveTo(page, requester);
  await page.keyboard.type("00:05");
  await expect(requester).toHaveValue("00:05.0");
  const ranges = page.getByLabel(/^Mapped ranges/);
  await moveTo(page, ranges);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await moveTo(page, page.getByLabel("Access"), "Shift+Tab");
  await page.keyboard.type("Read");
  await moveTo(page, page.getByLabel("Address").first());
  await press(page, "Enter");
  const sent = await read(page);
  expect(sent).toMatchObject({ operations: 1, outcome: "translated" });
  await keepsPlace(page);

  // Hop by hop.
  const walk = page.getByRole("tabpanel", { name: "Walk" });
  await moveTo(page, walk.locator("ol button[aria-current=step]"));
  await press(page, "ArrowLeft");
  const hop = (await read(page)).hop;
  expect(hop).toBeGreaterThan(3);
  await press(page, "ArrowRight");
  await expect.poll(async () => (await read(page)).hop).toBe((hop ?? 0) + 1);

  // The right to read goes, and no cache is told.
  await moveTo(page, walk.getByRole("button", { name: "Edit bits, values or bytes" }));
  await press(page, "Enter");
  await keepsPlace(page);
  const bits = walk.getByRole("toolbar", { name: /bits to toggle/ });
  await moveTo(page, bits.locator("button[tabindex='0']"), "Shift+Tab");
  const bit = bits.getByRole("button", { name: /^Bit 0 of word 0, R/ });
  await page.keyboard.press("End");
  await expect(bit).toBeFocused();
  await press(page, "Space");
  await expect(bit).toHaveAttribute("aria-pressed", "false");
  await moveTo(page, walk.getByRole("button", { name: "Store, tell no cache" }));
  await press(page, "Enter");
  await keepsPlace(page);
  expect((await read(page)).stale).toBeGreaterThan(0);

  await press(page, "s");
  expect(await read(page)).toMatchObject({ outcome: "translated", target: sent.target });
  await expect(walk.getByRole("region", { name: "Stale answer" })).toBeVisible();
  await press(page, "i");
  await expect.poll(async () => (await read(page)).stale).toBe(0);
  await press(page, "s");
  expect((await read(page)).outcome).toBe("fault");
  await expect(walk.getByRole("region", { name: "Fault" })).toBeVisible();
  for (const left of [4, 3, 2, 1]) {
    await press(page, "u");
    expect((await read(page)).operations).toBe(left);
  }
  expect((await read(page)).digest).toBe(sent.digest);
  await press(page, "Shift+U");
  expect((await read(page)).operations).toBe(2);
});

test("the palette finds commands and requesters, and gives the focus back", async ({ page }) => {
  await openForTest(page);
  const theme = page.getByLabel("Theme");
  await theme.focus();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Find or run" });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await expect(theme).toBeFocused();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("01:00.0");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tabpanel", { name: "Inspector" })).toContainText("NVMe");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("send the request");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await read(page)).operations).toBe(1);
});

test("the stage is one stop; arrow keys reach every thing on it, Enter selects", async ({
  page,
}) => {
  await openForTest(page);
  const stage = stageOf(page);
  const items = stage.locator("[data-item]");
  const all = new Set(
    await items.evaluateAll((list) => list.map((item) => item.getAttribute("data-item"))),
  );
  expect(all.size).toBeGreaterThan(25);
  await expect(stage.locator("[data-item][tabindex='0']"), "one stop").toHaveCount(1);
  await moveTo(page, stage.locator("[data-item][tabindex='0']"));
  const reached = new Set<string | null>();
  const here = () => page.evaluate(() => document.activeElement?.getAttribute("data-item") ?? null);
  await page.keyboard.press("Home");
  // Down each column; sideways into the next.
  for (let column = 0; column < 4; column++) {
    while ((await here()) !== null && !reached.has(await here())) {
      reached.add(await here());
      expect(await unseenFocus(page)).toBeNull();
      await page.keyboard.press("ArrowDown");
    }
    const bottom = await here();
    for (let up = 0; up < 60; up++) {
      const at = await here();
      await page.keyboard.press("ArrowUp");
      const next = await here();
      reached.add(next);
      if (next === at) break;
    }
    await page.keyboard.press("ArrowRight");
    if ((await here()) === bottom) break;
    while (true) {
      const at = await here();
      await page.keyboard.press("ArrowUp");
      if ((await here()) === at) break;
    }
  }
  expect([...all].filter((item) => !reached.has(item))).toEqual([]);
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  expect((await read(page)).selection).toMatchObject({ kind: "requester" });
});

test("every control of the main screen is a stop of Tab, or of the arrow keys of its group", async ({
  page,
}) => {
  await openForTest(page);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await idle(page);
  await page.getByRole("heading", { name: "IOMMU Playground" }).click();
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  const reached = new Set<string>();
  const name = () =>
    page.evaluate(() => {
      const all = [...document.querySelectorAll("*")];
      return `${all.indexOf(document.activeElement ?? document.body)}`;
    });
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press("Tab");
    const unseen = await unseenFocus(page);
    if (unseen === "nothing has the focus") break;
    expect(unseen, `stop ${presses + 1}`).toBeNull();
    const at = await name();
    expect(reached.has(at), "no stop comes twice").toBe(false);
    reached.add(at);
  }
  const left = await page.evaluate(
    (seen) => {
      const all = [...document.querySelectorAll("*")];
      const inGroup = "[role=tablist], [role=tree], [role=toolbar], [role=listbox], svg";
      return all.flatMap((element, at) => {
        if (!element.matches("button, input, select, textarea, a[href], [role=button]")) return [];
        if (element.closest("[aria-hidden=true]") || element.matches(":disabled")) return [];
        if (element.closest(inGroup) || element.getClientRects().length === 0) return [];
        return seen.includes(`${at}`) ? [] : [element.textContent?.trim() || element.tagName];
      });
    },
    [...reached],
  );
  expect(left, "controls that Tab does not reach").toEqual([]);
});

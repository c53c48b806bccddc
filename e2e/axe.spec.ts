// Accessibility of every part of the page in every look and on two sizes of screen, with every rule of axe on.
import type { Page } from "@playwright/test";
import { sampleCards } from "./support/app.ts";
import { axe, LOOKS, setLook } from "./support/axe.ts";
import { firstScreen, idle, openForTest } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;

async function look(page: Page, what: string): Promise<void> {
  await test.step(what, () => axe(page));
}

for (const size of SIZES) {
  for (const setting of LOOKS) {
    test(`${setting}, ${size.width} x ${size.height}`, async ({ page }) => {
      await page.setViewportSize(size);
      await setLook(page, setting);
      await firstScreen(page);
      await expect(sampleCards(page)).toHaveCount(3);
      await look(page, "first screen");
      await openForTest(page);
      const tab = (name: string) => page.getByRole("tab", { name, exact: true });
      const wide = size.width >= 1280;
      if (!wide) await tab("Request").click();
      await page.getByRole("button", { name: "PASID entry not present" }).click();
      await idle(page);
      if (!wide) await tab("Graph").click();
      await look(page, "stage after a refused request");
      for (const name of ["Outline", "Table", "Memory", "Registers and caches", "Events"]) {
        await tab(name).click();
        await look(page, name);
      }
      if (!wide) {
        await tab("Request").click();
        await look(page, "request");
      }
      await page.keyboard.press("Control+k");
      await page.keyboard.type("01:00.0");
      await page.keyboard.press("Enter");
      await expect(page.getByRole("tabpanel", { name: "Inspector" })).toContainText("NVMe");
      await look(page, "inspector");
      await tab("Walk").click();
      if (!wide) await look(page, "walk");
      await page.getByRole("button", { name: "Open walk" }).click();
      await expect(page.getByRole("dialog", { name: "Walk" })).toBeVisible();
      await look(page, "walk view");
      await page.getByRole("button", { name: "Edit bits, values or bytes" }).last().click();
      await look(page, "walk view, editing");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await look(page, "Find or run");
      await page.keyboard.press("Escape");
      for (const [command, name] of [
        ["Show all keys", "Keys"],
        ["Share a link", "Share a link"],
      ] as const) {
        await page.keyboard.press("Control+k");
        await page.keyboard.type(command);
        await page.keyboard.press("Enter");
        const dialog = page.getByRole("dialog", { name });
        await expect(dialog).toBeVisible();
        await look(page, name);
        await page.keyboard.press("Escape");
        await expect(dialog).toBeHidden();
      }
    });
  }
}

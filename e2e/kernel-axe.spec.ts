// Accessibility of the Review door, the walkthrough and every panel of a running kernel, in every look and on two sizes.
import { axe, LOOKS, setLook } from "./support/axe.ts";
import { openWalkthrough, stepOf, tab } from "./support/kernel.ts";
import { firstScreen, idle } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
const PANELS = ["Timeline", "Call tree", "Console", "Isolation", "Objects", "Checks"] as const;
const PANEL = "[role=tabpanel]";
/** The step where checks hold and break, and a cache gives a stale page. */
const STALE_STEP = 12;

for (const size of SIZES) {
  for (const look of LOOKS) {
    test(`${look}, ${size.width} x ${size.height}`, async ({ page }) => {
      await page.setViewportSize(size);
      await setLook(page, look);
      await firstScreen(page);
      await page.getByRole("button", { name: "Show the scenarios" }).click();
      await expect(
        page.getByRole("region", { name: /^Scenarios/ }).getByRole("listitem"),
      ).not.toHaveCount(0);
      await test.step("Review door", () => axe(page));

      await openWalkthrough(page);
      await test.step("the question", () => axe(page));
      for (let step = 1; step < STALE_STEP; step++) await page.keyboard.press("PageDown");
      await expect(stepOf(page)).toContainText(`Step ${STALE_STEP} of`);
      await idle(page);
      await test.step("a step with checks that break", () => axe(page));
      const panel = (name: string) => page.getByRole("tabpanel", { name, exact: true });
      for (const name of PANELS) {
        await tab(page, name).click();
        await expect(panel(name)).not.toContainText("is being read");
        if (name === "Isolation") {
          await panel(name)
            .getByRole("button", { name: /by a cache only/ })
            .first()
            .click();
          await tab(page, name).click();
        }
        await test.step(name, () => axe(page, PANEL));
      }
      // What is selected in them, in the inspector.
      await tab(page, "Checks").click();
      await panel("Checks").getByRole("listitem").getByRole("button").first().click();
      await tab(page, "Inspector").click();
      await test.step("a check in the inspector", () => axe(page, PANEL));
      await tab(page, "Objects").click();
      await panel("Objects")
        .getByRole("treeitem", { name: /^mdev / })
        .first()
        .click();
      await tab(page, "Inspector").click();
      await expect(panel("Inspector")).toContainText("mdev");
      await test.step("an object in the inspector", () => axe(page, PANEL));
      await tab(page, "Act").click();
      await test.step("Act", () => axe(page, PANEL));
    });
  }
}

// Accessibility: the page in a look, and axe with every rule on.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

export type Look = "light" | "dark" | "forced colours";
export const LOOKS: readonly Look[] = ["light", "dark", "forced colours"];

/** Shows the page as a system with this setting would. */
export async function setLook(page: Page, look: Look): Promise<void> {
  await page.emulateMedia({
    colorScheme: look === "dark" ? "dark" : "light",
    forcedColors: look === "forced colours" ? "active" : "none",
  });
}

/** Fails with rule, element and reason of each violation on the page as it stands, or in one part of it. */
export async function axe(page: Page, part?: string): Promise<void> {
  // Every rule runs; only what they find is written up, since the rest takes most of the time. The page has no frames,
  // so all of it is looked at in place.
  const builder = new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ["violations"] });
  const { violations } = await (part === undefined ? builder : builder.include(part)).analyze();
  const told = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
  );
  expect(told, "axe").toEqual([]);
}

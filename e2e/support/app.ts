// The page as a reader meets it: opening a machine, and where things are.
import type { Locator, Page } from "@playwright/test";

export const stageOf = (page: Page): Locator => page.getByRole("main", { name: "Stage" });

/** The door to tables of real machines on the first screen. */
const decodeDoor = (page: Page): Locator => page.getByRole("region", { name: "Decode" });

/** The shipped machines on the first screen, each with what it is. */
export const sampleCards = (page: Page): Locator => decodeDoor(page).getByRole("listitem");

/** Buttons of the first screen that open a shipped machine, in the order of the list. */
export const sampleButtons = (page: Page): Locator => sampleCards(page).getByRole("button");

/** Opens a shipped machine from the first screen and waits until it is drawn. */
export async function openSample(page: Page, position = 0): Promise<void> {
  await sampleButtons(page).nth(position).click();
  await stageOf(page).waitFor();
}

/** Opens files through the picker and waits until they are drawn. */
export async function openFiles(page: Page, files: readonly string[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose files" }).click();
  await (await chooser).setFiles([...files]);
  await stageOf(page).waitFor();
}

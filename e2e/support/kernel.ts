// Machines with a running kernel: the ways in, and what actors do there.
import { expect, type Locator, type Page } from "@playwright/test";
import { firstScreen, idle } from "./story.ts";

export const tab = (page: Page, name: string): Locator =>
  page.getByRole("tab", { name, exact: true });

/** The slider of the timeline. */
export const moment = (page: Page): Locator => page.getByRole("slider", { name: "Moment" });

/** The part of the page that tells the step of the walkthrough. */
export const stepOf = (page: Page): Locator =>
  page.getByRole("region", { name: "Step of the walkthrough" });

export const trouble = (page: Page): Locator =>
  page.getByRole("region", { name: "What went wrong" });

/** The walkthrough of the review, at its first step and at rest. */
export async function openWalkthrough(page: Page): Promise<void> {
  await firstScreen(page);
  await page.getByRole("button", { name: "Start the walkthrough" }).click();
  await stepOf(page).waitFor();
  await idle(page);
}

export const sandboxButton = (page: Page): Locator =>
  page.getByRole("button", { name: /^Server with an accelerator/ });

/** The server without any operation. */
export async function openSandbox(page: Page): Promise<void> {
  await firstScreen(page);
  await sandboxButton(page).click();
  await actForm(page).waitFor();
  await idle(page);
}

/** A shipped scenario, all of its operations run. */
export async function openScenario(page: Page, title: string): Promise<void> {
  await firstScreen(page);
  await page.getByRole("button", { name: "Show the scenarios" }).click();
  await page.getByRole("button", { name: title }).click();
  await tab(page, "Console").waitFor();
  await idle(page);
}

/** The form of what an actor does. */
export const actForm = (page: Page): Locator =>
  page.getByRole("form", { name: "What an actor does" });

/** One thing that an actor does: what the page calls it, and the fields that are not as suggested. */
export interface Act {
  readonly who: "root's shell" | "VM-A" | "VM-B";
  readonly what: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly fault?: string;
}

/** Does it with the pointer, and lets what moves arrive. */
export async function act(page: Page, { who, what, fields = {}, fault }: Act): Promise<void> {
  const form = actForm(page);
  await form.getByLabel("Who").selectOption(who);
  await form.getByLabel("Does what").selectOption(what);
  for (const [label, value] of Object.entries(fields)) {
    const field = form.getByLabel(label, { exact: true });
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") {
      await field.selectOption(value);
    } else await field.fill(value);
  }
  await form.getByLabel("What goes wrong").selectOption(fault ?? "Nothing goes wrong");
  await page.getByRole("button", { name: what, exact: true }).click();
  await idle(page);
  await expect(trouble(page)).toBeHidden();
}

export const UUID_A = "a297db4a-f4c2-11e6-90f6-d3b88d6c9525";
export const UUID_B = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";

/** From an empty host to two VMs, each with a slice of the accelerator that the IOMMU isolates. */
export const TWO_ISOLATED_MDEVS: readonly Act[] = [
  { who: "root's shell", what: "Load a module", fields: { Module: "idxd" } },
  { who: "root's shell", what: "Create an mdev", fields: { Type: "idxd-1dwq-v1", UUID: UUID_A } },
  { who: "root's shell", what: "Create an mdev", fields: { Type: "idxd-1dwq-v1", UUID: UUID_B } },
  { who: "VM-A", what: "Start the VM" },
  { who: "VM-A", what: "Assign a device", fields: { Device: UUID_A } },
  { who: "VM-B", what: "Start the VM" },
  { who: "VM-B", what: "Assign a device", fields: { Device: UUID_B } },
  { who: "VM-A", what: "Let the device write", fields: { Device: UUID_A } },
  { who: "VM-B", what: "Let the device write", fields: { Device: UUID_B } },
];

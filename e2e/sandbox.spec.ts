// The sandbox: from an empty host to two isolated mdevs, by pointer and by keyboard alone, and a flush that is dropped.
import type { Page } from "@playwright/test";
import {
  type Act,
  act,
  actForm,
  openSandbox,
  sandboxButton,
  TWO_ISOLATED_MDEVS,
  tab,
  UUID_A,
  UUID_B,
} from "./support/kernel.ts";
import { firstScreen, idle, moveTo, read, unseenFocus } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

/** Two VMs, each with one slice: tables and caches say that neither reaches the other. */
async function expectIsolated(page: Page): Promise<void> {
  const checks = page.getByRole("tabpanel", { name: "Checks" });
  const row = (name: string) => checks.getByRole("listitem").filter({ hasText: name }).first();
  await expect(row("Each PASID reaches exactly its owner's pages")).toContainText(
    "holds. 2 PASIDs reach 32 pages",
  );
  await expect(row("Cached translations agree with the tables")).toContainText("holds");
}

test("two isolated mdevs from an empty host, by pointer; then a flush is dropped", async ({
  page,
}) => {
  await openSandbox(page);
  const empty = await read(page);
  expect(empty.operations).toBe(0);
  for (const one of TWO_ISOLATED_MDEVS) await act(page, one);
  expect((await read(page)).operations).toBe(TWO_ISOLATED_MDEVS.length);
  await tab(page, "Checks").click();
  await expectIsolated(page);
  await tab(page, "Objects").click();
  for (const uuid of [UUID_A, UUID_B]) {
    await expect(page.getByRole("treeitem", { name: new RegExp(`^mdev ${uuid}`) })).toBeVisible();
  }
  const isolation = page.getByRole("tabpanel", { name: "Isolation" });
  await tab(page, "Isolation").click();
  await expect(isolation.getByRole("grid")).toBeVisible();
  await expect(isolation.getByRole("button", { name: /by a cache only/ })).toHaveCount(0);

  await act(page, { who: "VM-A", what: "Unmap memory", fault: "An invalidation is dropped" });
  expect((await read(page)).stale).toBeGreaterThan(0);
  await expect(isolation.getByRole("button", { name: /by a cache only/ }).first()).toBeVisible();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await idle(page);
  expect((await read(page)).stale).toBe(0);

  // Down to the empty host again.
  for (const who of ["VM-A", "VM-B"] as const) await act(page, { who, what: "Stop the VM" });
  for (const Mdev of [UUID_A, UUID_B]) {
    await act(page, { who: "root's shell", what: "Remove an mdev", fields: { Mdev } });
  }
  await act(page, { who: "root's shell", what: "Unload a module", fields: { Module: "idxd" } });
  await tab(page, "Checks").click();
  const checks = page.getByRole("tabpanel", { name: "Checks" });
  for (const name of ["Every pin is given back", "Everything that was taken is given back"]) {
    await expect(checks.getByRole("listitem").filter({ hasText: name })).toContainText("holds");
  }
});

/** Chooses in a list as a reader without a pointer does: types what it says. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  const list = actForm(page).getByLabel(label, { exact: true });
  const chosen = () =>
    list.evaluate((element) => (element as HTMLSelectElement).selectedOptions[0]?.label);
  if ((await chosen()) === option) return;
  await reach(page, label);
  await page.keyboard.press("Home");
  for (let down = 0; down < 30 && (await chosen()) !== option; down++) {
    await page.keyboard.press("ArrowDown");
  }
  expect(await chosen(), label).toBe(option);
}

/** Goes to the field of this label, whichever way is shorter. */
async function reach(page: Page, label: string): Promise<void> {
  const field = actForm(page).getByLabel(label, { exact: true });
  const before = await field.evaluate(
    (element) =>
      ((document.activeElement?.compareDocumentPosition(element) ?? 0) &
        Node.DOCUMENT_POSITION_PRECEDING) !==
      0,
  );
  await moveTo(page, field, before ? "Shift+Tab" : "Tab");
}

async function actByKeyboard(page: Page, { who, what, fields = {} }: Act): Promise<void> {
  await choose(page, "Who", who);
  await choose(page, "Does what", what);
  for (const [label, value] of Object.entries(fields)) {
    const field = actForm(page).getByLabel(label, { exact: true });
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") {
      await choose(page, label, value);
    } else if ((await field.inputValue()) !== value) {
      await reach(page, label);
      await page.keyboard.press("Control+a");
      await page.keyboard.type(value);
    }
  }
  await moveTo(page, page.getByRole("button", { name: what, exact: true }));
  await page.keyboard.press("Enter");
  await idle(page);
  expect(await unseenFocus(page), "the place is kept").toBeNull();
}

test("two isolated mdevs from an empty host, by keyboard alone", async ({ page }) => {
  await firstScreen(page);
  await moveTo(page, sandboxButton(page));
  await page.keyboard.press("Enter");
  await actForm(page).waitFor();
  await idle(page);
  for (const [at, one] of TWO_ISOLATED_MDEVS.entries()) {
    await actByKeyboard(page, one);
    expect((await read(page)).operations, one.what).toBe(at + 1);
  }
  await page.keyboard.press("c");
  await expectIsolated(page);
  const done = await read(page);
  await page.keyboard.press("u");
  await idle(page);
  expect((await read(page)).operations).toBe(TWO_ISOLATED_MDEVS.length - 1);
  await page.keyboard.press("Shift+U");
  await idle(page);
  expect((await read(page)).digest).toBe(done.digest);
});

test("what a field cannot take is said at the field, and nothing runs", async ({ page }) => {
  await openSandbox(page);
  const form = actForm(page);
  await form.getByLabel("Who").selectOption("VM-A");
  await form.getByLabel("Pages of memory").fill("many");
  await page.getByRole("button", { name: "Start the VM", exact: true }).click();
  await expect(form).toContainText("Pages of memory is a whole number.");
  expect((await read(page)).operations).toBe(0);
});

// Panels of a running kernel: console, timeline with forks, call tree, isolation, objects, checks; by keyboard and pointer.
import type { Page } from "@playwright/test";
import { moment, openSandbox, openScenario, openWalkthrough, tab } from "./support/kernel.ts";
import { firstScreen, idle, read } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

const UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
const TYPE = "/sys/class/mdev_bus/0000:6a:01.0/mdev_supported_types/idxd-1dwq-v1";
const PANELS = ["Timeline", "Call tree", "Console", "Isolation", "Objects", "Checks"] as const;

/** Types into the console by keyboard alone. */
async function type(page: Page, line: string): Promise<void> {
  const input = page.getByRole("textbox", { name: /^Command, in/ });
  await input.focus();
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
  await expect(input).toHaveValue("");
}

test("the console story: an mdev by hand, its errors, its traces", async ({ page }) => {
  await openSandbox(page);
  await page.keyboard.press("0");
  const output = page.getByRole("log", { name: "Console output" });
  await type(page, "modprobe idxd");
  await type(page, `cd ${TYPE}`);
  await type(page, "cat available_instances");
  await expect(output).toContainText("3");
  const input = page.getByRole("textbox", { name: /^Command, in/ });
  await input.focus();
  await page.keyboard.type(`echo ${UUID} > cr`);
  await page.keyboard.press("Tab");
  await expect(input).toHaveValue(`echo ${UUID} > create `);
  await page.keyboard.press("Enter");
  await expect(input).toHaveValue("");
  await page.keyboard.press("ArrowUp");
  await expect(input).toHaveValue(`echo ${UUID} > create `);
  await page.keyboard.press("Enter");
  await expect(output).toContainText("sh: write error: File exists");
  await type(page, "ls devices");
  await expect(output).toContainText(UUID);
  await type(page, "rm -rf /");
  await expect(output).toContainText("sh: rm: not found");
  await type(page, "cat /sys/nowhere");
  await expect(output).toContainText("No such file or directory");
  await type(page, "dmesg");
  await expect(output).toContainText("MDEV: Registered");

  // Up goes back through what was typed, Down forth again, Escape empties the line.
  for (const before of ["dmesg", "cat /sys/nowhere", "rm -rf /"]) {
    await page.keyboard.press("ArrowUp");
    await expect(input).toHaveValue(before);
  }
  await page.keyboard.press("ArrowDown");
  await expect(input).toHaveValue("cat /sys/nowhere");
  await page.keyboard.press("Escape");
  await expect(input).toHaveValue("");
  // A word that can go on in several ways lists them.
  await page.keyboard.type("ls /sys/class/");
  await page.keyboard.press("Tab");
  await expect(output).toContainText(/iommu +mdev_bus/);
  await page.keyboard.press("Escape");

  await tab(page, "Objects").click();
  await page.getByRole("treeitem", { name: new RegExp(`^mdev ${UUID}`) }).click();
  await expect(page.getByRole("tabpanel", { name: "Inspector" })).toContainText("idxd-1dwq-v1");

  await tab(page, "Console").click();
  // A line of the console is an operation like any other.
  const { operations, digest } = await read(page);
  expect(operations).toBeGreaterThanOrEqual(3);
  await type(page, `echo 1 > devices/${UUID}/remove`);
  expect((await read(page)).digest).not.toBe(digest);
  await type(page, "ls devices");
  await expect(output.locator("div").last()).not.toContainText(UUID);
});

test("the timeline goes back, a call there forks, and both branches stay", async ({ page }) => {
  await openScenario(page, "A page that is unmapped, freed and given to another VM");
  await page.keyboard.press("6");
  await moment(page).focus();
  await expect(moment(page)).toHaveAttribute("aria-valuenow", "16");
  await page.keyboard.press("ArrowLeft");
  await expect(moment(page)).toHaveAttribute("aria-valuetext", /^In operation 16 of 16/);
  await page.keyboard.press("PageDown");
  await page.keyboard.press("ArrowUp");
  await expect(moment(page)).toHaveAttribute("aria-valuenow", "7");
  await page.keyboard.press("0");
  await type(page, "rmmod mdev");
  await expect(page.getByRole("log", { name: "Console output" })).toContainText(
    "rmmod: can't unload module 'mdev'",
  );
  await tab(page, "Timeline").click();
  const branches = page.getByRole("combobox", { name: "Branch" });
  await expect(branches.locator("option")).toHaveCount(2);
  await expect(moment(page)).toHaveAttribute("aria-valuemax", "8");
  await branches.selectOption({ index: 0 });
  await expect(moment(page)).toHaveAttribute("aria-valuenow", "16");

  // By pointer: the left end of the lanes is the beginning.
  await moment(page).click({ position: { x: 1, y: 20 } });
  await expect(moment(page)).toHaveAttribute("aria-valuenow", "0");
});

test("the timeline by keyboard: to the next fault, the next system call, event by event", async ({
  page,
}) => {
  await openWalkthrough(page);
  await page.keyboard.press("6");
  await moment(page).focus();
  await page.keyboard.press("Home");
  await expect(moment(page)).toHaveAttribute("aria-valuenow", "0");
  const where = () => moment(page).getAttribute("aria-valuetext");
  const places = new Set([await where()]);
  for (let call = 0; call < 3; call++) {
    await page.keyboard.press("n");
    await idle(page);
    await expect.poll(where).toMatch(/ calls \w+$/);
    places.add(await where());
  }
  expect(places.size, "each press goes on").toBe(4);
  await page.keyboard.press("f");
  await idle(page);
  expect(await where()).toMatch(/, refused$/);
  const atFault = await read(page);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowRight");
  await idle(page);
  expect((await read(page)).digest, "there and back").toBe(atFault.digest);
  for (let fault = 0; fault < 20; fault++) await page.keyboard.press("f");
  await expect.poll(async () => (await read(page)).said).toContain("No fault follows");
  await page.keyboard.press("End");
  await idle(page);
  for (let call = 0; call < 2; call++) await page.keyboard.press("n");
  await expect.poll(async () => (await read(page)).said).toContain("No system call follows");
});

test("a stale page is seen in the isolation matrix, and checks tell of it", async ({ page }) => {
  await openScenario(page, "A page that is unmapped, freed and given to another VM");
  await page.keyboard.press("8");
  const cell = page.getByRole("grid").getByRole("button", { name: "1 page by a cache only" });
  await cell.click();
  const way = page.getByRole("region", { name: "The way in" });
  await expect(way).toContainText("by the IOTLB");
  await way.getByRole("button", { name: "Show the cached entry" }).click();
  await expect(page.getByRole("tabpanel", { name: "Inspector" })).toContainText("IOTLB");
  await page.keyboard.press("c");
  await page
    .getByRole("button", { name: /reaches page .* by the IOTLB/ })
    .first()
    .click();
  await expect(page.getByRole("tabpanel", { name: "Inspector" })).toContainText("PASID");
});

test("a function of the call tree tells its callers here and in the kernel tree", async ({
  page,
}) => {
  await openScenario(page, "Two VMs, a slice each");
  await page.keyboard.press("7");
  const name = /iommu_aux_attach_device/;
  for (let back = 0; back < 40; back++) {
    if ((await page.getByRole("treeitem", { name }).count()) > 0) break;
    await page.keyboard.press("[");
    await idle(page);
  }
  const row = page.getByRole("treeitem", { name }).last();
  await row.focus();
  await page.keyboard.press("Enter");
  const inspector = page.getByRole("tabpanel", { name: "Inspector" });
  await expect(inspector).toContainText("Callers in this run");
  await expect(inspector).toContainText("Callers in the kernel tree");
  await expect(inspector).toContainText("vfio_iommu_type1.c");
});

test("an opened image has no tabs of a kernel", async ({ page }) => {
  await firstScreen(page);
  await page.getByRole("button", { name: /^Debian 6.12, scalable mode/ }).click();
  await tab(page, "Events").waitFor();
  for (const name of PANELS) await expect(tab(page, name)).toHaveCount(0);
});

// The address bar holds a link that restores what is seen, in another browser too.
import { sampleButtons, stageOf } from "./support/app.ts";
import { drop, ownFiles, spoilt } from "./support/files.ts";
import { addressOf, hashOf, inNewBrowser, settledLink } from "./support/links.ts";
import { firstScreen, idle, openForTest, read, send } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

test("a link restores machine, operations, selection, hop, tab, memory and request", async ({
  page,
  browser,
  baseURL,
}) => {
  await openForTest(page);
  await send(page);
  await page.getByRole("button", { name: "PASID entry not present" }).click();
  await idle(page);
  await page.getByRole("button", { name: "Previous operation" }).click();
  await page.getByRole("tabpanel", { name: "Walk" }).locator("ol button").nth(3).click();
  await stageOf(page)
    .getByRole("button", { name: /^SATA \(AHCI\)/ })
    .click();
  await page.getByLabel("Address").first().fill("0xabc_d000");
  await page.getByLabel("Access").selectOption("write");
  await page.getByRole("combobox", { name: "Profile" }).selectOption("spec");
  await page.getByRole("tab", { name: "Memory" }).click();
  const memory = page.getByRole("tabpanel", { name: "Memory" });
  await memory.getByRole("textbox", { name: "Address" }).fill("0x1c7_6000");
  await page.keyboard.press("Enter");
  await idle(page);
  const seen = await read(page);
  expect(seen).toMatchObject({ operations: 2, foot: "memory", profile: "spec" });
  const hash = await settledLink(page);

  await inNewBrowser(browser, addressOf(baseURL, hash), async (other) => {
    await stageOf(other).waitFor();
    await expect.poll(async () => (await read(other)).operations).toBe(2);
    await idle(other);
    const { machine, profile, operations, at, selection, hop, foot, digest, outcome, target } =
      seen;
    expect(await read(other)).toMatchObject({
      machine,
      profile,
      operations,
      at,
      selection,
      hop,
      foot,
      digest,
      outcome,
      target,
    });
    const shown = other.getByRole("tabpanel", { name: "Memory" });
    await expect(shown.getByRole("textbox", { name: "Address" })).toHaveValue("0x1c7_6000");
    await expect(other.getByRole("form").getByLabel("Address")).toHaveValue("0xabc_d000");
    await expect(other.getByLabel("Access")).toHaveValue("write");
    await expect(other.getByRole("tabpanel", { name: "Inspector" })).toContainText("SATA (AHCI)");
    await expect.poll(() => hashOf(other), "it says the same again").toBe(hash);
  });
});

test("a link to own files names them, and restores the rest when they are there", async ({
  page,
  browser,
  baseURL,
}) => {
  const { tables, registers } = ownFiles();
  await firstScreen(page);
  await drop(page, [tables, registers]);
  await stageOf(page).waitFor();
  await send(page);
  await page.getByRole("tab", { name: "Outline" }).click();
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share a link" });
  await expect(dialog).toContainText("cannot carry your files");
  await expect(dialog).toContainText(tables.name);
  await expect(dialog).toContainText(registers.name);
  await page.keyboard.press("Escape");
  const seen = await read(page);
  const hash = await settledLink(page);

  await inNewBrowser(browser, addressOf(baseURL, hash), async (other) => {
    const main = other.getByRole("main");
    await expect(main).toContainText("The link needs your files");
    await expect(main).toContainText(tables.name);
    await expect(main).toContainText(registers.name);
    expect(hashOf(other), "the link waits in the bar").toBe(hash);
    await drop(other, [registers, tables]);
    await stageOf(other).waitFor();
    await expect.poll(async () => (await read(other)).operations).toBe(1);
    expect(await read(other)).toMatchObject({ digest: seen.digest, foot: "outline", at: 0 });
  });

  // Other files than those of the link are opened, and it is said that they are others.
  await inNewBrowser(browser, addressOf(baseURL, hash), async (other) => {
    await expect(other.getByRole("main")).toContainText("The link needs your files");
    const changed = spoilt(tables, (content) => content.fill(1, content.length - 8));
    await drop(other, [changed, registers]);
    await stageOf(other).waitFor();
    await expect(other.getByRole("region", { name: "What went wrong" })).toContainText("digest");
    expect((await read(other)).operations).toBe(0);
  });
});

test("a damaged link gives a message, and the page goes on", async ({ page, browser, baseURL }) => {
  await openForTest(page);
  await send(page);
  const hash = await settledLink(page);
  const middle = hash.length >> 1;
  const damaged = [
    hash.slice(0, middle),
    `${hash.slice(0, middle)}${hash[middle] === "A" ? "B" : "A"}${hash.slice(middle + 1)}`,
    "#v=99",
    "#%00%ff",
  ];
  for (const wrong of damaged) {
    await inNewBrowser(browser, addressOf(baseURL, wrong), async (other) => {
      const message = other.getByRole("region", { name: "What went wrong" });
      await expect(message, wrong).toContainText(/link/i);
      await sampleButtons(other).first().click();
      await stageOf(other).waitFor();
      await expect(message).toBeHidden();
    });
  }
  // On a page with a machine open, that machine stays.
  const before = await read(page);
  await page.evaluate(
    (wrong) => {
      location.hash = wrong;
    },
    hash.slice(0, middle),
  );
  await expect(page.getByRole("region", { name: "What went wrong" })).toBeVisible();
  expect(await read(page)).toMatchObject({ machine: before.machine, digest: before.digest });
  await expect.poll(() => hashOf(page), "the bar is true again").toBe(hash);
});

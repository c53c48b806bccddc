// Opening a machine: one that ships with the page or files of one's own, by pointer and by keyboard; and files that are wrong.
import { sampleButtons, sampleCards, stageOf } from "./support/app.ts";
import { drop, type OwnFile, ownFiles, spoilt } from "./support/files.ts";
import { firstScreen, idle, moveTo, openForTest, read, SAMPLES } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

test("every shipped machine opens with a click, with what it is and how it was made", async ({
  page,
}) => {
  for (const sample of Object.values(SAMPLES)) {
    await firstScreen(page);
    const card = sampleCards(page).nth(sample);
    await expect(card, "how it was made").toContainText("in QEMU 11.1");
    const title = (await sampleButtons(page).nth(sample).textContent()) ?? "";
    await sampleButtons(page).nth(sample).click();
    await expect(page.getByRole("heading", { name: title, level: 2 })).toBeVisible();
    await expect(stageOf(page).getByRole("button", { name: /NVMe, 01:00\.0/ })).toBeVisible();
    expect(await read(page)).toMatchObject({ machine: title, profile: "qemu", operations: 0 });
  }
});

test("a shipped machine opens by keyboard", async ({ page }) => {
  await firstScreen(page);
  await moveTo(page, sampleButtons(page).first());
  await page.keyboard.press("Enter");
  await stageOf(page).waitFor();
  expect((await read(page)).machine).toMatch(/^Debian 6\.12/);
});

for (const form of ["plain", "gzip"] as const) {
  test(`own files open by drop, ${form}: together in both orders, and one after the other`, async ({
    page,
  }) => {
    const { tables, registers } = ownFiles(form);
    const digests = new Set<string | null>();
    const look = async () => {
      await expect(page.getByRole("heading", { name: tables.name, level: 2 })).toBeVisible();
      digests.add((await read(page)).digest);
    };
    for (const both of [
      [tables, registers],
      [registers, tables],
    ]) {
      await firstScreen(page);
      await drop(page, both);
      await look();
    }
    for (const [first, second, missing] of [
      [tables, registers, "The register listing is still missing."],
      [registers, tables, "The memory image is still missing."],
    ] as const) {
      await firstScreen(page);
      await drop(page, [first]);
      await expect(page.getByRole("main")).toContainText(missing);
      await expect(page.getByRole("main")).toContainText(first.name);
      await drop(page, [second]);
      await look();
    }
    expect(digests.size, "the same machine each time").toBe(1);
  });
}

test("own files open by keyboard, and another image in place of what is open", async ({ page }) => {
  const { tables, registers } = ownFiles();
  await firstScreen(page);
  const choose = page.getByRole("button", { name: "Choose files" });
  await moveTo(page, choose);
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles([tables, registers]);
  await stageOf(page).waitFor();
  expect((await read(page)).machine).toBe("guest.elf");

  await moveTo(page, page.getByRole("button", { name: /^Open another image/ }));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Open another image" });
  await moveTo(page, dialog.getByRole("button", { name: /^Debian 6\.12/ }));
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect.poll(async () => (await read(page)).machine).toMatch(/^Debian 6\.12/);
});

const { tables, registers } = ownFiles();
/** What is given, and what the message has to name: the file, the place and the reason. */
const WRONG: readonly (readonly [string, readonly OwnFile[], readonly RegExp[]])[] = [
  [
    "an image that is cut off",
    [spoilt(tables, (content) => content.subarray(0, content.length - 5000)), registers],
    [/guest\.elf/, /byte|offset|header|segment|0x/i],
  ],
  [
    "an image for 32 bits",
    [spoilt(tables, (content) => content.fill(1, 4, 5)), registers],
    [/guest\.elf/, /64/],
  ],
  [
    "a packed image with a broken stream",
    [
      spoilt(ownFiles("gzip").tables, (content) => content.fill(0xa5, content.length >> 1)),
      registers,
    ],
    [/guest\.elf\.gz/, /compressed|packed/i],
  ],
  [
    "a listing without registers",
    [tables, spoilt(registers, () => Buffer.from("hello\nworld\n"))],
    [/guest\.txt/, /register|line|words/i],
  ],
  ["two images", [tables, { ...tables, name: "second.elf" }], [/guest\.elf/, /second\.elf/]],
  [
    "a picture",
    [{ ...tables, name: "holiday.png", buffer: Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR") }],
    [/holiday\.png/, /neither an ELF core nor text/],
  ],
];

test("wrong files: a message with place and reason, and what was open stays open", async ({
  page,
}) => {
  await openForTest(page);
  await page.getByRole("button", { name: "NVMe reads a mapped page" }).click();
  await idle(page);
  const before = await read(page);
  const message = page.getByRole("region", { name: "What went wrong" });
  for (const [what, files, words] of WRONG) {
    await test.step(what, async () => {
      await drop(page, files);
      for (const word of words) await expect(message, what).toContainText(word);
      expect(await read(page), what).toMatchObject({
        machine: before.machine,
        operations: 1,
        digest: before.digest,
      });
      await page.getByRole("button", { name: "Close message" }).click();
      await expect(message).toBeHidden();
    });
  }
  // Nothing of the wrong files is left in the way of the right ones.
  await drop(page, [tables, registers]);
  await expect.poll(async () => (await read(page)).machine).toBe("guest.elf");
});

test("wrong files on the first screen: the message comes and the page goes on", async ({
  page,
}) => {
  await firstScreen(page);
  await drop(page, [spoilt(tables, (content) => content.subarray(0, 100)), registers]);
  await expect(page.getByRole("region", { name: "What went wrong" })).toContainText("guest.elf");
  await sampleButtons(page).first().click();
  await stageOf(page).waitFor();
  await expect(page.getByRole("region", { name: "What went wrong" })).toBeHidden();
});

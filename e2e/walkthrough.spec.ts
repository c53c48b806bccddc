// The walkthrough of the review by keyboard, its links in new browsers, a fork and the way back, and its recording.
import type { Page } from "@playwright/test";
import { drop, type OwnFile, spoilt } from "./support/files.ts";
import { act, moment, openWalkthrough, stepOf, tab, trouble, UUID_B } from "./support/kernel.ts";
import { addressOf, inNewBrowser, settledLink, withOtherDigest } from "./support/links.ts";
import { firstScreen, idle, moveTo, read, unseenFocus } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

const STEPS = 15;
const titleOf = (page: Page) => stepOf(page).getByRole("heading", { level: 2 }).innerText();
const checksOf = (page: Page) =>
  stepOf(page).getByRole("region", { name: "Checks" }).getByRole("listitem");

async function press(page: Page, key: string, times = 1): Promise<void> {
  for (let time = 0; time < times; time++) {
    await page.keyboard.press(key);
    await idle(page);
  }
}

/** What the page offers for download as a scenario file. */
async function recorded(page: Page): Promise<OwnFile> {
  const download = page.waitForEvent("download");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("save what was done");
  await page.keyboard.press("Enter");
  const file = await download;
  const pieces: Buffer[] = [];
  for await (const piece of await file.createReadStream()) pieces.push(piece as Buffer);
  return {
    name: file.suggestedFilename(),
    mimeType: "application/json",
    buffer: Buffer.concat(pieces),
  };
}

test("to its end by keyboard: every step tells, checks and is as declared; three links in new browsers", async ({
  page,
  browser,
  baseURL,
}) => {
  await firstScreen(page);
  await moveTo(page, page.getByRole("button", { name: "Start the walkthrough" }));
  await page.keyboard.press("Enter");
  await stepOf(page).waitFor();
  await idle(page);

  const linked = new Map<number, { hash: string; seen: Awaited<ReturnType<typeof read>> }>();
  const titles: string[] = [];
  let asked = 0;
  for (let step = 1; step <= STEPS; step++) {
    await expect(stepOf(page)).toContainText(`Step ${step} of ${STEPS}`);
    titles.push(await titleOf(page));
    await expect(stepOf(page).getByRole("region", { name: "Sources" })).toBeVisible();
    for (const told of await checksOf(page).allInnerTexts()) {
      asked++;
      expect(told, `step ${step}`).toMatch(/\n(holds|breaks, as [\w ]*declare[sd])/);
    }
    if ([4, 8, 12].includes(step)) {
      linked.set(step, { hash: await settledLink(page), seen: await read(page) });
    }
    await press(page, "PageDown");
  }
  expect(new Set(titles).size).toBe(STEPS);
  expect(asked).toBeGreaterThan(20);
  expect((await read(page)).said).toContain("This is the last step.");
  await press(page, "PageUp");
  await expect(stepOf(page)).toContainText(`Step ${STEPS - 1} of ${STEPS}`);

  for (const [step, { hash, seen }] of linked) {
    await inNewBrowser(browser, addressOf(baseURL, hash), async (other) => {
      await expect(stepOf(other)).toContainText(`Step ${step} of ${STEPS}`);
      await idle(other);
      expect(await titleOf(other)).toBe(titles[step - 1]);
      const { machine, operations, at, selection, foot, digest } = seen;
      await expect
        .poll(() => read(other))
        .toMatchObject({ machine, operations, at, selection, foot, digest });
      await expect(trouble(other)).toBeHidden();
    });
  }

  // A state that does not come out as the link says is reported.
  const { hash, seen } = linked.get(8) ?? { hash: "", seen: null };
  const differing = withOtherDigest(hash, seen?.digest ?? "");
  await inNewBrowser(browser, addressOf(baseURL, differing), async (other) => {
    await expect(trouble(other)).toContainText("The replay differs");
    await expect(trouble(other)).toContainText(seen?.digest ?? "");
    await expect(stepOf(other)).toContainText(`Step 8 of ${STEPS}`);
  });
});

test("an act in the past grows a branch; undo, redo, and back on the path", async ({ page }) => {
  await openWalkthrough(page);
  await press(page, "PageDown", 4);
  const title = await titleOf(page);
  const before = await read(page);
  await tab(page, "Act").click();
  await act(page, {
    who: "root's shell",
    what: "Remove an mdev",
    fields: { Mdev: UUID_B },
    fault: "Nothing goes wrong",
  });
  const forked = await read(page);
  expect(forked.digest).not.toBe(before.digest);
  expect(forked.operations, "the branch ends with what was done").toBe((before.at ?? 0) + 2);
  await tab(page, "Timeline").click();
  await expect(page.getByRole("combobox", { name: "Branch" }).locator("option")).toHaveCount(2);

  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await idle(page);
  expect((await read(page)).digest).toBe(before.digest);
  await press(page, "Shift+U");
  expect((await read(page)).digest).toBe(forked.digest);

  await tab(page, "Steps").click();
  await expect(stepOf(page)).toContainText("You have left this step.");
  await page.getByRole("button", { name: "Return to the step" }).focus();
  await press(page, "Enter");
  expect(await titleOf(page)).toBe(title);
  expect(await read(page)).toMatchObject({
    digest: before.digest,
    at: before.at,
    selection: before.selection,
  });
  expect(await unseenFocus(page), "the place is kept").toBeNull();
  await tab(page, "Timeline").click();
  await page.getByRole("combobox", { name: "Branch" }).selectOption({ index: 1 });
  await idle(page);
  expect((await read(page)).digest, "the branch stays").toBe(forked.digest);
});

test("what was done is a file that gives the same state again; a broken file says where and why", async ({
  page,
}) => {
  await openWalkthrough(page);
  await press(page, "PageDown", 6);
  await tab(page, "Act").click();
  await act(page, { who: "VM-A", what: "Unmap memory", fault: "An invalidation is dropped" });
  const done = await read(page);
  expect(done.stale).toBeGreaterThan(0);
  const file = await recorded(page);
  expect(file.name).toMatch(/\.json$/);
  expect((await read(page)).said).toContain("is saved");

  // Files that cannot be opened: the line and the reason, and what is open stays.
  const broken: readonly [OwnFile, RegExp][] = [
    [spoilt(file, (content) => content.subarray(0, content.length >> 1)), /line \d+/],
    [
      spoilt(file, (content) =>
        Buffer.from(content.toString().replace('"want": "unmap"', '"want": "unmake"')),
      ),
      /operations.*want/s,
    ],
    [
      spoilt(file, (content) =>
        Buffer.from(content.toString().replace('"version": 1', '"version": 99')),
      ),
      /version/,
    ],
  ];
  for (const [wrong, reason] of broken) {
    await drop(page, [wrong]);
    await expect(trouble(page)).toContainText(file.name);
    await expect(trouble(page)).toContainText(reason);
    expect(await read(page)).toMatchObject({ digest: done.digest, operations: done.operations });
    await trouble(page).getByRole("button").click();
  }

  await firstScreen(page);
  await drop(page, [file]);
  await tab(page, "Act").waitFor();
  await idle(page);
  await tab(page, "Act").click();
  await tab(page, "Timeline").click();
  await moment(page).focus();
  await press(page, "End");
  expect(await read(page)).toMatchObject({
    digest: done.digest,
    operations: done.operations,
    stale: done.stale,
  });
  expect((await recorded(page)).buffer.equals(file.buffer), "the same file again").toBe(true);
});

test("with reduced motion the steps are the same, and nothing travels", async ({ page }) => {
  const story = async () => {
    await openWalkthrough(page);
    const states: unknown[] = [];
    for (let step = 0; step < 8; step++) {
      const { digest, at, selection, said } = await read(page);
      states.push({ digest, at, selection, said });
      await press(page, "PageDown");
    }
    return states;
  };
  const moving = await story();
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await story()).toEqual(moving);
  const animated = await page.evaluate(() =>
    document
      .getAnimations()
      .filter((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0) > 1)
      .map((animation) => animation.id),
  );
  expect(animated).toEqual([]);
});

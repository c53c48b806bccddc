// An entry is edited without telling the caches: the stale answer is seen; with the invalidation it is gone. Undo and redo.
import { stageOf } from "./support/app.ts";
import { eventsOf, idle, openForTest, read, send } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

test("a bit is edited, the stale hit is shown, the invalidation ends it, undo and redo", async ({
  page,
}) => {
  await openForTest(page);
  const stage = stageOf(page);
  const walk = page.getByRole("tabpanel", { name: "Walk" });
  const hatch = stage.locator("path.cell.stale");
  const before = await send(page);
  expect(before).toMatchObject({ outcome: "translated", stale: 0 });
  await expect(hatch).toHaveCount(0);

  // The page entry at the end of the walk loses its right to be read.
  await walk.getByRole("button", { name: "Edit bits, values or bytes" }).click();
  const bit = walk.getByRole("button", { name: /^Bit 0 of word 0, R/ });
  await expect(bit).toHaveAttribute("aria-pressed", "true");
  await bit.click();
  await expect(bit).toHaveAttribute("aria-pressed", "false");
  await expect(walk.getByRole("heading", { name: "What changes" })).toBeVisible();
  expect((await read(page)).digest, "nothing is stored before it is applied").toBe(before.digest);
  await walk.getByRole("button", { name: "Store, tell no cache" }).click();
  await idle(page);
  const edited = await read(page);
  expect(edited.stale).toBeGreaterThan(0);
  await expect(hatch, "red hatch on the stage").toHaveCount(1);
  const paint = await hatch.evaluate((path) => getComputedStyle(path).fill);
  expect(paint).toContain("stale-hatch");
  await expect(stage, "and the word").toContainText(/\bstale\b/);

  const stale = await send(page);
  expect(stale).toMatchObject({ outcome: "translated", target: before.target });
  expect(await eventsOf(page)).toContainEqual(
    expect.objectContaining({ kind: "reached", how: "iotlb" }),
  );
  const note = walk.getByRole("region", { name: "Stale answer" });
  await expect(note).toContainText(/^Stale: slot \d+ of the IOTLB/);
  await expect(note).toContainText("the tables now", { ignoreCase: true });
  await page.getByRole("tab", { name: "Registers and caches" }).click();
  const lists = page.getByRole("tabpanel", { name: "Registers and caches" });
  await lists.getByRole("button", { name: /^IOTLB.*1 stale/ }).click();
  await expect(lists.getByRole("table", { name: /IOTLB/ })).toContainText("stale: the tables now");

  await page.getByRole("button", { name: "Invalidate all caches" }).click();
  await expect(hatch).toHaveCount(0);
  await idle(page);
  expect((await read(page)).stale).toBe(0);
  const after = await send(page);
  expect(after).toMatchObject({ outcome: "fault", target: null, operations: 5 });
  await expect(walk.getByRole("region", { name: "Fault" })).toBeVisible();

  const undo = page.getByRole("button", { name: "Undo", exact: true });
  const redo = page.getByRole("button", { name: "Redo", exact: true });
  const digests = [after.digest];
  for (const left of [4, 3, 2, 1]) {
    await undo.click();
    await idle(page);
    const state = await read(page);
    expect(state.operations).toBe(left);
    digests.unshift(state.digest);
  }
  expect(digests[0], "memory, registers and caches as before the edit").toBe(before.digest);
  await expect(hatch).toHaveCount(0);
  for (const count of [2, 3, 4, 5]) {
    await redo.click();
    await idle(page);
    const state = await read(page);
    expect(state).toMatchObject({ operations: count, digest: digests[count - 1] });
    await expect(hatch).toHaveCount(count === 2 || count === 3 ? 1 : 0);
  }
  await expect(redo).toBeDisabled();
});

test("stored with its invalidation, no entry is stale and the outcome is new at once", async ({
  page,
}) => {
  await openForTest(page);
  await send(page);
  const walk = page.getByRole("tabpanel", { name: "Walk" });
  await walk.getByRole("button", { name: "Edit bits, values or bytes" }).click();
  await walk.getByRole("button", { name: /^Bit 0 of word 0, R/ }).click();
  await walk.getByRole("button", { name: "Store and invalidate" }).click();
  await expect.poll(async () => (await read(page)).operations, "edit and invalidation").toBe(3);
  expect((await read(page)).stale).toBe(0);
  expect((await send(page)).outcome).toBe("fault");
});

test("a byte typed over in memory is the same edit", async ({ page }) => {
  await openForTest(page);
  const before = await send(page);
  const walk = page.getByRole("tabpanel", { name: "Walk" });
  await walk.getByRole("button", { name: "Show in memory" }).click();
  const memory = page.getByRole("tabpanel", { name: "Memory" });
  await memory.getByRole("button", { name: "0x263_4ff0: 03" }).click();
  await page.keyboard.type("02");
  await memory.getByRole("button", { name: "Store, tell no cache" }).click();
  expect((await read(page)).stale).toBeGreaterThan(0);
  expect(await send(page)).toMatchObject({ outcome: "translated", target: before.target });
  await page.getByRole("button", { name: "Invalidate all caches" }).click();
  await expect.poll(async () => (await read(page)).stale).toBe(0);
  expect((await send(page)).outcome).toBe("fault");
});

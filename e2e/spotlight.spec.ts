// Pointing at a field, or giving it the focus, lights the same field in bits, bytes and table.
import type { Locator, Page } from "@playwright/test";
import { openForTest, send } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

/** Whether an element looks unlike its neighbours do when nothing is lit. */
const look = (locator: Locator): Promise<string> =>
  locator.evaluate((element) => {
    const style = getComputedStyle(element);
    const inner = getComputedStyle(element.querySelector("td, th") ?? element);
    return [
      style.backgroundColor,
      style.boxShadow,
      style.outlineStyle,
      style.outlineWidth,
      style.borderTopColor,
      style.borderTopWidth,
      inner.backgroundColor,
      inner.boxShadow,
    ].join(" ");
  });

interface Places {
  readonly row: Locator;
  readonly bits: Locator;
  readonly byte: Locator;
}

/** Where the address field of the last entry is shown: bits 47:12, so also byte 2. */
const placesOf = (page: Page): Places => {
  const walk = page.getByRole("tabpanel", { name: "Walk" });
  return {
    row: walk.getByRole("row", { name: /^ADDR/ }),
    bits: walk
      .getByRole("toolbar", { name: /^Word 0/ })
      .getByRole("button", { name: /^ADDR/ })
      .first(),
    byte: walk.getByRole("button", { name: /^Byte 2:/ }),
  };
};

const looks = async ({ row, bits, byte }: Places) => ({
  row: await look(row),
  bits: await look(bits),
  byte: await look(byte),
});

test("a field lights up everywhere, whichever of its places is pointed at or focused", async ({
  page,
}) => {
  await openForTest(page);
  await send(page);
  const places = placesOf(page);
  await places.row.waitFor();
  const dark = await looks(places);
  const other = page.getByRole("tabpanel", { name: "Walk" }).getByRole("row", { name: /^SNP/ });
  const otherDark = await look(other);
  const ways: readonly (readonly [string, () => Promise<void>, () => Promise<void>])[] = [
    ["row, pointed at", () => places.row.hover(), () => page.mouse.move(2, 2)],
    ["bits, pointed at", () => places.bits.hover(), () => page.mouse.move(2, 2)],
    ["byte, pointed at", () => places.byte.hover(), () => page.mouse.move(2, 2)],
    ["row, focused", () => places.row.getByRole("button").focus(), () => blur(page)],
    ["bits, focused", () => places.bits.focus(), () => blur(page)],
    ["byte, focused", () => places.byte.focus(), () => blur(page)],
  ];
  for (const [way, light, end] of ways) {
    await light();
    await expect.poll(async () => (await looks(places)).row, way).not.toBe(dark.row);
    const lit = await looks(places);
    expect(lit.bits, way).not.toBe(dark.bits);
    expect(lit.byte, way).not.toBe(dark.byte);
    expect(await look(other), `${way}: other fields stay as they are`).toBe(otherDark);
    await end();
    await expect.poll(() => looks(places), way).toEqual(dark);
  }
});

test("a field of an entry lights its bytes in host memory", async ({ page }) => {
  await openForTest(page);
  await send(page);
  await page
    .getByRole("tabpanel", { name: "Walk" })
    .getByRole("button", { name: "Show in memory" })
    .click();
  const memory = page.getByRole("tabpanel", { name: "Memory" });
  const first = memory.getByRole("button", { name: "0x263_4ff0: 03" });
  const far = memory.getByRole("button", { name: "0x263_4ff8: 03" });
  const [dark, farDark] = [await look(first), await look(far)];
  await placesOf(page).row.hover();
  await expect
    .poll(() => look(memory.getByRole("button", { name: "0x263_4ff2: 63" })))
    .not.toBe(dark);
  expect(await look(far)).toBe(farDark);
});

const blur = (page: Page) =>
  page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });

// The profile in force: shown, switched, and what it changes.
import { idle, openForTest, read, SAMPLES, send } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

test("the profile is shown and switched; all operations run anew and differ", async ({ page }) => {
  await openForTest(page, SAMPLES.firstStage);
  const choice = page.getByRole("combobox", { name: "Profile" });
  await expect(choice).toHaveValue("qemu");
  await expect(page.getByRole("heading", { name: "Profile qemu" })).toBeVisible();
  const qemu = await send(page);
  expect(qemu).toMatchObject({ profile: "qemu", outcome: "translated" });
  await choice.selectOption("spec");
  await idle(page);
  const notes = page.getByRole("region", { name: "Profile spec" });
  await expect(notes).toContainText("specification");
  const spec = await read(page);
  expect(spec, "AW as Linux sets it is reserved there").toMatchObject({
    profile: "spec",
    outcome: "fault",
    operations: 1,
  });
  await expect(
    page.getByRole("tabpanel", { name: "Walk" }).getByRole("region", { name: "Fault" }),
  ).toBeVisible();
  await choice.selectOption("qemu");
  await idle(page);
  expect(await read(page)).toMatchObject({ profile: "qemu", digest: qemu.digest });
});

test("the profile is switched by keyboard, and the change is said", async ({ page }) => {
  await openForTest(page, SAMPLES.firstStage);
  await page.keyboard.press("p");
  expect((await read(page)).profile).toBe("spec");
  await expect(page.getByRole("status")).toContainText("specification");
  await page.getByRole("combobox", { name: "Profile" }).focus();
  await page.keyboard.press("ArrowDown");
  expect((await read(page)).profile).toBe("qemu");
  await expect(page.getByRole("status")).toContainText("QEMU");
});

test("a phone shows the profile beside the machine, and switches it there", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openForTest(page, SAMPLES.firstStage);
  const choice = page.getByRole("banner").getByRole("combobox", { name: "Profile" });
  await expect(choice).toHaveValue("qemu");
  await expect(choice).toBeInViewport({ ratio: 1 });
  await choice.selectOption("spec");
  expect((await read(page)).profile).toBe("spec");
});

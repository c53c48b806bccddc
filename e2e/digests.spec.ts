// Every shipped scenario gives the same digests in the browser as on the command line.
import { execFileSync } from "node:child_process";
import { SHIPPED } from "../src/walkthroughs/shipped.ts";
import { moment, stepOf, tab } from "./support/kernel.ts";
import { firstScreen, idle, read } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

interface Line {
  readonly id: string;
  readonly operations: number;
  readonly trace_sha256: string;
  readonly state_sha256: string;
}

/** What the command line prints of every shipped scenario, by id. */
function playAll(): ReadonlyMap<string, Line> {
  const all = ["scripts/cli.mjs", "play", "--all", "--json"];
  const printed = execFileSync(process.execPath, all, { encoding: "utf8" }).trimEnd().split("\n");
  const lines = printed.slice(0, -1).map((line) => JSON.parse(line) as Line);
  return new Map(lines.map((line) => [line.id, line]));
}

test("every shipped scenario ends in the digests that the command line prints", async ({
  page,
}) => {
  const played = playAll();
  expect([...played.keys()]).toEqual([...SHIPPED.keys()]);
  for (const [id, { title }] of SHIPPED) {
    await firstScreen(page);
    if (id === "who-tells-the-iommu") {
      await page.getByRole("button", { name: "Start the walkthrough" }).click();
      await stepOf(page).waitFor();
    } else {
      await page.getByRole("button", { name: "Show the scenarios" }).click();
      await page.getByRole("button", { name: title, exact: true }).click();
    }
    await tab(page, "Timeline").waitFor();
    await idle(page);
    await moment(page).focus();
    await page.keyboard.press("End");
    await idle(page);
    const { operations, trace_sha256, state_sha256 } = played.get(id) ?? {};
    const { at } = await read(page);
    expect((at ?? 0) + 1, `${id}: operations`).toBe(operations);
    const digests = await page.evaluate(() => ({
      trace_sha256: window.playground?.traceSha256(),
      state_sha256: window.playground?.stateSha256(),
    }));
    expect(digests, id).toEqual({ trace_sha256, state_sha256 });
  }
});

// What the stories of users share: a page with the manual clock, what it reads, and moving about by keyboard alone.
import { expect, type Locator, type Page } from "@playwright/test";
import type { PlaygroundState } from "../../src/app/test-hook.ts";
import { sampleButtons } from "./app.ts";

/** Positions of the shipped machines on the first screen. */
export const SAMPLES = { secondStage: 0, firstStage: 1, legacy: 2 } as const;

/** The first screen, with time in the hands of the test. */
export async function firstScreen(page: Page, path = "./?test"): Promise<void> {
  await page.goto(path);
  await page.waitForFunction(() => window.playground !== undefined);
}

/** A shipped machine on its stage, at rest. */
export async function openForTest(page: Page, sample: number = SAMPLES.secondStage): Promise<void> {
  await firstScreen(page);
  await sampleButtons(page).nth(sample).click();
  await page.getByRole("tabpanel").first().waitFor();
  await idle(page);
}

export const read = (page: Page): Promise<PlaygroundState> =>
  page.evaluate(() => {
    if (!window.playground) throw new Error("the page has no test hook");
    return window.playground.state();
  });

export const eventsOf = (page: Page): Promise<readonly unknown[]> =>
  page.evaluate(() => window.playground?.events() ?? []);

/** Lets everything that moves arrive. */
export const idle = (page: Page): Promise<void> => page.evaluate(() => window.playground?.idle());

export const advance = (page: Page, milliseconds: number): Promise<void> =>
  page.evaluate((time) => window.playground?.advance(time), milliseconds);

/** Sends the request as it is written and lets it arrive. */
export async function send(page: Page): Promise<PlaygroundState> {
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await idle(page);
  return read(page);
}

const NOTHING = "nothing has the focus";

/** Why a reader who goes by keyboard cannot see where the focus is; null when it is seen. */
export const unseenFocus = (page: Page): Promise<string | null> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return "nothing has the focus";
    const told = `${element.tagName} "${element.getAttribute("aria-label") ?? element.textContent?.slice(0, 40) ?? ""}"`;
    const box = element.getBoundingClientRect();
    const left = Math.max(box.left, 0);
    const right = Math.min(box.right, innerWidth);
    const top = Math.max(box.top, 0);
    const bottom = Math.min(box.bottom, innerHeight);
    if (right - left < 1 || bottom - top < 1) return `${told} is out of view`;
    const drawn = (style: CSSStyleDeclaration) =>
      (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 1) ||
      style.boxShadow !== "none";
    // The stage draws its ring as a shape above all others.
    const ring = element.closest("svg")?.querySelector(".ring") !== null && element.closest("svg");
    if (
      !ring &&
      !drawn(getComputedStyle(element)) &&
      !drawn(getComputedStyle(element, "::after")) &&
      !drawn(getComputedStyle(element, "::before"))
    ) {
      return `${told} shows no focus`;
    }
    const hits = [
      [0.5, 0.5],
      [0.1, 0.5],
      [0.9, 0.5],
      [0.5, 0.2],
      [0.5, 0.8],
    ].some(([x = 0, y = 0]) => {
      const hit = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
      // A drawing above the stage lets the pointer through.
      return hit !== null && (element.contains(hit) || hit.contains(element));
    });
    return hits ? null : `${told} is covered`;
  });

/** Presses `key` until `target` has the focus; on the way the focus has to be seen at every stop. */
export async function moveTo(page: Page, target: Locator, key = "Tab", most = 150): Promise<void> {
  await target.waitFor();
  let wrapped = false;
  for (let presses = 0; presses < most; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
    const unseen = await unseenFocus(page);
    // After the last stop of a page comes the browser itself, once.
    if (unseen === NOTHING && key.endsWith("Tab") && !wrapped) wrapped = true;
    else expect(unseen, `after ${presses + 1} times ${key}`).toBeNull();
  }
  throw new Error(`${most} times ${key} do not lead to ${target}`);
}

// What is drawn can be read at every width: no small, cut off or overlapping text, and no page that scrolls sideways.
import type { Page } from "@playwright/test";
import { sampleCards } from "./support/app.ts";
import { idle, openForTest } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

/** Faults of the text that is in view now, in words. */
const faultsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const SMALLEST = 11;
    const faults = new Set<string>();
    const short = (text: string) => `"${text.trim().slice(0, 40)}"`;
    const scrolls = (value: string) => value === "auto" || value === "scroll";
    const clips = (value: string) => value === "hidden" || value === "clip";
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) faults.add(`the page is ${root.scrollWidth} wide`);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent ?? "";
      if (!element || text.trim() === "" || !element.checkVisibility()) continue;
      if (element.closest("script, style, noscript, option, .visually-hidden, [role=status]"))
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const rects = [...range.getClientRects()].filter((rect) => rect.width > 1);
      if (rects.length === 0) continue;
      const style = getComputedStyle(element);
      const size = Number.parseFloat(style.fontSize);
      if (size < SMALLEST) faults.add(`${short(text)} is ${size} pixels small`);
      // Hidden from sight on purpose, for those who listen.
      if (element.clientWidth === 1 && element.clientHeight === 1) continue;
      // Up to what scrolls, nothing may cut the text off.
      for (let box = element; box !== root && box.parentElement; box = box.parentElement) {
        const { overflowX, overflowY, display } = getComputedStyle(box);
        if (scrolls(overflowX) || scrolls(overflowY)) break;
        if (display === "inline" || box instanceof SVGElement) continue;
        const frame = box.getBoundingClientRect();
        for (const rect of rects) {
          const beside = rect.right > frame.right + 1 || rect.left < frame.left - 1;
          const below = rect.bottom > frame.bottom + 2 || rect.top < frame.top - 2;
          if (clips(overflowX) && beside) faults.add(`${short(text)} is cut off at a side`);
          if (clips(overflowY) && below) faults.add(`${short(text)} is cut off above or below`);
          if (!clips(overflowX) && beside && box === element)
            faults.add(`${short(text)} leaves its box`);
        }
      }
    }
    return [...faults];
  });

/** Pairs of texts on the stage that lie on each other. */
const overlaps = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const boxes = [...document.querySelectorAll<SVGTextElement>(".stage svg text")]
      .filter((text) => text.checkVisibility() && (text.textContent ?? "").trim() !== "")
      .map((text) => {
        const rect = text.getBoundingClientRect();
        // Without the room that a face keeps above and below its letters.
        const rest = rect.height * 0.2;
        return {
          words: text.textContent ?? "",
          left: rect.left,
          right: rect.right,
          top: rect.top + rest,
          bottom: rect.bottom - rest,
        };
      });
    return boxes.flatMap((a, at) =>
      boxes
        .slice(at + 1)
        .filter(
          (b) =>
            Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1,
        )
        .map((b) => `"${a.words}" and "${b.words}"`),
    );
  });

const SIZES = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1280, height: 800 },
  { width: 1440, height: 900 },
  { width: 1920, height: 1080 },
  // 1440 x 900 at a zoom of 200 %.
  { width: 720, height: 450 },
] as const;

for (const size of SIZES) {
  test(`${size.width} x ${size.height}`, async ({ page }) => {
    await page.setViewportSize(size);
    const look = async (what: string) => {
      expect(await faultsOf(page), what).toEqual([]);
      expect(await overlaps(page), `${what}: texts on each other`).toEqual([]);
    };
    await page.goto("./");
    await expect(sampleCards(page)).toHaveCount(3);
    await look("first screen");
    await openForTest(page);
    await look("opened");
    const tabs = page.getByRole("tab");
    const request = page.getByRole("tab", { name: "Request", exact: true });
    for (const title of ["VFIO device reads a 2 MiB page", "PASID entry not present"]) {
      if (await request.isVisible()) await request.click();
      await page.getByRole("button", { name: title }).click();
      await idle(page);
      for (let at = 0; at < (await tabs.count()); at++) {
        await tabs.nth(at).click();
        await look(`${title}, ${await tabs.nth(at).textContent()}`);
      }
    }
    await page.getByRole("tab", { name: "Walk", exact: true }).click();
    await page.getByRole("button", { name: "Open walk" }).click();
    await look("walk view");
    await page.keyboard.press("Escape");
    for (const command of ["Show all keys", "Share a link"]) {
      await page.keyboard.press("Control+k");
      await look("palette");
      await page.keyboard.type(command);
      await page.keyboard.press("Enter");
      await expect(page.getByRole("dialog")).toBeVisible();
      await look(command);
      await page.keyboard.press("Escape");
    }
  });
}

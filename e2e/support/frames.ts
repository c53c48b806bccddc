// Counts what a page asks of the browser: animation frames and long tasks. Installed before the page's own code runs.
import type { Page } from "@playwright/test";

declare global {
  interface Window {
    /** Set by `countFrames`: frames requested, and long tasks in milliseconds, since the page was loaded. */
    counted?: { frames: number; longTasks: number[] };
  }
}

export async function countFrames(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const counted: { frames: number; longTasks: number[] } = { frames: 0, longTasks: [] };
    window.counted = counted;
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => {
      counted.frames++;
      return request(callback);
    };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) counted.longTasks.push(entry.duration);
    }).observe({ type: "longtask", buffered: true });
  });
}

/** Frames requested during `milliseconds`. */
export async function framesDuring(page: Page, milliseconds: number): Promise<number> {
  const now = () => page.evaluate(() => window.counted?.frames ?? Number.NaN);
  const before = await now();
  await page.waitForTimeout(milliseconds);
  return (await now()) - before;
}

/** Durations of the tasks above 50 ms so far. */
export const longTasks = (page: Page): Promise<readonly number[]> =>
  page.evaluate(() => window.counted?.longTasks ?? []);

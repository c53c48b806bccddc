// What a frame costs: CPU time of all processes of the browser, divided by the frames that the page drew meanwhile.
import type { Browser, Page } from "@playwright/test";

export interface FrameCost {
  /** Milliseconds of CPU per frame, all processes. */
  readonly cpu: number;
  readonly frames: number;
}

interface ProcessInfo {
  readonly id: number;
  readonly type: string;
  /** Seconds. */
  readonly cpuTime: number;
}

async function cpuSeconds(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.reduce((sum: number, { cpuTime }: ProcessInfo) => sum + cpuTime, 0);
}

/** Frames drawn so far, counted by `countFrames` of frames.ts. */
const framesOf = (page: Page): Promise<number> =>
  page.evaluate(() => window.counted?.frames ?? Number.NaN);

export async function measureFrames(page: Page, milliseconds: number): Promise<FrameCost> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page has no browser of its own");
  const [cpuBefore, framesBefore] = [await cpuSeconds(browser), await framesOf(page)];
  await page.waitForTimeout(milliseconds);
  const [cpuAfter, framesAfter] = [await cpuSeconds(browser), await framesOf(page)];
  const frames = framesAfter - framesBefore;
  return { cpu: ((cpuAfter - cpuBefore) * 1000) / frames, frames };
}

// Links: the one that the page gives, and a new browser that opens it.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Browser, Page } from "@playwright/test";
import { expect, watch } from "./test.ts";

export const hashOf = (page: Page): string => new URL(page.url()).hash;

/** The link after it has followed the last change. */
export async function settledLink(page: Page): Promise<string> {
  // A link names the whole state, so the share dialog says what the bar has to say.
  await page.getByRole("button", { name: "Share" }).click();
  const link = page.getByRole("textbox", { name: "The link" });
  await expect(link).toHaveValue(/#/);
  const shared = new URL(await link.inputValue()).hash;
  await page.keyboard.press("Escape");
  await expect.poll(() => hashOf(page), "the address bar").toBe(shared);
  return shared;
}

/** Runs `story` on a page of a new browser profile, which has to behave as any other. */
export async function inNewBrowser(
  browser: Browser,
  address: string,
  story: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const seen = watch(page, new URL(address).origin);
  await page.goto(address);
  await page.waitForFunction(() => window.playground !== undefined);
  await story(page);
  expect(seen, "what the page must not do").toEqual([]);
  await context.close();
}

export const addressOf = (baseURL: string | undefined, hash: string): string =>
  new URL(`./?test${hash}`, baseURL).href;

/** The same link, made of another state: its digest is another one. */
export function withOtherDigest(hash: string, digest: string): string {
  const text = inflateRawSync(Buffer.from(hash.slice("#1.".length), "base64url")).toString();
  expect(text).toContain(digest);
  const other = text.replace(digest, digest.replace(/./, digest.startsWith("0") ? "1" : "0"));
  return `#1.${deflateRawSync(other).toString("base64url")}`;
}

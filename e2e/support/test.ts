// The `test` that every browser test uses: a page that fails its test on any console message, error or request to elsewhere.
import { test as base, expect, type Page } from "@playwright/test";

export { expect };

/** Everything that a page must not do, in the order it happened. Grows while the page is used. */
export function watch(page: Page, origin: string): readonly string[] {
  const seen: string[] = [];
  page.on("console", (message) => seen.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => {
    // A navigation that another one replaces is no failure of the page.
    const failure = request.failure()?.errorText ?? "";
    if (failure !== "net::ERR_ABORTED") seen.push(`request failed: ${request.url()} ${failure}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) seen.push(`foreign request: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) seen.push(`status ${response.status()}: ${response.url()}`);
  });
  return seen;
}

export const test = base.extend({
  page: async ({ page, baseURL }, use) => {
    const seen = watch(page, new URL(baseURL ?? "").origin);
    await use(page);
    expect(seen, "what the page must not do").toEqual([]);
  },
});

// The build is static files that work from any folder of any server, and the page fetches nothing else.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openSample } from "./support/app.ts";
import { expect, test, watch } from "./support/test.ts";

const FOLDER = "/deep/sub/";

/** Serves `site` below FOLDER and nothing beside it. */
function serveBelow(site: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? "";
    const answer = path.startsWith(FOLDER) ? await fetch(site + path.slice(FOLDER.length)) : null;
    response.writeHead(answer?.status ?? 404, {
      "content-type": answer?.headers.get("content-type") ?? "text/plain",
    });
    response.end(answer ? Buffer.from(await answer.arrayBuffer()) : "nothing here");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

test("the page works from a folder", async ({ browser, baseURL }) => {
  const server = await serveBelow(baseURL ?? "");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = await browser.newPage();
  const seen = watch(page, origin);
  const outside: string[] = [];
  page.on("request", (request) => {
    if (!new URL(request.url()).pathname.startsWith(FOLDER)) outside.push(request.url());
  });
  await page.goto(origin + FOLDER);
  await openSample(page);
  expect(outside, "requests beside the folder").toEqual([]);
  expect(seen, "what the page must not do").toEqual([]);
  await page.close();
  server.close();
});

test("scripts come from files of the build only", async ({ page }) => {
  const html = await (await page.request.get("./")).text();
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1] ?? "";
  const rules = policy.split(";").map((rule) => rule.trim());
  expect(rules).toContain("default-src 'self'");
  // Only style-src may be looser, by 'unsafe-inline'.
  const others = rules.filter((rule) => rule !== "" && rule !== "default-src 'self'");
  expect(others.filter((rule) => rule !== "style-src 'self' 'unsafe-inline'")).toEqual([]);
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
  await page.goto("./");
  await openSample(page);
  const inline = await page.evaluate(() => document.querySelectorAll("script:not([src])").length);
  expect(inline, "inline scripts").toBe(0);
});

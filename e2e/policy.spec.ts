// Nothing leaves the page: after load it fetches only files of its own build, and its policy forbids the rest.
import { drop, ownFiles } from "./support/files.ts";
import { firstScreen, idle, openForTest, read, send } from "./support/story.ts";
import { expect, test } from "./support/test.ts";

test("a whole visit asks for files of the build only, and sends nothing", async ({
  page,
  baseURL,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    const under = pathname.slice(new URL(baseURL ?? "").pathname.length);
    asked.push(`${request.method()} ${under}${request.postData() === null ? "" : " with a body"}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await openForTest(page);
  const loaded = asked.length;
  await send(page);
  for (const name of ["Outline", "Table", "Memory", "Registers and caches"]) {
    await page.getByRole("tab", { name, exact: true }).click();
  }
  await page.getByRole("button", { name: "Open walk" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.getByRole("textbox", { name: "The link" })).toHaveValue(/#/);
  await page.keyboard.press("Escape");
  const { tables, registers } = ownFiles();
  await drop(page, [tables, registers]);
  await expect.poll(async () => (await read(page)).machine).toBe(tables.name);
  await idle(page);
  expect(loaded).toBeGreaterThan(3);
  const build = /^GET ($|index\.html$|icon\.svg$|assets\/[\w.-]+$|samples\/[\w.-]+$)/;
  expect(asked.filter((one) => !build.test(one))).toEqual([]);
  const stored = await page.evaluate(() => document.cookie);
  expect(stored, "cookies").toBe("");
});

test("the policy is in force: inline scripts and workers from blobs are refused", async ({
  browser,
  baseURL,
}) => {
  // A page that is not watched, since what it tries is what others must not do.
  const page = await browser.newPage();
  await firstScreen(page, new URL("./?test", baseURL).href);
  const refused = await page.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      violations.push(event.effectiveDirective);
    });
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.head.append(script);
    const url = URL.createObjectURL(new Blob(["postMessage(1)"], { type: "text/javascript" }));
    try {
      const worker = new Worker(url);
      await new Promise((resolve) => worker.addEventListener("error", resolve));
    } catch {
      // Refused at once, as some browsers do.
    }
    const elsewhere = await fetch("https://example.invalid/").catch(() => "refused");
    await new Promise((resolve) => setTimeout(resolve));
    return { violations, ran: "ran" in window, elsewhere };
  });
  expect(refused.ran).toBe(false);
  expect(refused.elsewhere).toBe("refused");
  expect(refused.violations).toContain("script-src-elem");
  expect(refused.violations).toContain("worker-src");
  expect(refused.violations).toContain("connect-src");
  await page.close();
});

// Browser tests run on the built site. PORT chooses where it is served; SITE tests a site that is served already.
import { defineConfig, devices } from "@playwright/test";
import { findBrowser } from "./scripts/browser.mjs";

const port = process.env["PORT"] ?? "4183";
const site = process.env["SITE"];
const { executablePath } = findBrowser();

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  // Generous, because a machine may be busy; a test that must be quick measures itself.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    baseURL: site ?? `http://127.0.0.1:${port}/`,
    trace: "retain-on-failure",
    launchOptions: executablePath === undefined ? {} : { executablePath },
  },
  projects: [
    { name: "pages", testMatch: "**/*.spec.ts", testIgnore: "timed/**" },
    {
      // Tests with a limit in milliseconds: one at a time, after all others.
      name: "timed",
      testMatch: "timed/*.spec.ts",
      workers: 1,
      dependencies: ["pages"],
    },
    {
      // Measurements: one at a time, nothing else running.
      name: "bench",
      testMatch: "**/*.bench.ts",
      workers: 1,
      fullyParallel: false,
      use: { trace: "off", viewport: { width: 1440, height: 900 } },
    },
  ],
  ...(site === undefined
    ? {
        webServer: {
          command: `npx vite preview --host 127.0.0.1 --port ${port} --strictPort`,
          url: `http://127.0.0.1:${port}/`,
          timeout: 120_000,
          reuseExistingServer: false,
        },
      }
    : {}),
});

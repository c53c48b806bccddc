// How the page is built and served, and how the unit tests run.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const deep = process.env["DEEP"] === "1";

export default defineConfig({
  // Relative, so that the build works from any sub-path.
  base: "./",
  plugins: [react()],
  // The content security policy allows no data: URLs, so nothing may be inlined as one.
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0 },
  worker: { format: "es" },
  preview: { strictPort: true },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
    // Generous, because a machine may be busy; a test that must be quick measures itself.
    testTimeout: deep ? 1_800_000 : 60_000,
    hookTimeout: 60_000,
  },
});

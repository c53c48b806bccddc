import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative, so that the build works from any sub-path.
  base: "./",
  plugins: [react()],
  // The content security policy allows no data: URLs, so nothing may be inlined as one.
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0 },
  worker: { format: "es" },
  preview: { port: 4173, strictPort: true },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});

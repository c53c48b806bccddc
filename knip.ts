// Finds files, exports and packages that nothing uses.
import type { KnipConfig } from "knip";

export default {
  entry: ["scripts/*.mjs", "src/cli/main.ts"],
  project: ["src/**/*.{ts,tsx,css}", "e2e/**/*.ts", "scripts/*.mjs"],
  ignoreExportsUsedInFile: true,
  // A tool of the machine: `bench` does without.
  ignoreBinaries: ["gcc"],
  compilers: {
    // What a style sheet names by url() or @import counts as used.
    css: (text: string) =>
      [...text.matchAll(/(?:url\(\s*|@import\s+)["']([^"']+)["']/g)]
        .map(([, file]) => `import "${file}";`)
        .join("\n"),
  },
} satisfies KnipConfig;

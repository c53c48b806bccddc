// `npm run -s cli -- VERB ...`: bundles src/cli/main.ts when a source has changed since the last time, then runs it.
// The bundle's name holds a digest of all sources and it appears under that name only when complete, so calls may run at once.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cache = path.join(root, ".cache/cli");
const DAY = 24 * 3600 * 1000;

/** Every source that may end up in the bundle, in a fixed order. */
function listSources(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "testing" ? [] : listSources(file);
    return /\.(?:ts|json)$/.test(entry.name) && !entry.name.endsWith(".test.ts") ? [file] : [];
  });
}

function digestSources() {
  const hash = createHash("sha256");
  const own = ["scripts/cli.mjs", "package-lock.json"].map((file) => path.join(root, file));
  for (const file of [...own, ...listSources(path.join(root, "src"))]) {
    const bytes = readFileSync(file);
    hash.update(`${path.relative(root, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex").slice(0, 20);
}

async function bundle(target) {
  // The bundler is Vite's own.
  const require = createRequire(import.meta.url);
  const entry = createRequire(require.resolve("vite/package.json")).resolve("rolldown");
  const { rolldown } = await import(pathToFileURL(entry).href);
  const build = await rolldown({
    input: path.join(root, "src/cli/main.ts"),
    platform: "node",
    tsconfig: false,
    logLevel: "silent",
  });
  const { output } = await build.generate({ format: "esm", codeSplitting: false });
  await build.close();
  const temporary = `${target}.${process.pid}.tmp`;
  writeFileSync(temporary, output[0].code);
  renameSync(temporary, target);
}

/** Bundles of other sources, unless somebody may still be starting one. */
function removeOld(keep) {
  for (const name of readdirSync(cache)) {
    const file = path.join(cache, name);
    if (file === keep) continue;
    try {
      if (Date.now() - statSync(file).mtimeMs > DAY) rmSync(file);
    } catch {
      // Another call removed it.
    }
  }
}

async function prepare() {
  const target = path.join(cache, `${digestSources()}.mjs`);
  if (!existsSync(target)) {
    mkdirSync(cache, { recursive: true });
    await bundle(target);
    removeOld(target);
  }
  return target;
}

let target;
try {
  target = await prepare();
} catch (error) {
  const missing = error?.code === "MODULE_NOT_FOUND";
  console.error(
    missing
      ? "The packages are not installed: run `npm ci` first."
      : `The command line could not be built: ${error?.message ?? error}`,
  );
  process.exit(3);
}
const { main } = await import(pathToFileURL(target).href);
await main(process.argv.slice(2), root);

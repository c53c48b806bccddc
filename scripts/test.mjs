// `npm test`: every check and test, each an npm script that also runs alone. `--deep` sets DEEP=1: same code, full counts.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`;

/** A port nobody listens on, so that a page that is being served does not stand in the way. */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const env = { ...process.env, PORT: String(await freePort()), NO_COLOR: "1" };
delete env.FORCE_COLOR;
if (process.argv.includes("--deep")) env.DEEP = "1";

// Two lanes, since two processors are what the time budget counts on; what measures time runs alone, last.
const PHASES = [
  [
    ["typecheck", "unit"],
    ["lint", "check", "knip", "site"],
  ],
  [["e2e"]],
];

function npmScript(name) {
  const cli = process.env.npm_execpath;
  const args = ["run", "--silent", name];
  return cli?.endsWith(".js")
    ? spawn(process.execPath, [cli, ...args], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] })
    : spawn("npm", args, {
        cwd: root,
        env,
        stdio: ["ignore", "pipe", "pipe"],
        shell: process.platform === "win32",
      });
}

/** Runs one script and prints its output in one piece, so that lanes do not mix. A script that runs alone is shown live. */
function step(name, live) {
  const start = performance.now();
  return new Promise((resolve) => {
    const child = npmScript(name);
    const pieces = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (piece) => (live ? process.stdout.write(piece) : pieces.push(piece)));
    }
    child.on("error", (error) => pieces.push(Buffer.from(`${error.message}\n`)));
    child.on("close", (code) => {
      process.stdout.write(Buffer.concat(pieces));
      console.log(`${code === 0 ? "passed" : "FAILED"}  ${name}  (${seconds(start)})\n`);
      resolve(code === 0);
    });
  });
}

const failed = [];
async function lane(names, live) {
  for (const name of names) if (!(await step(name, live))) failed.push(name);
}

const start = performance.now();
for (const lanes of PHASES) {
  await Promise.all(lanes.map((names) => lane(names, lanes.length === 1)));
  // A page that does not build cannot be tested; everything else is still worth reporting.
  if (failed.includes("site")) break;
}
console.log(
  failed.length === 0
    ? `All checks and tests passed in ${seconds(start)}.`
    : `Failed: ${failed.join(", ")} (${seconds(start)}). Each runs alone with npm run NAME.`,
);
process.exit(failed.length === 0 ? 0 : 1);

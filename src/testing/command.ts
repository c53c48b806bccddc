// Runs the command line as its callers do: as a process of its own.
import { type SpawnOptions, spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall time in milliseconds. */
  readonly time: number;
}

/** Runs `command` to its end. */
export function execute(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<Ended> {
  const start = performance.now();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr?.on("data", (data: Buffer) => {
    stderr += data.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr, time: performance.now() - start }));
  });
}

/** Runs the command line of the project at `root`, called from the folder `from`. */
export const runCli = (args: readonly string[], from = ROOT, root = ROOT): Promise<Ended> =>
  execute(process.execPath, [path.join(root, "scripts/cli.mjs"), ...args], {
    cwd: root,
    env: { ...process.env, INIT_CWD: from },
  });

/** The last line of stdout as JSON. */
export const lastJson = ({ stdout }: Ended): unknown =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");

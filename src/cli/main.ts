// The command line: finds the verb, runs it, and turns what goes wrong into one line and an exit code.

import { runBench } from "./bench/bench.ts";
import { HELP } from "./help.ts";
import { EXIT, type ExitCode, endWhenNobodyReads, note, print, UsageError } from "./output.ts";
import { runCheckFiles } from "./verbs/check.ts";
import { runConformance } from "./verbs/conformance.ts";
import { runImage } from "./verbs/image.ts";
import { runPlay } from "./verbs/play.ts";

type Verb = (args: readonly string[]) => Promise<ExitCode>;

const VERBS: Readonly<Record<string, Verb>> = {
  play: runPlay,
  check: runCheckFiles,
  conformance: runConformance,
  image: runImage,
  bench: runBench,
};

/** Runs one command; the exit code is left in `process.exitCode`, so that what was printed gets out. */
export async function main(args: readonly string[]): Promise<void> {
  endWhenNobodyReads();
  try {
    process.exitCode = await dispatch(args);
  } catch (error) {
    if (error instanceof UsageError) {
      note(error.message.replace(/\s*\n\s*/g, " "));
      process.exitCode = EXIT.usage;
    } else {
      note(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
      process.exitCode = EXIT.internal;
    }
  }
}

async function dispatch([name, ...rest]: readonly string[]): Promise<ExitCode> {
  if (name === undefined) throw new UsageError("no verb: try `npm run -s cli -- --help`");
  if (name === "--help" || name === "-h" || name === "help") {
    await print(helpFor(rest[0]));
    return EXIT.expected;
  }
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) throw new UsageError(`there is no verb "${name}": try \`npm run -s cli -- --help\``);
  if (rest.includes("--help") || rest.includes("-h")) {
    await print(helpFor(name));
    return EXIT.expected;
  }
  return verb(rest);
}

function helpFor(name: string | undefined): string {
  const text = name !== undefined && Object.hasOwn(HELP, name) ? HELP[name] : undefined;
  return text ?? HELP["overview"] ?? "";
}

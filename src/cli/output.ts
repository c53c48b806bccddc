// Where words go: results to stdout, the rest to stderr. A reader who stops reading early ends the program quietly.
import { describeProblem, type Problem } from "../base/result.ts";

/** Exit codes. */
export const EXIT = { expected: 0, differs: 1, usage: 2, internal: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What the caller asked for cannot be done; the message is one line. */
export class UsageError extends Error {}

/** A problem of a file as an error that ends the verb with one line. */
export const asUsageError = (problem: Problem): UsageError =>
  new UsageError(describeProblem(problem));

/** Writes to stdout and waits until the bytes are handed over. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

export const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** `head` and the like close the pipe when they have enough: that is no error. */
export function endWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      process.exit(error.code === "EPIPE" ? EXIT.expected : EXIT.internal);
    });
  }
}

/** Columns side by side, the first to the left, the others to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map(String));
  const widths = (texts[0] ?? []).map((_, column) =>
    Math.max(...texts.map((row) => (row[column] ?? "").length)),
  );
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return texts.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

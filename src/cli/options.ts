// Options of a verb: a strict reading of the arguments, with sentences instead of stack traces.
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { ProfileName } from "../hardware/vtd/types.ts";
import { UsageError } from "./output.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What was given, with all values as lists, in order. Throws a UsageError for an option that is not known. */
export function readOptions(
  verb: string,
  args: readonly string[],
  options: Options,
): {
  values: (name: string) => readonly string[];
  has: (name: string) => boolean;
  files: string[];
} {
  const given = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, { ...option, multiple: true }]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: given,
      allowPositionals: true,
      strict: true,
    });
    const found = values as Readonly<Record<string, (string | boolean)[] | undefined>>;
    return {
      values: (name) => (found[name] ?? []).filter((value) => typeof value === "string"),
      has: (name) => found[name] !== undefined,
      files: positionals,
    };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split(/\n|\. /)[0];
    throw new UsageError(`${verb}: ${reason}: try \`npm run -s cli -- ${verb} --help\``);
  }
}

/** The one value of an option that may be given once; undefined when it was not. */
export function single(verb: string, name: string, values: readonly string[]): string | undefined {
  if (values.length > 1) throw new UsageError(`${verb}: --${name} is given ${values.length} times`);
  return values[0];
}

export function profileOption(verb: string, values: readonly string[]): ProfileName | undefined {
  const given = single(verb, "profile", values);
  if (given === undefined || given === "spec" || given === "qemu") return given;
  throw new UsageError(`${verb}: --profile is "${given}", but only spec and qemu exist`);
}

// `image`: opens a memory image with its registers, checks recorded lookups and walks single addresses.
import { formatBdf } from "../../base/bdf.ts";
import { plainHex } from "../../base/hex.ts";
import { Store } from "../../hardware/memory/store.ts";
import type { ProfileName } from "../../hardware/vtd/types.ts";
import { readElfCore } from "../../interchange/elf-core.ts";
import { checkLookup } from "../../interchange/lookup-check.ts";
import { type Lookup, readLookups } from "../../interchange/lookups.ts";
import { hostAddressWidth, readRegisterListing } from "../../interchange/register-listing.ts";
import { Session } from "../../session/session.ts";
import type { SessionPort } from "../../session/types.ts";
import { openSource, readText } from "../files.ts";
import { profileOption, readOptions, single } from "../options.ts";
import { asUsageError, EXIT, type ExitCode, note, print, table, UsageError } from "../output.ts";
import {
  describeTranslation,
  parseTranslation,
  type Translation,
  translate,
} from "./translation.ts";

const VERB = "image";
const FAILURES_SHOWN = 100;

export async function runImage(args: readonly string[]): Promise<ExitCode> {
  const options = readOptions(VERB, args, {
    lookups: { type: "string" },
    translate: { type: "string" },
    profile: { type: "string" },
    haw: { type: "string" },
    json: { type: "boolean" },
  });
  const [tables, registers, ...more] = options.files;
  if (tables === undefined || registers === undefined || more.length > 0) {
    throw new UsageError(`${VERB}: TABLES and REGISTERS are to be named, and no other file`);
  }
  const translations = options.values("translate").map(parseTranslation);
  const lookupFile = single(VERB, "lookups", options.values("lookups"));
  const lookups = lookupFile === undefined ? undefined : await loadLookups(lookupFile);
  const profile = profileOption(VERB, options.values("profile")) ?? (lookups ? "qemu" : "spec");
  const haw = widthOption(single(VERB, "haw", options.values("haw")));
  const machine = await loadMachine(tables, registers, profile, haw);

  for (const translation of translations)
    await printTranslation(translation, machine, options.has("json"));
  if (lookups) return reportLookups(lookups, machine, options.has("json"));
  if (translations.length === 0) await printSummary(machine, options.has("json"));
  return EXIT.expected;
}

function widthOption(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const haw = Number(given);
  if (Number.isInteger(haw) && haw >= 32 && haw <= 52) return haw;
  throw new UsageError(`${VERB}: --haw is "${given}", but a width is a number from 32 to 52`);
}

async function loadLookups(file: string): Promise<readonly Lookup[]> {
  const text = await readText(file);
  if (!text.ok) throw asUsageError(text.problem);
  const lookups = readLookups(file, text.value);
  if (!lookups.ok) throw asUsageError(lookups.problem);
  return lookups.value;
}

/** Reads both files into a machine whose registers are as they were when the image was taken. */
async function loadMachine(
  tables: string,
  registers: string,
  profile: ProfileName,
  width: number | undefined,
): Promise<SessionPort> {
  const text = await readText(registers);
  if (!text.ok) throw asUsageError(text.problem);
  const listing = readRegisterListing(registers, text.value);
  if (!listing.ok) throw asUsageError(listing.problem);
  const haw = width ?? hostAddressWidth(listing.value);
  const source = await openSource(tables);
  if (!source.ok) throw asUsageError(source.problem);
  const store = new Store();
  const image = await readElfCore(source.value, store, { haw });
  if (!image.ok) throw asUsageError(image.problem);
  const session = Session.open({
    store,
    registers: listing.value.words,
    profile,
    info: {
      origin: { kind: "own", tables, registers, digest: "" },
      title: tables,
      provenance: "",
      haw,
      names: new Map(),
    },
  });
  if (!session.ok) throw asUsageError(session.problem);
  return session.value;
}

async function printTranslation(
  asked: Translation,
  machine: SessionPort,
  json: boolean,
): Promise<void> {
  const record = translate(asked, machine);
  if (!json) note(describeTranslation(record));
  await print(JSON.stringify(record));
}

async function reportLookups(
  lookups: readonly Lookup[],
  machine: SessionPort,
  json: boolean,
): Promise<ExitCode> {
  const scores = lookups
    .filter(({ agrees }) => agrees)
    .map((lookup) => ({ line: lookup.line, ...checkLookup(lookup, machine) }));
  const passed = scores.filter((score) => score.passed).length;
  const failures = scores
    .filter((score) => !score.passed)
    .slice(0, FAILURES_SHOWN)
    .map(({ line, want, got }) => ({ line, want, got }));
  const result = {
    lookups: lookups.length,
    counted: scores.length,
    passed,
    failed: scores.length - passed,
    ignored: lookups.length - scores.length,
    reason_equal: scores.filter((score) => score.reasonEqual).length,
    failures,
  };
  if (json) await print(JSON.stringify(result));
  else {
    const { failures: listed, ...counts } = result;
    const lines = listed.map(
      ({ line, want, got }) =>
        `line ${line}: want ${JSON.stringify(want)} got ${JSON.stringify(got)}`,
    );
    await print([table([Object.keys(counts), Object.values(counts)]), ...lines].join("\n"));
  }
  if (scores.length === 0) {
    note('no lookup counts: none of them has "agrees": true');
    return EXIT.usage;
  }
  return result.failed === 0 ? EXIT.expected : EXIT.differs;
}

/** What the image holds, when nothing else was asked. */
async function printSummary(machine: SessionPort, json: boolean): Promise<void> {
  const survey = machine.survey();
  const summary = {
    mode: survey.mode,
    root: plainHex(survey.rootTable),
    haw: machine.info.haw,
    requesters: survey.requesters.map(({ requester }) => formatBdf(requester)),
    spaces: survey.spaces.length,
    tables: survey.tables.length,
    limits: survey.limits,
  };
  if (json) return print(JSON.stringify(summary));
  const lines = [
    `remapping: ${summary.mode}, root table at ${summary.root}, host address width ${summary.haw} bits`,
    `requesters (${summary.requesters.length}): ${summary.requesters.join(" ") || "none"}`,
    `address spaces: ${summary.spaces}, pages of tables: ${summary.tables}`,
    ...summary.limits,
  ];
  return print(lines.join("\n"));
}

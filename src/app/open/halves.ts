// Collects the two files of an image, in any order and one or both at a time, and opens them when both are there.

import type { Halves } from "../state.ts";
import { actions, appStore } from "../store.ts";
import { type FileKind, sniff } from "./sniff.ts";

/** The files that have come so far. Names only are in the store. */
const kept: Record<keyof Halves, File | null> = { tables: null, registers: null };

const nameOf = (file: File | null): string | null => file?.name ?? null;

const KIND_WORDS: Record<keyof Halves, string> = {
  tables: "memory image",
  registers: "register listing",
};

/** Takes files that were dropped or chosen. Says what is still missing; whatever is open stays until both are read. */
export async function giveFiles(files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  const kinds = await Promise.all(files.map((file) => sniff(file)));
  const [first] = files;
  if (first && files.length === 1 && kinds[0] === "scenario") {
    await openScenarioFile(first);
    return;
  }
  const complaint = complain(files, kinds);
  if (complaint) {
    actions.report(complaint);
    return;
  }
  files.forEach((file, at) => {
    const kind = kinds[at];
    if (kind === "tables" || kind === "registers") kept[kind] = file;
  });
  const { tables, registers } = kept;
  actions.setHalves({ tables: nameOf(tables), registers: nameOf(registers) });
  if (tables && registers) {
    const { openOwn } = await import("./opening.ts");
    const opened = await openOwn(tables, registers);
    if (opened) forget();
    return;
  }
  const [have, want] = tables
    ? (["tables", "registers"] as const)
    : (["registers", "tables"] as const);
  actions.say(
    `${kept[have]?.name} is a ${KIND_WORDS[have]}. The ${KIND_WORDS[want]} is still missing.`,
  );
  if (appStore.getState().session) actions.showDialog("open");
}

/** Bytes of the largest scenario file that is read. */
const LARGEST_SCENARIO = 32 * 2 ** 20;

async function openScenarioFile(file: File): Promise<void> {
  if (file.size > LARGEST_SCENARIO) {
    actions.report(`${file.name} is larger than 32 MiB, the most that is read of a scenario file.`);
    return;
  }
  const [text, { openScenarioText }] = await Promise.all([
    file.text(),
    import("../review/open.ts"),
  ]);
  await openScenarioText(file.name, text);
}

function forget(): void {
  kept.tables = null;
  kept.registers = null;
  actions.setHalves({ tables: null, registers: null });
}

function complain(files: readonly File[], kinds: readonly FileKind[]): string | null {
  const scenario = files[kinds.indexOf("scenario")];
  if (scenario) return `${scenario.name} is a scenario file. Give it alone.`;
  const other = files[kinds.indexOf("other")];
  if (other) {
    return `${other.name}: this is neither an ELF core nor text. Give a memory image and a register listing, or a scenario file.`;
  }
  for (const kind of ["tables", "registers"] as const) {
    const same = files.filter((_, at) => kinds[at] === kind);
    if (same.length > 1) {
      const names = same.map((file) => file.name).join(" and ");
      return `${names} are each a ${KIND_WORDS[kind]}. Give one of them, with the ${KIND_WORDS[kind === "tables" ? "registers" : "tables"]} of the same machine.`;
    }
  }
  return null;
}

// What the form alone cannot say of a scenario file: names that are used exist, limits over the whole, steps that fit together.
import { plainHex } from "../base/hex.ts";
import { CHECKS } from "../session/checks/registry.ts";
import type { MachineDescription } from "../session/document.ts";
import { AT_END } from "../session/scenario.ts";
import type { ScenarioFile } from "./scenario-form.ts";
import type { FileOperation } from "./scenario-operations.ts";
import { SCENARIO_LIMITS } from "./scenario-parts.ts";
import { doubles, type Fault, stepProblems } from "./scenario-steps.ts";

/** All that is wrong with a file whose form is right; `machine`: the preset that it names, or its own. */
export function ruleProblems(file: ScenarioFile, machine: MachineDescription): readonly Fault[] {
  return [
    ...doubles(file.operations, "operations", "operation"),
    ...reservedIds(file),
    ...actorProblems(file, machine),
    ...referenceProblems(file),
    ...workProblems(file),
    ...faultProblems(file),
    ...checkProblems(file),
    ...stepProblems(file),
    ...machineProblems(file),
  ];
}

const reservedIds = ({ operations }: ScenarioFile): readonly Fault[] =>
  operations.flatMap(({ id }, index) =>
    id === AT_END
      ? [
          {
            place: `operations[${index}].id`,
            message: `"${AT_END}" means after the last operation`,
          },
        ]
      : [],
  );

/** Everybody who acts in an operation, with the place below it. */
function actorsIn(operation: FileOperation): readonly (readonly [string, string])[] {
  switch (operation.op) {
    case "demand":
      return [["actor", operation.actor]];
    case "call":
      return [["process", operation.process]];
    case "together":
      return operation.calls.map((one, index): readonly [string, string] =>
        "actor" in one
          ? [`calls[${index}].actor`, one.actor]
          : [`calls[${index}].process`, one.process],
      );
    default:
      return [];
  }
}

function actorProblems(file: ScenarioFile, { processes }: MachineDescription): readonly Fault[] {
  const names = new Set(processes.map(({ name }) => name));
  const known = [...names].join(", ");
  return file.operations.flatMap((operation, index) =>
    actorsIn(operation)
      .filter(([, name]) => !names.has(name))
      .map(([place, name]) => ({
        place: `operations[${index}].${place}`,
        message: `the machine has no process "${name}"; it has ${known}`,
      })),
  );
}

const REFERENCE = /^\$([A-Za-z_][\w.-]*)$/;
/** Fields of calls in which `$name` is a reference; in others a dollar sign is a dollar sign. */
const NUMBERS = ["fd", "offset", "count", "address", "length", "argument"];

function* referencesIn(value: unknown, place: string): Generator<readonly [string, string]> {
  if (typeof value === "string") {
    const name = REFERENCE.exec(value)?.[1];
    if (name !== undefined) yield [place, name];
  } else if (value !== null && typeof value === "object") {
    for (const [key, field] of Object.entries(value)) yield* referencesIn(field, `${place}.${key}`);
  }
}

function* callReferences(call: object, place: string): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(call)) {
    if (NUMBERS.includes(key)) yield* referencesIn(value, `${place}.${key}`);
  }
}

interface NamedPart {
  readonly place: string;
  readonly as: string | undefined;
  readonly call: object | undefined;
}

function partsOf(operation: FileOperation, place: string): readonly NamedPart[] {
  switch (operation.op) {
    case "call":
      return [{ place, as: operation.as, call: operation.call }];
    case "demand":
      return [{ place, as: operation.as, call: undefined }];
    case "together":
      return operation.calls.map((one, index) => ({
        place: `${place}.calls[${index}]`,
        as: one.as,
        call: "call" in one ? one.call : undefined,
      }));
    default:
      return [];
  }
}

function referenceProblems({ operations }: ScenarioFile): readonly Fault[] {
  const faults: Fault[] = [];
  const named = new Set<string>();
  for (const [index, operation] of operations.entries()) {
    const parts = partsOf(operation, `operations[${index}]`);
    for (const { place, call } of parts) {
      if (!call) continue;
      for (const [at, name] of callReferences(call, `${place}.call`)) {
        if (named.has(name)) continue;
        faults.push({ place: at, message: `no operation before this one has "as": "${name}"` });
      }
    }
    for (const { place, as } of parts) {
      if (as === undefined) continue;
      if (named.has(as)) {
        const message = `an operation before this one gave the name "${as}" already`;
        faults.push({ place: `${place}.as`, message });
      }
      named.add(as);
    }
  }
  return faults;
}

/** Time, requests, bytes and pages over all operations. */
function workProblems({ operations }: ScenarioFile): readonly Fault[] {
  let [waits, requests, moved, pages] = [0, 0, 0, 0];
  const demands = (operation: FileOperation) =>
    operation.op === "demand"
      ? [operation.demand]
      : operation.op === "together"
        ? operation.calls.flatMap((one) => ("demand" in one ? [one.demand] : []))
        : [];
  for (const operation of operations) {
    if (operation.op === "wait") waits += operation.microseconds;
    if (operation.op === "dma") {
      requests += operation.repeat ?? 1;
      moved += (operation.repeat ?? 1) * operation.length;
    }
    for (const demand of demands(operation)) {
      if ("length" in demand) moved += demand.length;
      if ("pages" in demand && demand.want !== "unmap") pages += demand.pages;
    }
  }
  const faults: Fault[] = [];
  const tell = (found: number, limit: number, what: string): void => {
    if (found > limit) {
      faults.push({
        place: "operations",
        message: `${what} add up to ${found}; at most ${limit} are played`,
      });
    }
  };
  tell(waits, SCENARIO_LIMITS.waits, "microseconds of all waits");
  tell(requests, SCENARIO_LIMITS.requests, "requests of all operations");
  tell(moved, SCENARIO_LIMITS.moved, "bytes that devices move");
  tell(pages, SCENARIO_LIMITS.pages, "pages of VMs and mappings");
  return faults;
}

function faultProblems({ operations, faults }: ScenarioFile): readonly Fault[] {
  const ids = new Set(operations.map(({ id }) => id));
  return (faults ?? []).flatMap(({ operation }, index) =>
    ids.has(operation)
      ? []
      : [
          {
            place: `faults[${index}].operation`,
            message: `there is no operation "${operation}"`,
          },
        ],
  );
}

function checkProblems({ checks, operations }: ScenarioFile): readonly Fault[] {
  const ids = new Set(operations.map(({ id }) => id));
  const faults: Fault[] = [...doubles(checks, "checks", "check")];
  for (const [index, { check, at, arguments: given }] of checks.entries()) {
    const place = `checks[${index}]`;
    const known = CHECKS.get(check);
    if (!known) {
      const message = `there is no check "${check}"; there are ${[...CHECKS.keys()].join(", ")}`;
      faults.push({ place: `${place}.check`, message: message.slice(0, 380) });
      continue;
    }
    for (const name of Object.keys(given ?? {})) {
      if (known.takes.includes(name)) continue;
      const takes = known.takes.length === 0 ? "none" : known.takes.join(", ");
      const message = `the check ${check} takes no argument "${name}"; it takes ${takes}`;
      faults.push({ place: `${place}.arguments.${name}`, message });
    }
    if (at !== AT_END && !ids.has(at)) {
      faults.push({ place: `${place}.at`, message: `there is no operation "${at}"` });
    }
  }
  return faults;
}

function machineProblems({ machine }: ScenarioFile): readonly Fault[] {
  if (typeof machine === "string") return [];
  const faults: Fault[] = [];
  const { memory, functions } = machine.platform;
  const ranges = memory.map(({ start, length }) => [BigInt(start), BigInt(length)] as const);
  for (const [index, [start, length]] of ranges.entries()) {
    const place = `machine.platform.memory[${index}]`;
    if (length === 0n) faults.push({ place, message: "the range is empty" });
    const other = ranges.findIndex(
      ([from, size], at) => at < index && start < from + size && from < start + length,
    );
    if (other >= 0) {
      faults.push({ place, message: `the range at ${plainHex(start)} overlaps memory[${other}]` });
    }
  }
  const seen = new Set<string>();
  for (const [index, { address }] of functions.entries()) {
    const same = address.toLowerCase();
    if (seen.has(same)) {
      const place = `machine.platform.functions[${index}].address`;
      faults.push({ place, message: `another function has the address ${same} already` });
    }
    seen.add(same);
  }
  const names = machine.processes.map(({ name }) => ({ id: name }));
  return [...faults, ...doubles(names, "machine.processes", "process")];
}

// Why an operation cannot be run on a world, in words, before anything is touched.
import { problem, type Result } from "../../base/result.ts";
import type { Store } from "../../hardware/memory/store.ts";
import { processNamed } from "../../linux/core/processes.ts";
import type { FaultPoint } from "../../linux/kernel/events.ts";
import type { Kernel } from "../../linux/kernel/kernel.ts";
import { refuseOperation } from "../operations.ts";
import type { Operation } from "../types.ts";
import { type Results, resolveCall } from "./references.ts";

/** What a refusal rests on. */
interface Present {
  readonly kernel: Kernel;
  readonly results: Results;
  readonly store: Store;
  isBusy(actor: string): boolean;
}

/** Longest time of one operation: an hour. */
const LONGEST_WAIT = 3_600_000_000;
/** Most calls of one group, and most injected faults of one operation. */
const MOST_TOGETHER = 16;
const MOST_FAULTS = 1000;
const POINTS: ReadonlySet<FaultPoint> = new Set([
  "allocation",
  "invalidation",
  "unpin",
  "mediation",
  "pin",
]);

export function refuseInWorld(world: Present, operation: Operation): Result<never> | null {
  return refuseFaults(operation) ?? refuseDeed(world, operation);
}

function refuseDeed(world: Present, operation: Operation): Result<never> | null {
  switch (operation.op) {
    case "call": {
      const { call, process } = operation;
      const resolved = resolveCall(call, world.results);
      return refuseProcess(world, process) ?? (resolved.ok ? null : resolved);
    }
    case "demand":
      return refuseProcess(world, operation.actor) ?? refuseBusy(world, operation.actor);
    case "together":
      return refuseTogether(world, operation);
    case "wait": {
      const { microseconds } = operation;
      const fits =
        Number.isInteger(microseconds) && microseconds >= 1 && microseconds <= LONGEST_WAIT;
      if (fits) return null;
      return problem("wait", "microseconds", "Wait 1 to 3600000000 microseconds, whole ones.");
    }
    default:
      return refuseOperation(operation, world.store);
  }
}

function refuseTogether(
  world: Present,
  { calls }: Extract<Operation, { op: "together" }>,
): Result<never> | null {
  if (calls.length < 1 || calls.length > MOST_TOGETHER) {
    return problem("together", "calls", `A group has 1 to ${MOST_TOGETHER} calls or demands.`);
  }
  const actors = new Set<string>();
  const given = new Set(calls.map((one) => one.as));
  for (const one of calls) {
    const name = "call" in one ? one.process : one.actor;
    const refused = refuseProcess(world, name);
    if (refused) return refused;
    if ("call" in one) {
      const resolved = resolveCall(one.call, world.results);
      const givenHere = !resolved.ok && given.has(resolved.problem.place.slice(1));
      if (!resolved.ok && !givenHere) return resolved;
      continue;
    }
    const busy = refuseBusy(world, name);
    if (busy) return busy;
    if (actors.has(name)) {
      return problem("together", name, "An actor does one demand at a time.");
    }
    actors.add(name);
  }
  return null;
}

function refuseProcess(world: Present, name: string): Result<never> | null {
  if (processNamed(world.kernel, name) !== 0) return null;
  const living = Object.values(world.kernel.state.core.processes)
    .filter((one) => !one.exited)
    .map((one) => one.name);
  return problem("process", name, `There is no such process now. There are: ${living.join(", ")}.`);
}

const refuseBusy = (world: Present, actor: string): Result<never> | null =>
  world.isBusy(actor)
    ? problem("demand", actor, "The actor still waits inside an earlier demand.")
    : null;

function refuseFaults({ faults, op }: Operation): Result<never> | null {
  if (!faults) return null;
  if (faults.length > MOST_FAULTS) {
    return problem(op, "faults", `An operation has at most ${MOST_FAULTS} faults.`);
  }
  for (const { point, ordinal } of faults) {
    if (!POINTS.has(point)) return problem(op, "faults", `There is no point "${point}".`);
    if (!Number.isInteger(ordinal) || ordinal < 1) {
      return problem(op, "faults", "The ordinal of a fault counts from 1.");
    }
  }
  return null;
}

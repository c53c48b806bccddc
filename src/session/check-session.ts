// Asks a check of the present moment. Hardware checks and review checks get two views that have nothing in common.
import { ok, problem, type Result } from "../base/result.ts";
import type { KernelEvent } from "../linux/kernel/events.ts";
import { registeredSymbols } from "../linux/kernel/kernel.ts";
import { CHECKS } from "./checks/registry.ts";
import { isKernelEvent } from "./event-kinds.ts";
import type { CheckArguments, Finding, Ledger } from "./findings.ts";
import type { SessionEvent, SessionPort } from "./types.ts";

/** Of an opened image nobody was granted anything that is known. */
const NO_LEDGER: Ledger = {
  ownerOf: () => "",
  mapped: () => new Set(),
  writable: () => new Set(),
  tenants: [],
  unmapped: [],
};

export function runCheck(
  session: SessionPort,
  id: string,
  args: CheckArguments,
  everything: () => Iterable<readonly SessionEvent[]>,
): Result<Finding> {
  const check = CHECKS.get(id);
  if (!check) return problem("check", id, "There is no check of this name.");
  if (check.kind === "review") {
    function* events(): Generator<KernelEvent> {
      for (const some of everything()) yield* some.filter(isKernelEvent);
    }
    return ok(check.evaluate({ events, symbols: registeredSymbols() }, args));
  }
  const view = {
    survey: session.survey(),
    caches: session.cacheEntries(),
    memory: session.memory,
    capabilities: session.capabilities,
    readRegister: (offset: number, size: 4 | 8) => session.readRegister(offset, size),
    ledger: session.world?.ledger ?? NO_LEDGER,
    platform: session.world?.machine.platform ?? null,
  };
  return ok(check.evaluate(view, args));
}

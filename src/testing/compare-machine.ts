// One random machine on the unit and on the naive walker: every difference fails.
import { expect } from "vitest";
import { applyOutcome, dataFor, expectedOf, shownBy } from "./expected-outcome.ts";
import { everyCache, LoadedUnit } from "./loaded-unit.ts";
import type { RandomMachine } from "./machines.ts";
import { naiveCapabilities } from "./naive-capabilities.ts";
import { copyPages, readPages } from "./naive-memory.ts";
import type { NaiveOutcome, NaiveRequest } from "./naive-request.ts";
import { naiveTranslate } from "./naive-walker.ts";

/** What the naive walker says of each request when it is the first. */
export function naiveOutcomes(
  machine: RandomMachine,
): readonly { readonly request: NaiveRequest; readonly outcome: NaiveOutcome }[] {
  const { ver, cap, ecap, haw } = machine.unit;
  const capabilities = naiveCapabilities(ver, cap, ecap);
  const { rtaddr, enabled } = machine;
  const read = readPages(machine.pages);
  return machine.requests.map((request) => ({
    request,
    outcome: naiveTranslate({ read, rtaddr, enabled, capabilities, haw: BigInt(haw) }, request)
      .outcome,
  }));
}

/** Pages that hold table entries. */
const tablePages = (machine: RandomMachine): Set<bigint> =>
  new Set(machine.entries.map(({ address }) => address / 4096n));

/** Sends the machine's requests one after the other: outcomes, fault records and all memory must be equal. */
export function compareMachine(machine: RandomMachine, entries: number): void {
  const { unit: registers, rtaddr, enabled } = machine;
  const capabilities = naiveCapabilities(registers.ver, registers.cap, registers.ecap);
  const pages = copyPages(machine.pages);
  const read = readPages(pages);
  const haw = BigInt(registers.haw);
  const caches = everyCache(entries);
  const loaded = new LoadedUnit({ registers, pages, rtaddr, enabled, caches });
  const tables = tablePages(machine);
  for (const [n, request] of machine.requests.entries()) {
    const data = dataFor(request, n);
    const { outcome } = naiveTranslate({ read, rtaddr, enabled, capabilities, haw }, request);
    applyOutcome(pages, outcome, request, data);
    const got = loaded.send(request, data);
    expect(shownBy(got, loaded.record())).toEqual(
      expectedOf(outcome, request, capabilities.deviceTlb),
    );
    for (const [number, page] of pages) {
      const bytes = Buffer.from(loaded.page(number));
      if (bytes.equals(new Uint8Array(page.buffer))) continue;
      const wanted = Buffer.from(page.buffer).toString("hex");
      expect(bytes.toString("hex"), `page 0x${number.toString(16)}`).toBe(wanted);
    }
    loaded.acknowledge();
    // What a device wrote over tables may be seen late: the caches had no invalidation.
    const written = outcome.kind === "reached" && request.access !== "read";
    if (written && tables.has(outcome.address / 4096n)) return;
  }
}

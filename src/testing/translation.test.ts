// On random machines the unit translates, refuses, records and sets accessed and dirty bits as the naive walker says.
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyOutcome, dataFor, expectedOf, shownBy } from "./expected-outcome.ts";
import { everyCache, LoadedUnit } from "./loaded-unit.ts";
import { type RandomMachine, randomMachine } from "./machines.ts";
import { naiveCapabilities } from "./naive-capabilities.ts";
import { copyPages, readPages } from "./naive-memory.ts";
import { naiveTranslate } from "./naive-walker.ts";

const numRuns = process.env["DEEP"] ? 10_000 : 400;

/** Pages that hold table entries. */
const tablePages = (machine: RandomMachine): Set<bigint> =>
  new Set(machine.entries.map(({ address }) => address / 4096n));

test.each([0, 4, 64])(
  "translation equals the naive walker with caches of %i entries",
  (entries) => {
    fc.assert(
      fc.property(randomMachine, (machine) => {
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
            if (!bytes.equals(new Uint8Array(page.buffer))) {
              expect(bytes.toString("hex"), `page 0x${number.toString(16)}`).toBe(
                Buffer.from(page.buffer).toString("hex"),
              );
            }
          }
          loaded.acknowledge();
          // What a device wrote over tables may be seen late: the caches had no invalidation.
          const written = outcome.kind === "reached" && request.access !== "read";
          if (written && tables.has(outcome.address / 4096n)) return;
        }
      }),
      { numRuns },
    );
  },
);

import fc from "fast-check";
import { expect, test } from "vitest";
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import { exampleMachine } from "./example-machines.ts";
import { Session } from "./session.ts";

const PAGES = [
  0x1_06a0_0000n,
  0x1_06b3_b000n,
  0x1_06c0_0000n,
  0x1_06c0_4000n,
  0x1_06c0_5000n,
  0x1_1000_0000n,
  0x1_1000_1000n,
  0x1_1000_2000n,
  0x1_1000_3000n,
  0x1_06d0_0000n,
];

/** Words that lead somewhere in the machine, with any low and high bits, or anything. */
const anyWord = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc
    .tuple(fc.constantFrom(...PAGES, (1n << 46n) - 4096n), fc.integer({ min: 0, max: 4095 }))
    .map(([page, bits]) => page | BigInt(bits)),
);

const anyMutation = fc.tuple(fc.constantFrom(...PAGES), fc.integer({ min: 0, max: 511 }), anyWord);

const anyRegister = fc.tuple(
  fc.constantFrom(0x00, 0x08, 0x0c, 0x10, 0x14, 0x1c, 0x20, 0x24, 0x34, 0x80, 0x88, 0x90, 0x94),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

test("no memory and no registers stop a session", () => {
  fc.assert(
    fc.property(
      fc.array(anyMutation, { maxLength: 40 }),
      fc.array(anyRegister, { maxLength: 3 }),
      fc.constantFrom("spec" as const, "qemu" as const),
      fc.constantFrom(32, 39, 46, 52),
      (mutations, changes, profile, haw) => {
        const machine = exampleMachine();
        for (const [page, index, word] of mutations) {
          machine.store.writeWord(hpa(page + BigInt(8 * index)), word);
        }
        const registers = new Map([...machine.registers, ...changes]);
        const info = { ...machine.info, haw };
        const opened = Session.open({ store: machine.store, registers, profile, info });
        if (!opened.ok) throw new Error(opened.problem.message);
        const session = opened.value;
        const survey = session.survey();
        const before = session.digest();
        for (const one of [null, pasid(0x41), pasid(0)]) {
          const request = {
            op: "dma",
            requester: requesterId(0x6a08),
            pasid: one,
            access: "write",
            address: iova(0x1_4a3c_5d48n),
            length: 16,
          } as const;
          session.probe(request);
          session.run(request);
        }
        session.run({ op: "invalidate", descriptors: [[0x11n, 0n]] });
        session.stale();
        session.survey();
        while (session.undo() !== null);
        expect(session.digest()).toBe(before);
        expect(session.survey()).toEqual(survey);
      },
    ),
    { numRuns: 100 },
  );
});

test("what a survey lists as mapped is what requests reach", () => {
  for (const profile of ["spec", "qemu"] as const) {
    const machine = exampleMachine();
    const opened = Session.open({ ...machine, profile });
    if (!opened.ok) throw new Error(opened.problem.message);
    const session = opened.value;
    let checked = 0;
    for (const space of session.survey().spaces) {
      for (const { requester, pasid: tag } of space.users) {
        for (const range of space.ranges.slice(0, 8)) {
          const last = range.start + range.length - 1n;
          for (const address of [range.start, last]) {
            const ask = (access: "read" | "write") =>
              session.probe({ requester, pasid: tag, access, address: iova(address), length: 1 });
            const target = range.target + (address - range.start);
            if (range.read) expect(ask("read").outcome?.pieces[0]?.target).toBe(target);
            expect(ask("write").outcome?.ok).toBe(range.write);
            checked++;
          }
        }
      }
    }
    expect(checked).toBeGreaterThan(8);
  }
});

// A platform lives in its store alone: from a snapshot, the same steps lead to the same machine, whatever happened in between.
import fc from "fast-check";
import { expect, test } from "vitest";
import { iova, pasid } from "../../base/brand.ts";
import type { Platform } from "./platform.ts";
import { ACCELERATOR, bdf, DESCRIPTION, open } from "./platform-fixture.ts";

const step = fc.record({ what: fc.nat(11), a: fc.nat(0xffff), b: fc.nat(0xffff_ffff) });
type Step = { readonly what: number; readonly a: number; readonly b: number };

function take(p: Platform, { what, a, b }: Step): string {
  const f = bdf(DESCRIPTION.functions[a % DESCRIPTION.functions.length]?.address ?? "");
  switch (what) {
    case 0:
      p.writeWord(BigInt(a * 8), BigInt(b));
      return "";
    case 1:
      p.writeConfiguration(f, (a >> 4) & 0x1fc, 4, b);
      return "";
    case 2:
      p.writeConfiguration(f, 4, 2, 6);
      p.writeConfiguration(ACCELERATOR, 0x116, 2, 1);
      return "";
    case 3:
      p.writeDevice(ACCELERATOR, 0x100 + 0x20 * (a & 3), 4, BigInt((b & 0x1ff0) | (a & 7)));
      return "";
    case 4: {
      const bytes = new Uint8Array(64);
      bytes.set([0, 0, 0, 0, 1, 0, 0, 4], 0);
      bytes.set([a & 0xff, a >> 8, 1], 24);
      bytes.set([b & 0xff, 1], 32);
      p.submit(ACCELERATOR, (a & 3) << 12, bytes);
      return "";
    }
    case 5:
      p.advance(b);
      return `${p.now()}`;
    case 6:
      p.tagPage(BigInt(a & 0x7ff), `owner ${b & 7}`);
      return p.ownerOf((a + 1) & 0x7ff);
    case 7: {
      const one = pasid(b & 0xff);
      const request = { access: "write", address: iova(BigInt(a)), length: 12 } as const;
      return JSON.stringify(p.send(f, { ...request, pasid: (b & 0x100) === 0 ? null : one }).fault);
    }
    case 8:
      p.writeUnit([0x18, 0x20, 0x34, 0x38, 0x3c, 0x50c][a % 6] ?? 0x38, 4, BigInt(b));
      return "";
    case 9: {
      // Remapping on, the fault event free, the tables of zeros: everything is refused.
      p.writeUnit(0x40, 4, 0xfee0_0000n);
      p.writeUnit(0x3c, 4, BigInt(a & 0xff));
      p.writeUnit(0x38, 4, 0n);
      p.writeUnit(0x18, 4, 0xc000_0000n);
      return "";
    }
    case 10:
      p.writeUnit(0x50c + 16 * (a & 7), 4, 0x8000_0000n);
      return p.takeInterrupts().join();
    default:
      return `${p.readConfiguration(f, a & 0xffc, 4)} ${p.readUnit(b & 0x5fc, 4)}`;
  }
}

test("steps from a snapshot repeat, after any detour", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.array(step, { minLength: 1, maxLength: 30 }),
      fc.array(step, { maxLength: 30 }),
      (before, steps, detour) => {
        const p = open();
        for (const one of before) take(p, one);
        const start = p.store.snapshot();
        p.takeEvents();
        const seen = steps.map((one) => take(p, one));
        const events = p.takeEvents();
        const digest = p.store.digest();
        const end = p.store.snapshot();
        for (const one of detour) take(p, one);
        p.store.restoreSnapshot(start);
        p.takeEvents();
        expect(steps.map((one) => take(p, one))).toEqual(seen);
        expect(p.takeEvents()).toEqual(events);
        expect(p.store.digest()).toBe(digest);
        p.store.restoreSnapshot(start);
        p.setTrace(false);
        for (const one of steps) take(p, one);
        expect(p.store.digest()).toBe(digest);
        p.store.restoreSnapshot(end);
        expect(p.store.digest()).toBe(digest);
        expect([...p.pageOwners()].length).toBeLessThanOrEqual(0x800);
      },
    ),
    { numRuns: 120 },
  );
});

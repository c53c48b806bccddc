// The register file: what can be written, commands and their status, masks and pending bits of events.
import { describe, expect, test } from "vitest";
import { AT, FULL, Machine, QEMU_SECOND } from "./machine-fixture.ts";

const ONES = 0xffff_ffff_ffff_ffffn;

describe("reading and writing", () => {
  test("identification, reset values and registers that cannot be read", () => {
    const m = new Machine();
    expect(m.register(0x00)).toBe(0x10n);
    expect(m.register(0x08, 8)).toBe(FULL.cap);
    expect(m.register(0x10, 8)).toBe(FULL.ecap);
    expect(m.register(0x38)).toBe(0x8000_0000n);
    expect(m.register(0xa0)).toBe(0x8000_0000n);
    expect(m.register(0xe0)).toBe(0x8000_0000n);
    expect(m.register(0x18)).toBe(0n);
  });

  test("bits that stay after writing all ones, as measured on QEMU 11.1.3", () => {
    const m = new Machine({ identification: QEMU_SECOND, profile: "qemu", haw: 48 });
    const readBack = (offset: number, size: 4 | 8) => {
      m.unit.writeRegister(offset, size, size === 8 ? ONES : 0xffff_ffffn);
      return m.register(offset, size);
    };
    expect(readBack(0x20, 8)).toBe(0xffff_ffff_ffff_fc00n);
    expect(readBack(0xb8, 8)).toBe(0xffff_ffff_ffff_f80fn);
    expect(readBack(0x90, 8)).toBe(0x807n);
    expect(readBack(0x3c, 4)).toBe(0xffffn);
    expect(readBack(0xa4, 4)).toBe(0xffff_ffffn);
    expect(readBack(0x44, 4)).toBe(0n);
    expect(readBack(0x00, 4)).toBe(0x10n);
    expect(readBack(0x80, 8)).toBe(0n);
  });

  test("halves of 64-bit registers can be written alone", () => {
    const m = new Machine();
    m.unit.writeRegister(0x24, 4, 0x12n);
    expect(m.register(0x20, 8)).toBe(0x12_0000_0000n | AT.root | 0x400n);
  });

  test("where no register is 0 is read and writes are lost", () => {
    const withoutQueue = { ...FULL, ecap: FULL.ecap & ~2n };
    const m = new Machine({ identification: withoutQueue });
    for (const offset of [0x58, 0x64, 0x78, 0x88, 0x90, 0xa0, 0xffc]) {
      m.unit.writeRegister(offset, 4, 0xffff_ffffn);
      expect(m.register(offset)).toBe(0n);
    }
    expect(m.register(0x1000)).toBe(0xffff_ffffn);
    expect(m.register(0xffc, 8)).toBe(ONES);
  });

  test("beyond the register pages and at odd offsets all ones are read and writes are lost", () => {
    const m = new Machine();
    expect(m.register(0x4000)).toBe(0xffff_ffffn);
    expect(m.register(0x22)).toBe(0xffff_ffffn);
    m.unit.writeRegister(0x22, 4, 0n);
    expect(m.register(0x20, 8)).toBe(AT.root | 0x400n);
  });
});

describe("commands", () => {
  test("status follows the level bits and SRTP takes the root over", () => {
    const m = new Machine();
    expect(m.register(0x1c)).toBe(0xc000_0000n);
    expect(m.unit.rootPointer).toBe(AT.root | 0x400n);
    m.unit.writeRegister(0x20, 8, 0x77_0000n);
    expect(m.unit.rootPointer).toBe(AT.root | 0x400n);
    expect(m.outcome()).toBe("ok");
    m.stop(0x8000_0000n);
    expect(m.register(0x1c)).toBe(0x4000_0000n);
  });

  test("with remapping off addresses pass, with and without PASID, and nothing is cached", () => {
    const m = new Machine();
    m.dma();
    m.stop(0x8000_0000n);
    expect(m.unit.cacheEntries()).toEqual([]);
    const outcome = m.dma();
    expect(outcome).toMatchObject({ ok: true, kind: "untranslated", mask: 0n });
    expect(outcome.pieces[0]?.target).toBe(outcome.pieces[0]?.address);
  });

  test("abort-DMA mode refuses everything with a record", () => {
    const m = new Machine();
    m.dma();
    m.switchRoot(3);
    expect(m.outcome()).toBe("0x33");
    expect(m.register(0x34)).toBe(2n);
  });

  test("what a dump of registers says is taken over without carrying out commands", () => {
    const from = new Machine();
    from.startQueue();
    const listing = new Map<number, number>();
    for (let offset = 0; offset < 0x100; offset += 4) {
      listing.set(offset, Number(from.register(offset)));
    }
    const to = new Machine();
    to.stop(0x8000_0000n);
    to.unit.restoreRegisters(listing);
    expect(to.register(0x1c)).toBe(0xc400_0000n);
    expect(to.outcome()).toBe("ok");
    expect(to.register(0x80, 8)).toBe(0n);
    to.submit([0x11n]);
    expect(to.register(0x80, 8)).toBe(0x20n);
  });
});

describe("register-based invalidation", () => {
  const options = { mode: 0 } as const;
  const iotlb = 0x608;

  test("the granularity done is reported and the command bit clears", () => {
    const m = new Machine(options);
    m.dma();
    m.unit.writeRegister(iotlb, 8, 0x9003_0007_0000_0000n);
    expect(m.register(iotlb, 8)).toBe(0x1203_0007_0000_0000n);
    expect(m.unit.cacheEntries().map(({ cache }) => cache)).toEqual(["context"]);
    m.unit.writeRegister(0x28, 8, (1n << 63n) | (3n << 61n) | 0x20_0007n);
    expect(m.register(0x28, 8)).toBe((3n << 61n) | (3n << 59n) | 7n);
    expect(m.unit.cacheEntries()).toEqual([]);
  });

  test("a page of another domain, and an AM beyond MAMV, leave the entry", () => {
    const m = new Machine(options);
    m.dma();
    const count = () => m.unit.cacheEntries().filter(({ cache }) => cache === "iotlb").length;
    m.unit.writeRegister(0x600, 8, 0x80_4020_1000n);
    m.unit.writeRegister(iotlb, 8, (1n << 63n) | (3n << 60n) | (8n << 32n));
    expect(count()).toBe(1);
    m.unit.writeRegister(0x600, 8, 0x80_4020_103fn);
    m.unit.writeRegister(iotlb, 8, (1n << 63n) | (3n << 60n) | (7n << 32n));
    expect(m.register(iotlb, 8) >> 57n).toBe(3n << 3n);
    expect(count()).toBe(1);
    m.unit.writeRegister(0x600, 8, 0x80_4020_1000n);
    m.unit.writeRegister(iotlb, 8, (1n << 63n) | (3n << 60n) | (7n << 32n));
    expect(count()).toBe(0);
  });

  test("is refused under scalable tables and while the queue is on", () => {
    const scalable = new Machine();
    scalable.unit.writeRegister(iotlb, 8, (1n << 63n) | (1n << 60n));
    expect(scalable.register(iotlb, 8)).toBe(1n << 60n);
    const legacy = new Machine(options);
    legacy.startQueue(false);
    legacy.unit.writeRegister(0x28, 8, (1n << 63n) | (1n << 61n));
    expect(legacy.register(0x28, 8)).toBe(1n << 61n);
  });
});

describe("event messages", () => {
  const messages = (m: Machine) =>
    m.unit.takeEvents().flatMap((event) => (event.kind === "interrupt" ? [event] : []));

  test("a masked fault event stays pending and is sent when the mask goes", () => {
    const m = new Machine();
    m.unit.writeRegister(0x3c, 4, 0x55n);
    m.unit.writeRegister(0x40, 4, 0xfee0_0000n);
    m.put(AT.root, 0n);
    m.dma();
    expect(m.register(0x38)).toBe(0xc000_0000n);
    expect(messages(m)).toEqual([]);
    m.unit.writeRegister(0x38, 4, 0n);
    expect(m.register(0x38)).toBe(0n);
    expect(messages(m)).toEqual([{ kind: "interrupt", address: 0xfee0_0000n, data: 0x55 }]);
  });

  test("pending goes away with the status bits", () => {
    const m = new Machine();
    m.put(AT.root, 0n);
    m.dma();
    m.unit.writeRegister(0x50c, 4, 0x8000_0000n);
    expect(m.register(0x34)).toBe(0n);
    expect(m.register(0x38)).toBe(0x8000_0000n);
  });

  test("an unmasked one is sent at once, and only for the first condition", () => {
    const m = new Machine();
    m.unit.writeRegister(0x38, 4, 0n);
    m.put(AT.root, 0n);
    m.dma();
    m.dma({ requester: 0x28 as never });
    expect(messages(m)).toHaveLength(1);
  });
});

// Fault recording: several registers, overflow, merging, FPD, what a record holds.
import { describe, expect, test } from "vitest";
import { iova, pasid, requesterId } from "../../base/brand.ts";
import { AT, FULL, IOVA, Machine } from "./machine-fixture.ts";

const other = (n: number) => ({ requester: requesterId(0x20 + 8 * n) });
const ONE_REGISTER = { ...FULL, cap: FULL.cap & ~(0xffn << 40n) };
const because = (m: Machine) =>
  m.unit.takeEvents().flatMap((event) => (event.kind === "no record" ? [event.because] : []));

function refusing(options: ConstructorParameters<typeof Machine>[0] = {}): Machine {
  const m = new Machine(options);
  m.put(AT.root, 0n);
  return m;
}

test("faults of different requesters fill the registers in turn; FRI is the first of them", () => {
  const m = refusing();
  for (let n = 0; n < 3; n++) m.dma(other(n));
  expect(m.register(0x34)).toBe(2n);
  const requesters = [0, 1, 2].map((n) => m.register(0x508 + 16 * n, 8) & 0xffffn);
  expect(requesters).toEqual([0x20n, 0x28n, 0x30n]);
  // Software clears all three; the next fault goes to the fourth and FRI follows.
  for (let n = 0; n < 3; n++) m.unit.writeRegister(0x50c + 16 * n, 4, 0x8000_0000n);
  expect(m.register(0x34)).toBe(0n);
  m.dma();
  expect(m.register(0x34)).toBe(0x302n);
});

test("the cursor comes round and goes back to 0 when remapping stops", () => {
  const m = refusing();
  for (let n = 0; n < 9; n++) {
    m.dma(other(n));
    m.unit.writeRegister(0x50c + 16 * (n % 8), 4, 0x8000_0000n);
  }
  expect(m.register(0x34)).toBe(0n);
  m.stop(0x8000_0000n);
  m.command(0x8000_0000n);
  expect(m.dma().record?.index).toBe(0);
});

describe("overflow and merging", () => {
  test("a second fault of a requester whose record is pending leaves none", () => {
    const m = refusing();
    m.dma();
    expect(m.dma()).toMatchObject({ ok: false, fault: 0x39, record: null });
    expect(because(m)).toEqual(["same requester pending"]);
    expect(m.register(0x34)).toBe(2n);
  });

  test("with one register another requester sets PFO, and nothing is recorded until it is cleared", () => {
    const m = refusing({ identification: ONE_REGISTER });
    m.dma();
    expect(m.dma(other(1)).record).toBeNull();
    expect(m.register(0x34)).toBe(3n);
    m.unit.writeRegister(0x50c, 4, 0x8000_0000n);
    expect(m.register(0x34)).toBe(1n);
    expect(m.dma(other(2)).record).toBeNull();
    expect(because(m)).toEqual(["register still full", "PFO is set"]);
    m.unit.writeRegister(0x34, 4, 1n);
    expect(m.dma(other(2)).record).toMatchObject({ index: 0, requester: 0x30 });
  });
});

describe("fault processing disable", () => {
  const silent = (m: Machine) => {
    const outcome = m.dma();
    expect(outcome.ok).toBe(false);
    expect(m.register(0x34)).toBe(0n);
    return because(m);
  };

  test("in the context entry it silences faults of everything below", () => {
    const m = new Machine();
    m.put(AT.contexts + 0x400n, AT.directory | 3n);
    m.put(m.entry(AT.second, 2), 0n);
    expect(silent(m)).toEqual(["FPD"]);
  });

  test("in a cached PASID table entry it still does", () => {
    const m = new Machine();
    m.putPasid(0, 2, 2n);
    expect(m.outcome()).toBe("ok");
    m.put(m.entry(AT.second, 1), 0n);
    m.put(m.entry(AT.second, 2), 0n);
    m.startQueue();
    m.submit([0x12n]);
    expect(silent(m)).toEqual(["FPD"]);
  });

  test("an unreadable PASID directory is recorded all the same", () => {
    const m = new Machine();
    m.put(AT.contexts + 0x400n, 0x2000_0003n);
    m.dma();
    expect(m.register(0x508, 8)).toBe(0xc000_0050_0000_0020n);
  });
});

test("a record holds PASID, privilege, address type and the kind of access", () => {
  const m = new Machine({ stage: 1 });
  m.put(AT.contexts + 0x400n, AT.directory | 9n);
  const record = (request: Parameters<Machine["dma"]>[0]) => {
    const found = m.dma(request).record;
    m.unit.writeRegister(0x50c + 16 * (found?.index ?? 0), 4, 0x8000_0000n);
    return found;
  };
  m.putPasid(9, 1);
  expect(record({ pasid: pasid(9), privileged: true, access: "write" })).toMatchObject({
    reason: 0x5d,
    pasidPresent: true,
    pasid: 9,
    privileged: true,
    execute: false,
    access: "write",
    address: IOVA,
  });
  expect(record({ pasid: pasid(9), execute: true })).toMatchObject({ reason: 0x5c, execute: true });
  expect(record({ access: "atomic", address: iova(0n) })).toMatchObject({
    reason: 0x71,
    access: "atomic",
    pasidPresent: false,
  });
  m.dma({ addressType: "translated" });
  const last = m.register(0x508 + 16 * 3, 8);
  expect((last >> 60n) & 3n).toBe(2n);
});

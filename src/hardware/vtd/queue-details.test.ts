// Details of the queue, the command registers and PASID table entries in which QEMU goes its own way.
import { describe, expect, test } from "vitest";
import { AT, Machine, QEMU_FIRST, QEMU_SECOND, TARGET } from "./machine-fixture.ts";

const FSTS = 0x34;
const GSTS = 0x1c;
const CCMD = 0x28;
const IOTLB = 0xf8;
const IQH = 0x80;
const IQE = 0x10n;
const QIES = 0x0400_0000n;
const QEMU = { profile: "qemu", identification: QEMU_SECOND, haw: 48 } as const;
const LEGACY = { ...QEMU, mode: 0 } as const;
/** A wait that writes 0x77 to an address. */
const wait = (address: bigint): bigint[] => [0x77_0000_0025n, address];
const FENCE = [0x45n, 0n];
const IOTLB_GLOBAL = [0x12n, 0n];

const queueOf = (options: ConstructorParameters<typeof Machine>[0], wide = true): Machine => {
  const machine = new Machine(options);
  machine.startQueue(wide);
  return machine;
};

describe("wait descriptors", () => {
  test.each(["spec", "qemu"] as const)("a fence alone is legal under %s", (profile) => {
    const machine = queueOf({ ...QEMU, profile });
    machine.submit(FENCE, wait(AT.status));
    expect(machine.register(FSTS)).toBe(0n);
    expect(machine.word(AT.status)).toBe(0x77n);
  });

  test.each([
    ["without memory", 0x2_0000_0000n],
    ["beyond 52 bits", 1n << 60n],
  ])("a status write %s stops QEMU's queue at the wait and is lost otherwise", (_, address) => {
    const qemu = queueOf(QEMU);
    const spec = queueOf({ ...QEMU, profile: "spec" });
    for (const machine of [qemu, spec])
      machine.submit(IOTLB_GLOBAL, wait(address), wait(AT.status));
    expect(qemu.register(FSTS) & IQE).toBe(IQE);
    expect(qemu.register(IQH)).toBe(0x20n);
    expect(qemu.word(AT.status)).toBe(0n);
    expect(spec.register(FSTS)).toBe(0n);
    expect(spec.word(AT.status)).toBe(0x77n);
    for (const machine of [qemu, spec]) expect(machine.word(0n)).toBe(0n);
  });
});

test("QEMU keeps the queue on unless a wait was its last descriptor", () => {
  const machine = queueOf(QEMU);
  machine.submit(IOTLB_GLOBAL);
  machine.stop(QIES);
  expect(machine.register(GSTS) & QIES).toBe(QIES);
  expect(machine.register(IQH)).toBe(0x20n);
  machine.submit(wait(AT.status));
  machine.stop(QIES);
  expect(machine.register(GSTS) & QIES).toBe(0n);
  expect(machine.register(IQH)).toBe(0n);
});

test("under QEMU the PASID cache command needs the wide queue, not a scalable root table", () => {
  const narrow = queueOf(QEMU, false);
  narrow.submit([0x37n, 0n]);
  expect(narrow.register(FSTS)).toBe(IQE);
  const legacy = queueOf(LEGACY);
  legacy.submit([0x37n, 0n]);
  expect(legacy.register(FSTS)).toBe(0n);
});

test("under QEMU the upper bits of PFSID are reserved in both device-TLB commands", () => {
  for (const type of [3n, 8n]) {
    const machine = queueOf(QEMU);
    machine.submit([type | (1n << 54n), 0n]);
    expect(machine.register(FSTS)).toBe(IQE);
  }
});

describe("context-cache commands under a legacy root table", () => {
  const ANOTHER_DOMAIN = 9n << 16n;
  test.each([
    ["device", 0x20_0000_0031n],
    ["domain", 0x21n],
  ])("with %s granularity QEMU does not compare the domain", (_, command) => {
    const outcomes = (["spec", "qemu"] as const).map((profile) => {
      const machine = queueOf({ ...LEGACY, profile }, false);
      machine.outcome();
      machine.put(AT.contexts + 0x200n, 0n, 0n);
      machine.submit([command | ANOTHER_DOMAIN, 0n], IOTLB_GLOBAL);
      return machine.outcome();
    });
    expect(outcomes).toEqual(["ok", "0x2"]);
  });
});

describe("command registers", () => {
  test("SID and FM of CCMD read as 0", () => {
    const machine = new Machine(LEGACY);
    machine.unit.writeRegister(CCMD, 8, (7n << 61n) | (3n << 32n) | 0x20_0007n);
    expect(machine.register(CCMD, 8)).toBe((3n << 61n) | (3n << 59n) | 7n);
  });

  test("under QEMU a command given while the queue is on stays as it stands", () => {
    const machine = queueOf(LEGACY, false);
    for (const offset of [CCMD, IOTLB]) {
      machine.unit.writeRegister(offset, 8, 1n << 63n);
      expect(machine.register(offset, 8)).toBe(1n << 63n);
    }
  });
});

describe("PASID table entries that QEMU does not judge", () => {
  const FIRST = { profile: "qemu", identification: QEMU_FIRST, haw: 48, stage: 1 } as const;

  test("EAFE sets no bits on a unit without the extended accessed flag", () => {
    const machine = new Machine(FIRST);
    machine.put(AT.pasids + 16n, machine.word(AT.pasids + 16n) | 0x80n);
    machine.put(machine.entry(AT.first, 1), TARGET | 7n);
    expect(machine.outcome()).toBe("ok");
    expect(machine.word(machine.entry(AT.first, 1))).toBe(TARGET | 0x27n);
  });

  test("bits of a table pointer beyond 52 count as address", () => {
    const first = new Machine(FIRST);
    first.put(AT.pasids + 16n, machineBit(first, 16n));
    expect(first.outcome()).toBe("0x73");
    const second = new Machine(QEMU);
    second.put(AT.pasids, machineBit(second, 0n));
    expect(second.outcome()).toBe("0x3");
  });

  const machineBit = (machine: Machine, offset: bigint): bigint =>
    machine.word(AT.pasids + offset) | (1n << 60n);
});

test("the queue of a restored unit can be switched off", () => {
  const machine = new Machine(QEMU);
  machine.unit.restoreRegisters(new Map([[GSTS, 0xc400_0000 | 0]]));
  machine.stop(QIES);
  expect(machine.register(GSTS) & QIES).toBe(0n);
});

// Each difference between the profiles, switched alone: both outcomes of the same machine.
import { describe, expect, test } from "vitest";
import { hpa, iova, pasid } from "../../base/brand.ts";
import {
  AT,
  FULL,
  IOVA,
  Machine,
  type MachineOptions,
  QEMU_FIRST,
  QEMU_SECOND,
  TARGET,
} from "./machine-fixture.ts";
import { DIFFERENCES, type SwitchName } from "./profile.ts";

interface Trial {
  readonly machine?: MachineOptions;
  readonly play: (machine: Machine) => string;
  readonly spec: string;
  readonly qemu: string;
}

const write = { access: "write" } as const;
const hexOf = (value: bigint): string => value.toString(16);
const record = (machine: Machine): string => hexOf(machine.register(0x508, 8));
/** DT off, RPS off. */
const without = (bits: bigint) => ({ ...FULL, ecap: FULL.ecap & ~bits });

const TRIALS: Readonly<Record<SwitchName, Trial>> = {
  legacyCodesInScalableMode: {
    play: (m) => {
      m.put(AT.root, 0n);
      return m.outcome();
    },
    spec: "0x39",
    qemu: "0x1",
  },
  outputCodeByUnit: {
    machine: { mode: 0 },
    play: (m) => {
      m.put(m.entry(AT.second, 1), 0xfee0_0003n);
      return m.outcome();
    },
    spec: "0xe",
    qemu: "0x87",
  },
  wholeLeafInInterruptRange: {
    play: (m) => {
      // The 2 MiB page from 0xfee00000 on; the request reaches 0xfef00000 and more.
      m.put(m.entry(AT.second, 2), 0xfee0_0083n);
      return m.outcome({ address: iova(IOVA + 0x10_0000n) });
    },
    spec: "ok",
    qemu: "0x87",
  },
  rightsPerLevel: {
    play: (m) => {
      m.put(m.entry(AT.second, 3), (AT.second + 0x2000n) | 1n);
      m.put(m.entry(AT.second, 2), 0n);
      return m.outcome(write);
    },
    spec: "0x79",
    qemu: "0x85",
  },
  pasidEntryTypeBeforePresent: {
    play: (m) => {
      m.put(AT.pasids, 0n);
      return m.outcome();
    },
    spec: "0x59",
    qemu: "0x5b",
  },
  pasidPresenceWithContextOnly: {
    machine: {
      overrides: { pasidEntryTypeBeforePresent: true, pasidEntriesUncached: true },
      caches: { context: 4, pasid: 4, iotlb: 0, paging: 0 },
    },
    play: (m) => {
      m.dma();
      m.put(AT.pasids, m.word(AT.pasids) & ~1n);
      return m.outcome();
    },
    spec: "0x59",
    qemu: "ok",
  },
  pasidReservedUnchecked: {
    play: (m) => {
      m.put(AT.pasids + 56n, 1n);
      return m.outcome();
    },
    spec: "0x5a",
    qemu: "ok",
  },
  pasidZeroWithoutRps: {
    machine: { identification: without(1n << 49n) },
    play: (m) => {
      m.put(AT.contexts + 0x408n, 5n);
      return m.outcome();
    },
    spec: "0x42",
    qemu: "ok",
  },
  directorySizeUnchecked: {
    play: (m) => {
      m.put(AT.contexts + 0x400n, AT.directory | 9n);
      return m.outcome({ pasid: pasid(0x2000) });
    },
    spec: "0x46",
    qemu: "0x51",
  },
  contextBitsUnchecked: {
    play: (m) => {
      m.putPasid(3, 2);
      return m.outcome({ pasid: pasid(3) });
    },
    spec: "0x45",
    qemu: "ok",
  },
  fpdOfPasidOnlyWhenFound: {
    play: (m) => {
      m.put(AT.pasids, 2n);
      m.dma();
      return record(m);
    },
    spec: "0",
    qemu: "c000005900000020",
  },
  reservedContextUnqualified: {
    machine: { mode: 0 },
    play: (m) => {
      m.put(AT.contexts + 0x200n, AT.second | 0x23n);
      m.dma();
      return record(m);
    },
    spec: "0",
    qemu: "c000000b00000020",
  },
  accessedDuringWalk: {
    machine: { stage: 1 },
    play: (m) => {
      m.put(m.entry(AT.first, 4), (AT.first + 0x1000n) | 7n);
      m.put(m.entry(AT.first, 1), 0n);
      m.dma();
      return hexOf(m.word(m.entry(AT.first, 4)) & 0xfffn);
    },
    spec: "7",
    qemu: "27",
  },
  dirtyOnlyWithAccessed: {
    machine: { stage: 1 },
    play: (m) => {
      m.dma();
      m.dma(write);
      return hexOf(m.word(m.entry(AT.first, 1)) & 0xfffn);
    },
    spec: "67",
    qemu: "27",
  },
  updatesUnsnooped: {
    machine: { stage: 1 },
    play: (m) => {
      m.put(AT.pasids + 8n, 7n);
      return m.outcome(write);
    },
    spec: "0x90",
    qemu: "ok",
  },
  firstStageWidthFromAw: {
    machine: { stage: 1 },
    play: (m) => {
      // AW 1: 39 bits.
      m.put(AT.pasids, 0x45n);
      return m.outcome();
    },
    spec: "ok",
    qemu: "0x80",
  },
  awOfFirstStageAccepted: {
    machine: { identification: QEMU_FIRST, stage: 1, overrides: { updatesUnsnooped: true } },
    play: (m) => {
      m.put(AT.pasids, 0x49n);
      return m.outcome();
    },
    spec: "0x5a",
    qemu: "ok",
  },
  snoopBitInScalableUnits: {
    machine: { identification: QEMU_SECOND },
    play: (m) => {
      m.put(m.entry(AT.second, 1), TARGET | 0x803n);
      return m.outcome();
    },
    spec: "0x7a",
    qemu: "ok",
  },
  bothRootHalves: {
    play: (m) => {
      m.put(AT.root + 8n, 2n);
      return m.outcome();
    },
    spec: "ok",
    qemu: "0x3a",
  },
  tableModeBitTen: {
    play: (m) => {
      m.switchRoot(3);
      return m.outcome();
    },
    spec: "0x33",
    qemu: "ok",
  },
  deniedHitBlocks: {
    play: (m) => {
      m.put(m.entry(AT.second, 1), TARGET | 1n);
      m.dma();
      return m.outcome(write);
    },
    spec: "0x85",
    qemu: "blocked",
  },
  pasidEntriesUncached: {
    play: (m) => {
      m.dma();
      return [...new Set(m.unit.cacheEntries().map((entry) => entry.cache))].join(" ");
    },
    spec: "context pasid iotlb paging",
    qemu: "context iotlb paging",
  },
  nothingKeptByDomain: {
    play: (m) => {
      // PASID 3 has empty tables of its own but the domain id of the tables walked before it.
      m.put(AT.contexts + 0x400n, AT.directory | 9n);
      m.putPasid(3, 2);
      m.put(AT.pasids + 3n * 64n, 0x6_0089n);
      m.dma();
      return m.outcome({ pasid: pasid(3) });
    },
    spec: "ok",
    qemu: "0x79",
  },
  pasidMissingInRecord: {
    play: (m) => {
      m.put(AT.contexts + 0x400n, AT.directory | 9n);
      m.dma({ pasid: pasid(9) });
      return record(m);
    },
    spec: "c000095980000020",
    qemu: "c000005900000020",
  },
  recordsKeepTypeOnly: {
    play: (m) => {
      m.put(m.entry(AT.second, 1), 0n);
      m.dma({ access: "atomic" });
      return record(m);
    },
    spec: "c000007910000020",
    qemu: "c000007900000020",
  },
  resetsEmptyCaches: {
    machine: { identification: { ...FULL, cap: FULL.cap & ~(1n << 63n) } },
    play: (m) => {
      m.dma();
      m.switchRoot(1);
      return String(m.unit.cacheEntries().length > 0);
    },
    spec: "true",
    qemu: "false",
  },
  queueWaitsForTail: {
    play: (m) => {
      m.startQueue();
      m.submit([0n, 0n], [0x11n, 0n]);
      m.put(AT.queue, 0x11n);
      m.unit.writeRegister(0x34, 4, 0x10n);
      return hexOf(m.register(0x80, 8));
    },
    spec: "40",
    qemu: "0",
  },
  queueErrorNotRecorded: {
    play: (m) => {
      m.startQueue();
      m.submit([0n, 0n]);
      return hexOf(m.register(0xb0, 8));
    },
    spec: "3",
    qemu: "0",
  },
  queueStricter: {
    play: (m) => {
      m.startQueue();
      m.submit([5n, 0n]);
      return hexOf(m.register(0x34));
    },
    spec: "0",
    qemu: "10",
  },
  queueModesByWidth: {
    machine: { mode: 0 },
    play: (m) => {
      m.startQueue();
      // All of PASID 0 in domain 7.
      m.submit([0x7_0026n, 0n]);
      return hexOf(m.register(0x34));
    },
    spec: "10",
    qemu: "0",
  },
  contextDomainIgnored: {
    machine: { mode: 0 },
    play: (m) => {
      m.unit.writeRegister(0x28, 8, (1n << 63n) | (2n << 61n) | 7n);
      return hexOf(m.register(0x2c) >> 27n);
    },
    spec: "a",
    qemu: "9",
  },
  allOnesIsFailedRead: {
    play: (m) => {
      m.put(m.entry(AT.second, 1), (1n << 64n) - 1n);
      return m.outcome();
    },
    spec: "0x7a",
    qemu: "0x78",
  },
  passThroughWidthUnchecked: {
    machine: { stage: 4 },
    play: (m) => m.outcome({ address: iova(1n << 50n) }),
    spec: "0x83",
    qemu: "ok",
  },
  unbackedReadsZero: {
    play: (m) => {
      m.put(m.entry(AT.second, 1), 0x2_0000_0003n);
      return [...(m.dma({ length: 2 }).data ?? [])].join();
    },
    spec: "255,255",
    qemu: "0,0",
  },
  eventKeptUntilStatusWritten: {
    play: (m) => {
      m.put(AT.root, 0n);
      m.outcome();
      m.unit.writeRegister(0x50c, 4, 0x8000_0000n);
      return hexOf(m.register(0x38));
    },
    spec: "80000000",
    qemu: "c0000000",
  },
  queueBaseReadAsLatched: {
    play: (m) => {
      m.startQueue();
      m.stop(0x0400_0000n);
      m.unit.writeRegister(0x90, 8, 0x1_2345_6001n);
      return hexOf(m.register(0x90, 8));
    },
    spec: "123456001",
    qemu: "40001",
  },
  interruptRangeAbsorbed: {
    play: (m) => m.outcome({ address: iova(0xfee0_0000n) }),
    spec: "0x29",
    qemu: "ok",
  },
};

describe.each(DIFFERENCES)("$name", ({ name }) => {
  const { machine, play, spec, qemu } = TRIALS[name];
  const outcome = (on: boolean): string =>
    play(new Machine({ ...machine, overrides: { ...machine?.overrides, [name]: on } }));

  test("as the specification has it", () => {
    expect(outcome(false)).toBe(spec);
  });

  test("as QEMU has it", () => {
    expect(outcome(true)).toBe(qemu);
  });
});

test("every difference says both ways, and they differ", () => {
  for (const { name, spec, qemu, source } of DIFFERENCES) {
    expect(spec).not.toBe(qemu);
    expect(source).not.toBe("");
    expect(TRIALS[name].spec).not.toBe(TRIALS[name].qemu);
  }
});

test("RID_PASID counts without ECAP.RPS where a unit honours it", () => {
  const options = { identification: QEMU_SECOND, profile: "qemu", haw: 48 } as const;
  const outcome = (ridPasidHonoured: boolean) => {
    const machine = new Machine({ ...options, ridPasidHonoured });
    machine.put(AT.contexts + 0x408n, 5n);
    return machine.outcome();
  };
  expect(outcome(false)).toBe("ok");
  expect(outcome(true)).toBe("0x5b");
});

test("AW can be accepted on a unit without SSTS under the specification too", () => {
  const machine = new Machine({
    identification: { ...QEMU_FIRST, ecap: QEMU_FIRST.ecap | (1n << 48n) },
    stage: 1,
    strictAw: false,
  });
  machine.put(AT.pasids, 0x49n, 0x80_0007n);
  expect(machine.outcome()).toBe("ok");
  expect(machine.store.isMemory(hpa(TARGET))).toBe(true);
});

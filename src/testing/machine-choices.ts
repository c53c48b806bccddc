// Everything a random machine is made of, as plain values that fast-check can shrink.
import fc from "fast-check";
import { type UnitRegisters, unitRegisters } from "./units.ts";

/** True in about `percent` of all cases; shrinks to false. */
export const sometimes = (percent: number): fc.Arbitrary<boolean> =>
  fc.nat({ max: 99 }).map((n) => n >= 100 - percent);

/** Mostly `usual`, else one of `others`. */
const mostly = <T>(percent: number, usual: T, others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: percent, arbitrary: fc.constant(usual) },
    { weight: 100 - percent, arbitrary: fc.constantFrom(...others) },
  );

const word64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

export interface MachineChoices {
  readonly unit: UnitRegisters;
  readonly mode: number;
  readonly ioBits: boolean;
  readonly enabled: boolean;
  readonly requester: number;
  readonly pasid: number | null;
  readonly context: {
    readonly fpd: boolean;
    readonly translationType: number;
    readonly aw: number;
    readonly pdts: number;
    readonly ridPasid: number;
    readonly ridPrivileged: boolean;
    readonly dte: boolean;
    readonly paside: boolean;
    readonly pre: boolean;
    readonly eptr: boolean;
  };
  readonly directoryFpd: boolean;
  readonly entry: {
    readonly fpd: boolean;
    readonly type: number;
    readonly aw: number;
    readonly domain: number;
    readonly ssade: boolean;
    readonly pwsnp: boolean;
    readonly pgsnp: boolean;
    readonly sre: boolean;
    readonly fspm: number;
    readonly wpe: boolean;
    readonly eafe: boolean;
    /** Fields of a stage that the entry's type does not use. */
    readonly strayFields: boolean;
  };
  readonly address: bigint;
  readonly firstLeaf: number;
  readonly secondLeaves: readonly number[];
  readonly firstFlags: readonly bigint[];
  readonly secondFlags: readonly bigint[];
  /** Upper tables from 4 GiB on instead of 128 GiB. */
  readonly low: boolean;
  /** Source of guest addresses of first-stage tables. */
  readonly guestSeed: bigint;
}

/** P, R/W, U/S with accessed, dirty, extended accessed, global and ignored bits, some rights missing. */
const firstFlags = fc
  .tuple(
    mostly(90, 0x7n, [0x3n, 0x5n, 0x1n]),
    fc.constantFrom(0n, 0x20n, 0x60n, 0x420n, 0x460n),
    fc.constantFrom(0n, 0n, 0n, 0x118n, 1n << 9n, 1n << 52n, 1n << 63n, 0x7ff0_0000_0000_0a00n),
  )
  .map(([rights, flags, ignored]) => rights | flags | ignored);

/** R and W with accessed, dirty and ignored bits, some rights missing. */
const secondFlags = fc
  .tuple(
    mostly(93, 0x3n, [0x1n, 0x2n]),
    fc.constantFrom(0n, 0x100n, 0x300n),
    fc.constantFrom(0n, 0n, 0n, 0x78n, 0x4n, 1n << 10n, 1n << 52n, 0xbff0_0000_0000_0000n),
  )
  .map(([rights, flags, ignored]) => rights | flags | ignored);

const PASIDS = [1, 0x25, 0x3f, 0x40, 0x3ff, 0x1234] as const;

export const machineChoices: fc.Arbitrary<MachineChoices> = fc.record({
  unit: unitRegisters,
  mode: fc.oneof(
    { weight: 70, arbitrary: fc.constant(1) },
    { weight: 26, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.constantFrom(2, 3) },
  ),
  ioBits: sometimes(10),
  enabled: mostly(97, true, [false]),
  requester: fc.constantFrom(0x0020, 0x00a8, 0x3b01, 0x3bff, 0xff80, 0x4000),
  pasid: fc.option(mostly(95, 0x25, [...PASIDS]), { freq: 2 }),
  context: fc.record({
    fpd: sometimes(8),
    translationType: mostly(80, 0, [1, 2, 3]),
    aw: mostly(55, 2, [1, 3, 1, 3, 1, 3, 1, 3, 0, 4]),
    pdts: mostly(80, 0, [1, 7]),
    ridPasid: mostly(70, 0, [0x26, 0x25, 0x1fff, 0x2000]),
    ridPrivileged: sometimes(15),
    dte: mostly(80, true, [false]),
    paside: mostly(97, true, [false]),
    pre: sometimes(30),
    eptr: sometimes(30),
  }),
  directoryFpd: sometimes(5),
  entry: fc.record({
    fpd: sometimes(5),
    type: fc.constantFrom(1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 4),
    aw: mostly(55, 2, [1, 3, 1, 3, 1, 3, 1, 3, 0, 7]),
    domain: mostly(95, 0x12, [0x2012]),
    ssade: sometimes(40),
    pwsnp: mostly(75, true, [false]),
    pgsnp: sometimes(20),
    sre: mostly(70, true, [false]),
    fspm: mostly(65, 0, [1, 1, 1, 1, 1, 1, 1, 2]),
    wpe: sometimes(30),
    eafe: sometimes(30),
    strayFields: sometimes(15),
  }),
  address: word64,
  firstLeaf: mostly(60, 1, [2, 3]),
  secondLeaves: fc.array(mostly(60, 1, [2, 3]), { minLength: 1, maxLength: 4 }),
  firstFlags: fc.array(firstFlags, { minLength: 1, maxLength: 5 }),
  secondFlags: fc.array(secondFlags, { minLength: 1, maxLength: 5 }),
  low: sometimes(2),
  guestSeed: word64,
});

// A machine opened from an image: memory and a unit, no kernel.
import { ok, problem, type Result } from "../base/result.ts";
import { join64 } from "../base/words.ts";
import type { Store, StoreSnapshot } from "../hardware/memory/store.ts";
import type { CacheSizes, Identification, ProfileName } from "../hardware/vtd/types.ts";
import { RemappingUnit } from "../hardware/vtd/unit.ts";
import type { Machinery, MachineSource, RunOptions, Saved, Seen } from "./machinery.ts";
import { refuseOperation, runOperation } from "./operations.ts";
import type { MachineInfo, Operation } from "./types.ts";

export interface OpenOptions {
  /** Memory with its contents. The session owns it from here on. */
  readonly store: Store;
  /** 32-bit register words by byte offset, VER, CAP and ECAP among them. */
  readonly registers: ReadonlyMap<number, number>;
  readonly profile: ProfileName;
  readonly info: MachineInfo;
  readonly caches?: Partial<CacheSizes>;
}

/** Sizes that fit on the page as gauges. */
export const PAGE_CACHES: CacheSizes = { context: 16, pasid: 32, iotlb: 64, paging: 32 };

/** A problem when the registers do not describe a unit. */
export function imageSource(options: OpenOptions): Result<MachineSource> {
  const { store, registers, info } = options;
  if (!Number.isInteger(info.haw) || info.haw < 32 || info.haw > 52) {
    return problem("machine", "haw", "The host address width is 32 to 52 bits.");
  }
  for (const [name, offset] of [
    ["VER", 0x00],
    ["CAP", 0x08],
    ["ECAP", 0x10],
  ] as const) {
    if (registers.has(offset)) continue;
    const message = "The register is missing, so it is unknown what the unit can do.";
    return problem("registers", name, message);
  }
  // Memory alone, before a unit was put beside it.
  const bare = store.snapshot();
  return ok({
    open(profile) {
      store.restoreSnapshot(bare);
      return ok(new ImageMachine(store, makeUnit(options, profile)));
    },
  });
}

function makeUnit(options: OpenOptions, profile: ProfileName): RemappingUnit {
  const { store, registers, info, caches } = options;
  const wide = (offset: number): bigint =>
    join64(registers.get(offset + 4) ?? 0, registers.get(offset) ?? 0);
  const identification: Identification = {
    ver: registers.get(0) ?? 0,
    cap: wide(0x08),
    ecap: wide(0x10),
  };
  const sizes = { ...PAGE_CACHES, ...caches };
  const unit = new RemappingUnit(store, {
    identification,
    haw: info.haw,
    profile,
    caches: sizes,
  });
  unit.restoreRegisters(registers);
  unit.setTrace(true);
  return unit;
}

class ImageMachine implements Machinery {
  readonly store: Store;
  readonly unit: RemappingUnit;
  readonly world = null;
  readonly rest = null;
  readonly quiet = true;

  constructor(store: Store, unit: RemappingUnit) {
    this.store = store;
    this.unit = unit;
  }

  refuse(operation: Operation): Result<never> | null {
    switch (operation.op) {
      case "call":
      case "demand":
      case "together":
      case "wait":
        return problem(
          operation.op,
          "",
          "This machine was opened from an image: it runs no kernel.",
        );
    }
    if (operation.faults?.length) {
      const message = "Faults strike a running kernel; this machine was opened from an image.";
      return problem(operation.op, "faults", message);
    }
    return refuseOperation(operation, this.store);
  }

  run(operation: Operation, { from = 0, stopAt }: RunOptions): Result<Seen> {
    const seen = runOperation(this, operation, from);
    if (!seen.ok || stopAt === undefined || seen.value.events.length < stopAt) return seen;
    return ok({ ...seen.value, events: seen.value.events.slice(0, stopAt), stopped: true });
  }

  save(): Saved {
    return { machine: this.store.snapshot() };
  }

  restore(saved: Saved): void {
    this.store.restoreSnapshot(saved.machine as StoreSnapshot);
    this.unit.setTrace(true);
    this.unit.takeEvents();
  }

  unseen<T>(look: () => T): T {
    const found = look();
    this.unit.setTrace(true);
    this.unit.takeEvents();
    return found;
  }
}

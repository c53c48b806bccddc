// The fault event: its vector and message, and the handler that reads, prints and clears the records
// (drivers/iommu/intel/dmar.c, v5.12). Lines have the form of v5.2 to v5.13: PASID in hex, ffffffff for none, the
// reason in decimal. At most 10 lines in 5 seconds; records that are not printed are cleared all the same.

import { request_irq } from "../core/interrupts.ts";
import { bare } from "../iommu/print.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import { faultReason } from "./fault-texts.ts";
import { capabilities, REGISTER, read32, write32 } from "./unit.ts";

const BURST = 10;
const INTERVAL_MICROSECONDS = 5_000_000;

/** FSTS: a record is there; overflow; what the handler clears at the end. */
const PPF = 2;
const CLEARED = 0x83;

/** Bits of the uppermost word of a record. */
const F = 0x8000_0000;
const READ = 0x4000_0000;

const MESSAGE_ADDRESS = 0xfee0_0000;

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/intel/dmar.c, v5.12",
});

/** Takes a vector, programs the message and unmasks the event. 0. */
export const dmar_set_interrupt = define(about("dmar_set_interrupt"), (k): number => {
  const vector = request_irq(k, "dmar_fault", 0);
  write32(k, REGISTER.FEDATA, vector);
  write32(k, REGISTER.FEADDR, MESSAGE_ADDRESS);
  write32(k, REGISTER.FEUADDR, 0);
  write32(k, REGISTER.FECTL, 0);
  read32(k, REGISTER.FECTL);
  return 0;
});

/** ___ratelimit(): whether one more line may be printed now. */
function mayPrint(k: Kernel): boolean {
  const { iommu } = k.state;
  const now = k.machine.now();
  if (iommu.printedSince === 0) iommu.printedSince = now + 1;
  if (now + 1 > iommu.printedSince + INTERVAL_MICROSECONDS) {
    if (iommu.suppressed > 0) k.log(`dmar_fault: ${iommu.suppressed} callbacks suppressed`);
    iommu.printedSince = now + 1;
    iommu.printed = 0;
    iommu.suppressed = 0;
  }
  if (iommu.printed < BURST) {
    iommu.printed++;
    return true;
  }
  iommu.suppressed++;
  return false;
}

const twoDigits = (value: number): string => value.toString(16).padStart(2, "0");

const address = (requester: number): string =>
  `${twoDigits(requester >> 8)}:${twoDigits((requester >> 3) & 0x1f)}.${requester & 7}`;

/** Prints one record. `pasid`: -1 for a request without one. */
export const dmar_fault_do_one = define(
  about("dmar_fault_do_one"),
  (k, isRead: boolean, reason: number, pasid: number, requester: number, page: bigint): void => {
    const { text, interrupt } = faultReason(reason);
    const end = `[fault reason ${String(reason).padStart(2, "0")}] ${text}`;
    if (interrupt) {
      const index = bare(page >> 48n);
      k.log(
        `DMAR: [INTR-REMAP] Request device [${address(requester)}] fault index ${index} ${end}`,
      );
      return;
    }
    const direction = isRead ? "DMA Read" : "DMA Write";
    const tag = bare(pasid < 0 ? 0xffff_ffff : pasid);
    k.log(
      `DMAR: [${direction}] Request device [${address(requester)}] PASID ${tag} fault addr ${bare(page)} ${end}`,
    );
  },
);

/** The handler of the fault event. */
export const dmar_fault = define(about("dmar_fault"), (k): void => {
  const status = read32(k, REGISTER.FSTS);
  if (status !== 0 && mayPrint(k)) {
    k.log(`DMAR: DRHD: handling fault status reg ${bare(status)}`);
  }
  if ((status & PPF) === 0) return;
  const { fro, nfr } = capabilities(k);
  let index = (status >> 8) & 0xff;
  for (let left = 2 * nfr; left >= 0; left--) {
    const print = mayPrint(k);
    const at = fro + 16 * index;
    const top = read32(k, at + 12);
    if ((top & F) === 0) break;
    const source = read32(k, at + 8);
    const page = k.machine.readUnit(at, 8) & ~0xfffn;
    write32(k, at + 12, F);
    if (print) {
      const pasid = source >= F ? (top >>> 8) & 0xf_ffff : -1;
      dmar_fault_do_one(k, (top & READ) !== 0, top & 0xff, pasid, source & 0xffff, page);
    }
    index = (index + 1) % nfr;
  }
  write32(k, REGISTER.FSTS, CLEARED);
});

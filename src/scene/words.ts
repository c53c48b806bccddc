// Words that several views share: accesses, PASIDs, domains, stages, counts.
import type { DomainId, Pasid } from "../base/brand.ts";
import { pasidHex } from "../base/hex.ts";
import type { Access } from "../hardware/vtd/types.ts";
import type { AddressSpace } from "../session/types.ts";

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/** "4 KiB", "3.2 MiB": the largest unit with at least one of it, one decimal where it is not whole. */
export function bytesWord(count: bigint): string {
  let unit = 0;
  while (unit < UNITS.length - 1 && count >= 1n << BigInt(10 * (unit + 1))) unit++;
  const size = 1n << BigInt(10 * unit);
  if (count % size === 0n) return `${count / size} ${UNITS[unit]}`;
  return `${(Number((count * 100n) / size) / 100).toFixed(1)} ${UNITS[unit]}`;
}

/** "1 page", "1,024 pages". */
export function countWord(count: number | bigint, one: string, many = `${one}s`): string {
  return `${digitsWord(count)} ${BigInt(count) === 1n ? one : many}`;
}

/** "VM-A" for vm-a, "root's shell" for root; others as they are. */
export function processTitle(process: string): string {
  if (/^vm-[a-z0-9]+$/.test(process)) return process.toUpperCase();
  return process === "root" ? "root's shell" : process;
}

/** "Write" for "write". */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Thousands with commas. */
export const digitsWord = (count: number | bigint): string =>
  count.toString().replace(/\B(?=(?:\d{3})+$)/g, ",");

/** "Write", "Read", "Atomic access". */
export const ACCESS_WORD: Record<Access, string> = {
  read: "Read",
  write: "Write",
  atomic: "Atomic access",
};

/** The letter in a packet. */
export const ACCESS_LETTER: Record<Access, string> = { read: "R", write: "W", atomic: "A" };

/** "PASID 0x041" or "no PASID". */
export const pasidWord = (pasid: Pasid | null): string =>
  pasid === null ? "no PASID" : `PASID ${pasidHex(pasid)}`;

/** "Domain 7", "Domains 7, 8", "12 domains". */
export function domainsWord(domains: readonly DomainId[]): string {
  if (domains.length === 0) return "No domain";
  if (domains.length === 1) return `Domain ${domains[0]}`;
  return domains.length <= 2 ? `Domains ${domains.join(", ")}` : `${domains.length} domains`;
}

/** "second-stage, 4 levels" or "pass-through". */
export const stageWord = (space: Pick<AddressSpace, "stage" | "levels">): string =>
  space.stage === "pass-through" ? "pass-through" : `${space.stage}, ${space.levels} levels`;

/** How a request without PASID in the interrupt range ends: only a write is a message. */
export const interruptWords = (access: Access): string =>
  access === "write"
    ? "is an interrupt request. It is not translated."
    : "is in the interrupt range. It is absorbed there and not translated.";

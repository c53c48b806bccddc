// Root, context, PASID directory and PASID tables in scalable mode as the naive walker sees them
// (sections 9.2, 9.4 to 9.6 and 7.1.3).
import { pasidFields, translateByPasidEntry } from "./naive-pasid.ts";
import {
  bit,
  bits,
  fetch,
  inInterruptRange,
  type NaiveOutcome,
  type NaiveWalk,
  ones,
  refuse,
} from "./naive-request.ts";
import { secondStageWidth, widthSupported } from "./naive-second-stage.ts";

export function translateScalable(walk: NaiveWalk): NaiveOutcome {
  const { machine, request } = walk;
  const { capabilities, haw } = machine;
  const context = readContext(walk);
  const [q0 = 0n, q1 = 0n] = context;
  const ridPasid = bits(q1, 19n, 0n);
  const limit = 1n << (bits(q0, 11n, 9n) + 13n);

  if (bit(q0, 4n) && !bit(q0, 2n)) refuse(0x43);
  if (ridPasid >= limit) refuse(0x43);
  if (bit(q0, 6n) && !bit(q0, 3n)) refuse(0x43);
  if (request.translated && !bit(q0, 2n)) refuse(0x44);
  if (request.pasid !== null) {
    const pasid = BigInt(request.pasid);
    if (!request.translated && !bit(q0, 3n)) refuse(0x45);
    if (pasid >= limit) refuse(0x46);
    if (capabilities.ridPasid && pasid === ridPasid) refuse(0x48);
    if (request.translated && !bit(q0, 6n)) refuse(0x49);
    if (pasid >> capabilities.pasidBits !== 0n) refuse(0x89);
  }
  if (request.translated) {
    if (inInterruptRange(request.address)) refuse(0x87);
    if (request.address >> haw !== 0n) refuse(0x83);
    return {
      kind: "reached",
      address: request.address,
      walked: false,
      mask: 0n,
      read: true,
      write: true,
      updates: [],
    };
  }

  const withoutPasid = capabilities.ridPasid ? ridPasid : 0n;
  const pasid = request.pasid === null ? withoutPasid : BigInt(request.pasid);
  const entry = readPasidEntry(walk, q0 & ones(63n, 12n), pasid);
  const fields = pasidFields(walk, entry);
  checkProgramming(walk, entry);
  if (request.pasid !== null && request.execute) refuse(0x5c);
  const supervisor = request.pasid !== null ? request.privileged : bit(q1, 20n);
  if (supervisor && !bit(entry[2] ?? 0n, 0n)) refuse(0x5d);
  return translateByPasidEntry(walk, fields, supervisor);
}

function readContext(walk: NaiveWalk): bigint[] {
  const { machine, request } = walk;
  const { capabilities, haw } = machine;
  const bus = BigInt(request.requester >> 8);
  const devfn = BigInt(request.requester & 0xff);

  const half = (machine.rtaddr & ones(63n, 12n)) + bus * 16n + (devfn >> 7n) * 8n;
  const [root = 0n] = fetch(walk, half, 1, 0x38);
  if (!bit(root, 0n)) refuse(0x39);
  if ((root & (ones(11n, 1n) | ones(63n, haw))) !== 0n) refuse(0x3a);

  const context = fetch(walk, (root & ones(63n, 12n)) + (devfn & 0x7fn) * 32n, 4, 0x40);
  const [q0 = 0n, q1 = 0n, q2 = 0n, q3 = 0n] = context;
  if (bit(q0, 1n)) walk.faultProcessingDisabled = true;
  if (!bit(q0, 0n)) refuse(0x41);
  let reserved0 = ones(5n, 5n) | ones(8n, 7n) | ones(63n, haw);
  if (!capabilities.deviceTlb) reserved0 |= ones(2n, 2n);
  if (!capabilities.pasid) reserved0 |= ones(3n, 3n);
  if (!capabilities.pageRequests) reserved0 |= ones(4n, 4n);
  if (!capabilities.pasidInTranslated) reserved0 |= ones(6n, 6n);
  let reserved1 = ones(63n, 21n);
  if (!capabilities.ridPasid) reserved1 |= ones(19n, 0n);
  if (!capabilities.ridPrivileged) reserved1 |= ones(20n, 20n);
  if ((q0 & reserved0) !== 0n || (q1 & reserved1) !== 0n) refuse(0x42);
  if (q2 !== 0n || q3 !== 0n) refuse(0x42);
  return context;
}

function readPasidEntry(walk: NaiveWalk, directory: bigint, pasid: bigint): bigint[] {
  const [pointer = 0n] = fetch(walk, directory + (pasid >> 6n) * 8n, 1, 0x50);
  if (bit(pointer, 1n)) walk.faultProcessingDisabled = true;
  if (!bit(pointer, 0n)) refuse(0x51);
  if ((pointer & (ones(11n, 2n) | ones(63n, walk.machine.haw))) !== 0n) refuse(0x52);

  const entry = fetch(walk, (pointer & ones(63n, 12n)) + (pasid & 0x3fn) * 64n, 8, 0x58);
  if (bit(entry[0] ?? 0n, 1n)) walk.faultProcessingDisabled = true;
  if (!bit(entry[0] ?? 0n, 0n)) refuse(0x59);
  const reserved = pasidReserved(walk);
  if (entry.some((word, n) => (word & (reserved[n] ?? -1n)) !== 0n)) refuse(0x5a);
  return entry;
}

/** Bits of a PASID entry that must be 0, word by word; words past the list must be 0 as a whole. */
function pasidReserved(walk: NaiveWalk): bigint[] {
  const { capabilities, haw } = walk.machine;
  let q0 = ones(5n, 5n) | ones(11n, 10n) | ones(63n, haw);
  if (!capabilities.secondStage) q0 |= ones(4n, 2n) | ones(9n, 9n) | ones(63n, 12n);
  if (!capabilities.secondStageAccessedDirty) q0 |= ones(9n, 9n);
  let q1 = ones(22n, 16n) | ones(31n, 27n) | ones(15n, capabilities.domainBits);
  if (!capabilities.coherentWalks) q1 |= ones(23n, 23n);
  if (!capabilities.snoopControl) q1 |= ones(24n, 24n);
  if (!capabilities.memoryType) q1 |= ones(26n, 25n) | ones(63n, 32n);
  let q2 = ones(1n, 1n) | ones(11n, 8n) | ones(63n, haw);
  if (!capabilities.supervisor) q2 |= ones(0n, 0n);
  if (!capabilities.firstStage) q2 |= ones(4n, 2n) | ones(63n, 12n);
  if (!capabilities.extendedAccessed) q2 |= ones(7n, 7n);
  return [q0, q1, q2];
}

function checkProgramming(walk: NaiveWalk, entry: readonly bigint[]): void {
  const { capabilities } = walk.machine;
  const { type, aw, fspm, fsptptr } = pasidFields(walk, entry);
  const usable =
    (type === 1n && capabilities.firstStage) ||
    (type === 2n && capabilities.secondStage) ||
    (type === 3n && capabilities.nested) ||
    (type === 4n && capabilities.passThrough);
  if (!usable) refuse(0x5b);
  if ((type === 2n || type === 3n) && !widthSupported(walk, aw)) refuse(0x5b);
  if (type === 1n || type === 3n) {
    if (fspm > 1n) refuse(0x5b);
    if (fspm === 1n && !capabilities.firstStage5Level) refuse(0x5b);
  }
  if (type === 3n && fsptptr >> secondStageWidth(walk, aw) !== 0n) refuse(0x5b);
}

// A memory request as a device sends it: split at 4 KiB, each piece translated and carried out on memory.
import { type Hpa, hpa, type Iova } from "../../base/brand.ts";
import { high32, join64, low32 } from "../../base/words.ts";
import { offsetMask } from "./address.ts";
import type { Core } from "./core.ts";
import type { FaultCode } from "./fault-codes.ts";
import { isFault, readRecord } from "./faults.ts";
import { DID } from "./message-listener.ts";
import { FLAG, HOW, RESULT, STATUS } from "./request.ts";
import { KIND } from "./trace.ts";
import { translate } from "./translate.ts";
import type { DmaOutcome, DmaRequest, FaultRecord, Piece } from "./types.ts";

const PAGE = 4096n;
const LAST = 0xffff_ffff_ffff_ffffn;

const ACCESS_FLAGS = { read: FLAG.READ, write: FLAG.WRITE, atomic: FLAG.ATOMIC } as const;

function flagsOf(request: DmaRequest): number {
  let flags: number = ACCESS_FLAGS[request.access];
  if (request.pasid !== null && request.privileged) flags |= FLAG.PRIVILEGED;
  if (request.pasid !== null && request.execute) flags |= FLAG.EXECUTE;
  if (request.addressType === "translated") flags |= FLAG.TRANSLATED;
  if (request.length === 0) flags |= FLAG.ZERO_LENGTH;
  const { address } = request;
  if (address >= 0xfee0_0000n && address <= 0xfeef_ffffn && request.length !== 4) {
    flags |= FLAG.NO_DWORD;
  }
  return flags;
}

/** Bytes of a write that brings none: each word names requester and address. */
function namedBytes(request: DmaRequest): Uint8Array {
  const { address, length } = request;
  const skipped = Number(address & 7n);
  const words = new BigUint64Array(Math.ceil((skipped + length) / 8));
  const name = BigInt(request.requester) << 48n;
  for (let i = 0; i < words.length; i++) {
    words[i] = name | ((address + BigInt(8 * i)) & 0xffff_ffff_fff8n);
  }
  return new Uint8Array(words.buffer, skipped, length);
}

/** How many of the remaining bytes lie in the page of an address. */
const inPage = (address: bigint, left: number): number =>
  Math.min(left, Number(PAGE - (address & (PAGE - 1n))));

/** Carries out one request. Each piece is a request of its own: a refused one does not stop the others. */
export function dma(core: Core, request: DmaRequest): DmaOutcome {
  const { result, store, trace } = core;
  const flags = flagsOf(request);
  const writes = (flags & FLAG.WRITE) !== 0;
  const given = writes ? (request.data ?? namedBytes(request)) : undefined;
  const data = request.access === "write" ? null : new Uint8Array(request.length);
  if (trace.on === 1) {
    const at = trace.next(KIND.REQUEST | (flags << 8));
    trace.ring[at + 1] = request.requester;
    trace.ring[at + 2] = request.pasid ?? -1;
    trace.ring[at + 3] = high32(request.address);
    trace.ring[at + 4] = low32(request.address);
    trace.ring[at + 5] = request.length;
  }

  const pieces: Piece[] = [];
  let kind: DmaOutcome["kind"] | null = null;
  let refused = false;
  let fault: FaultCode | null = null;
  let record: FaultRecord | null = null;
  let mask = 0n;
  for (let done = 0; done < request.length || (done === 0 && pieces.length === 0); ) {
    const address = (request.address + BigInt(done)) & LAST;
    const count = inPage(address, request.length - done);
    const high = high32(address);
    const low = low32(address);
    result[RESULT.RECORD] = -1;
    const status = translate(core, request.requester, request.pasid ?? -1, high, low, flags);
    let target: Hpa | null = null;
    if (status === 0) {
      const targetHigh = result[RESULT.HIGH] as number;
      const targetLow = result[RESULT.LOW] as number;
      const reached = join64(targetHigh, targetLow);
      // With remapping off nothing keeps an address below 2^52; above it there is no memory.
      if (reached >> 52n === 0n) {
        target = hpa(reached);
        if (data && store.isMemory(target)) data.set(store.readBytes(target, count), done);
        else if (!core.switches.unbackedReadsZero) data?.fill(0xff, done, done + count);
        if (given) store.writeBytes(target, given.subarray(done, done + count));
      } else if (!core.switches.unbackedReadsZero) data?.fill(0xff, done, done + count);
      const level = result[RESULT.LEVEL] as number;
      if (pieces.length === 0 && level > 0) mask = BigInt(offsetMask(level));
      const how = result[RESULT.HOW] as number;
      kind ??= how === HOW.WALK || how === HOW.IOTLB ? "translated" : "untranslated";
      if (trace.on === 1)
        trace.put(KIND.REACHED | (how << 8), high, low, targetHigh, targetLow, count);
    } else if (status === STATUS.INTERRUPT) {
      kind ??= "interrupt";
      const word = given ? new DataView(given.buffer, given.byteOffset).getInt32(done, true) : 0;
      if (trace.on === 1) trace.put(KIND.INTERRUPT, high, low, word);
      core.listener?.(0, DID.SENT, high, low, word);
    } else if (status === STATUS.ABSORBED) kind ??= "interrupt";
    else {
      refused = true;
      if (isFault(status)) {
        fault ??= status as FaultCode;
        const written = result[RESULT.RECORD] as number;
        if (written >= 0) record ??= readRecord(core, written);
      }
    }
    pieces.push({ address: address as Iova, length: count, target });
    done += Math.max(count, 1);
  }
  return {
    ok: !refused,
    kind: refused || kind === null ? "fault" : kind,
    pieces,
    data: refused ? null : data,
    mask,
    fault,
    record,
  };
}

// Root and context tables in legacy mode as the naive walker sees them (sections 9.1, 9.3 and 7.1.3).
import {
  bit,
  bits,
  fetch,
  inInterruptRange,
  type NaiveOutcome,
  type NaiveWalk,
  ones,
  PASS_THROUGH_MASK,
  refuse,
} from "./naive-request.ts";
import {
  checkLegacyRights,
  legacyEmptyCode,
  levelsOf,
  secondStageWidth,
  walkSecondStage,
  widthSupported,
} from "./naive-second-stage.ts";

const asItIs = (address: bigint, walked: boolean): NaiveOutcome => ({
  kind: "reached",
  address,
  walked,
  mask: walked ? PASS_THROUGH_MASK : 0n,
  read: true,
  write: true,
  updates: [],
});

export function translateLegacy(walk: NaiveWalk): NaiveOutcome {
  const { machine, request } = walk;
  const { capabilities, haw } = machine;
  const bus = BigInt(request.requester >> 8);
  const devfn = BigInt(request.requester & 0xff);

  const [root = 0n, rootHigh = 0n] = fetch(
    walk,
    (machine.rtaddr & ones(63n, 12n)) + bus * 16n,
    2,
    0x08,
  );
  if (!bit(root, 0n)) refuse(0x01);
  if ((root & (ones(11n, 1n) | ones(63n, haw))) !== 0n || rootHigh !== 0n) refuse(0x0a);

  const [context = 0n, contextHigh = 0n] = fetch(
    walk,
    (root & ones(63n, 12n)) + devfn * 16n,
    2,
    0x09,
  );
  if (bit(context, 1n)) walk.faultProcessingDisabled = true;
  if (!bit(context, 0n)) refuse(0x02);
  const reservedHigh = ones(7n, 7n) | ones(63n, 24n) | ones(23n, 8n + capabilities.domainBits);
  if ((context & (ones(11n, 4n) | ones(63n, haw))) !== 0n) refuse(0x0b);
  if ((contextHigh & reservedHigh) !== 0n) refuse(0x0b);

  const type = bits(context, 3n, 2n);
  const aw = bits(contextHigh, 2n, 0n);
  if (type === 3n) refuse(0x03);
  if (type === 1n && !capabilities.deviceTlb) refuse(0x03);
  if (type === 2n && !capabilities.passThrough) refuse(0x03);
  if (!widthSupported(walk, aw)) refuse(0x03);

  const input = request.address;
  if (request.translated) {
    if (type !== 1n) refuse(0x0d);
    if (inInterruptRange(input)) refuse(0x0e);
    if (input >> haw !== 0n) refuse(0x04);
    return asItIs(input, false);
  }
  if (type === 2n) {
    if (input >> haw !== 0n) refuse(0x04);
    return asItIs(input, true);
  }
  if (input >> secondStageWidth(walk, aw) !== 0n) refuse(0x04);
  const found = walkSecondStage(walk, context & ones(63n, 12n), levelsOf(aw), input, {
    topUnreadable: 0x03,
    unreadable: 0x07,
    reserved: 0x0c,
    empty: legacyEmptyCode(request),
  });
  checkLegacyRights(walk, found);
  if (inInterruptRange(found.address)) refuse(0x0e);
  return {
    kind: "reached",
    address: found.address,
    walked: true,
    mask: found.mask,
    read: found.read,
    write: found.write,
    updates: [],
  };
}

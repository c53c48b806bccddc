// Reads the request that the composer holds as typed text: BDF, PASID or none, address.
import { formatBdf, parseBdf } from "../../base/bdf.ts";
import { type Iova, iova, type Pasid, pasid, type RequesterId } from "../../base/brand.ts";
import { hex, parseNumber, pasidHex } from "../../base/hex.ts";
import type { Access } from "../../hardware/vtd/types.ts";
import type { AddressSpace, SessionPort, Survey } from "../../session/types.ts";
import type { Draft } from "../state.ts";

export interface DraftRequest {
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
  readonly address: Iova;
  readonly access: Access;
}

/** Bytes of one request of the composer: what a device moves with one write. */
export const REQUEST_BYTES = 4;

/** What is wrong with a field, as a sentence beside it. */
export type DraftErrors = Partial<Record<"requester" | "pasid" | "address", string>>;

export const EMPTY_DRAFT: Draft = { requester: "", pasid: "", address: "", access: "write" };

/** The request of `draft`, or a sentence for each field that cannot be read. Numbers are hexadecimal. */
export function readDraft(draft: Draft): { request: DraftRequest | null; errors: DraftErrors } {
  const errors: DraftErrors = {};
  const requester = parseBdf(draft.requester);
  if (requester === undefined) {
    errors.requester =
      draft.requester.trim() === ""
        ? "Name the function that sends, as bus:device.function."
        : "Expected bus:device.function in hexadecimal, such as 6a:01.0.";
  }
  const tag = draft.pasid.trim() === "" ? null : parseNumber(draft.pasid, true);
  if (tag === undefined) errors.pasid = "Expected a hexadecimal number, or nothing for no PASID.";
  else if (tag !== null && tag >> 20n !== 0n)
    errors.pasid = "A PASID has 20 bits: 0xf_ffff at most.";
  const address = draft.address.trim() === "" ? undefined : parseNumber(draft.address, true);
  if (address === undefined) {
    errors.address =
      draft.address.trim() === ""
        ? "Give the address that the device puts on the bus."
        : "Expected a hexadecimal address of at most 64 bits.";
  } else if (address + BigInt(REQUEST_BYTES) > 1n << 64n) {
    errors.address = `The request ends beyond 2^64: it is ${REQUEST_BYTES} bytes long.`;
  }
  if (
    requester === undefined ||
    tag === undefined ||
    address === undefined ||
    Object.keys(errors).length > 0
  ) {
    return { request: null, errors };
  }
  return {
    request: {
      requester,
      pasid: tag === null ? null : pasid(Number(tag)),
      address: iova(address),
      access: draft.access,
    },
    errors,
  };
}

/** The text of a request. */
export const draftOf = (request: DraftRequest): Draft => ({
  requester: formatBdf(request.requester),
  pasid: request.pasid === null ? "" : pasidHex(request.pasid),
  address: hex(request.address),
  access: request.access,
});

/** The address space that a request with this tag uses, or null when the tables give none. */
export function spaceOf(
  survey: Survey,
  requester: RequesterId,
  tag: Pasid | null,
): AddressSpace | null {
  const found = survey.requesters.find((candidate) => candidate.requester === requester);
  const entry = found?.entries.find((candidate) =>
    tag === null ? candidate.forRequestsWithoutPasid : candidate.pasid === tag,
  );
  return survey.spaces.find((space) => space.id === entry?.space) ?? null;
}

/** What to write first on a machine: what is worth trying, else the first page that somebody may write. */
export function firstDraft(session: SessionPort, tries: readonly DraftRequest[]): Draft {
  if (tries[0]) return draftOf(tries[0]);
  const survey = session.survey();
  for (const { requester, entries } of survey.requesters) {
    for (const entry of entries) {
      const space = survey.spaces.find((candidate) => candidate.id === entry.space);
      const range = space?.ranges.find((candidate) => candidate.write) ?? space?.ranges[0];
      if (!range) continue;
      return draftOf({
        requester,
        pasid: entry.forRequestsWithoutPasid ? null : entry.pasid,
        address: range.start,
        access: range.write ? "write" : "read",
      });
    }
  }
  const first = survey.requesters[0];
  return first ? { ...EMPTY_DRAFT, requester: formatBdf(first.requester) } : EMPTY_DRAFT;
}

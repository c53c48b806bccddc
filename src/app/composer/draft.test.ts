// The composer's text: what becomes a request, and what is said beside a field otherwise.
import { describe, expect, it } from "vitest";
import { draftOf, EMPTY_DRAFT, readDraft } from "./draft.ts";

const draft = {
  requester: "6a:01.0",
  pasid: "0x041",
  address: "0x1_4a3c_5d48",
  access: "write",
} as const;

describe("a typed request", () => {
  it("is read with groups, prefixes and without them", () => {
    const { request, errors } = readDraft(draft);
    expect(errors).toEqual({});
    expect(request).toEqual({
      requester: 0x6a08,
      pasid: 0x41,
      address: 0x14a3c5d48n,
      access: "write",
    });
    expect(readDraft({ ...draft, pasid: "41", address: "14a3c5d48" }).request).toEqual(request);
  });

  it("has no PASID when the field is empty", () => {
    expect(readDraft({ ...draft, pasid: " " }).request?.pasid).toBeNull();
  });

  it("may end with the last byte of 64 bits", () => {
    expect(readDraft({ ...draft, address: "ffff_ffff_ffff_fffc" }).errors).toEqual({});
  });

  it("comes back from its own text", () => {
    const { request } = readDraft(draft);
    expect(request && draftOf(request)).toEqual(draft);
  });

  it.each([
    [{ requester: "6a:20.0" }, "requester"],
    [{ requester: "" }, "requester"],
    [{ pasid: "100000" }, "pasid"],
    [{ pasid: "zz" }, "pasid"],
    [{ address: "" }, "address"],
    [{ address: "1".repeat(17) }, "address"],
    [{ address: "one" }, "address"],
    [{ address: "ffff_ffff_ffff_fffd" }, "address"],
  ] as const)("says what is wrong with %o beside that field alone", (change, field) => {
    const { request, errors } = readDraft({ ...draft, ...change });
    expect(request).toBeNull();
    expect(Object.keys(errors)).toEqual([field]);
    expect(errors[field]).toMatch(/\.$/);
  });

  it("asks for requester and address at first", () => {
    expect(Object.keys(readDraft(EMPTY_DRAFT).errors)).toEqual(["requester", "address"]);
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hpa, iova, requesterId } from "../base/brand.ts";
import { nodePacker } from "../testing/link-packer.ts";
import { linkStates } from "../testing/link-states.ts";
import { fromBase64Url, toBase64Url } from "./base64url.ts";
import { decodeLink, encodeLink } from "./link.ts";
import type { LinkState } from "./link-form.ts";

const STATE: LinkState = {
  machine: { kind: "sample", id: "linux-7.2-first-stage" },
  profile: "qemu",
  operations: [
    {
      op: "dma",
      requester: requesterId(0x28),
      pasid: null,
      access: "write",
      address: iova(0x7fff_ffff_f000n),
      length: 8,
    },
    { op: "edit", address: hpa(0x85_0400n), value: 2n ** 64n - 1n },
    {
      op: "edit",
      address: hpa(0x85_0440n),
      value: 0n,
      more: [{ address: hpa(0x85_0448n), value: 7n }],
    },
  ],
  view: {
    selection: { kind: "requester", requester: requesterId(0x28) },
    hop: 3,
    foot: "events",
    memoryAt: hpa(0x85_0000n),
    draft: { requester: "00:05.0", pasid: "", address: "0x100000", access: "read" },
    at: 0,
  },
};

const encode = async (state: LinkState): Promise<string> => {
  const outcome = await encodeLink(state, nodePacker);
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return outcome.value;
};
const packed = async (json: unknown) =>
  `1.${toBase64Url(await nodePacker.pack(new TextEncoder().encode(typeof json === "string" ? json : JSON.stringify(json))))}`;
const refusal = async (fragment: string) => {
  const outcome = await decodeLink(fragment, nodePacker);
  return outcome.ok ? "was read" : `${outcome.problem.place}: ${outcome.problem.message}`;
};
/** The JSON of STATE with one key changed. */
const changed = (change: object): object => ({
  ...JSON.parse(
    JSON.stringify({ ...STATE, operations: [], view: { ...STATE.view, memoryAt: "0x0" } }),
  ),
  ...change,
});
const stream = { op: "dma", requester: 1, pasid: null, access: "read", address: "0x0", length: 8 };

describe("links", () => {
  it("bring back every state that they carry", async () => {
    await fc.assert(
      fc.asyncProperty(linkStates, async (state) => {
        const fragment = await encode(state);
        expect(fragment).toMatch(/^1\.[\w-]+$/);
        expect(await decodeLink(`#${fragment}`, nodePacker)).toEqual({ ok: true, value: state });
      }),
    );
  });

  it("are short", async () => {
    expect((await encode(STATE)).length).toBeLessThan(600);
    const operations = Array.from({ length: 500 }, (_, n) => ({
      op: "dma" as const,
      requester: requesterId(0x28),
      pasid: null,
      access: "read" as const,
      address: iova(BigInt(n) << 12n),
      length: 8,
    }));
    expect((await encode({ ...STATE, operations })).length).toBeLessThan(8000);
  });

  it.each([
    ["nothing", async () => "", "this is no link of this program"],
    ["another version", async () => "2.abc", "or one of a later version"],
    ["a foreign character", async () => "1.ab%20", "a character is not one of A-Z"],
    ["a length that no bytes have", async () => "1.abcde", "a character is not one of"],
    [
      "too many characters",
      async () => `1.${"a".repeat(200_000)}`,
      "longer than 100000 characters",
    ],
    ["a cut link", async () => (await encode(STATE)).slice(0, -20), "damaged or was cut off"],
    ["what unpacks to no JSON", () => packed("{]"), "line 1 column 2: this is not valid JSON"],
    [
      "what unpacks to too much",
      () => packed(" ".repeat(2 ** 20 + 1)),
      "unpacked, it is larger than 1 MiB",
    ],
    [
      "an unknown key",
      () => packed(changed({ script: "alert(1)" })),
      "script: this key is not known here",
    ],
    ["a missing key", () => packed(changed({ profile: undefined })), "profile: expected"],
    [
      "an unknown operation",
      () => packed(changed({ operations: [{ op: "fetch" }] })),
      "operations[0].op: expected",
    ],
    [
      "an address that is too large",
      () =>
        packed(
          changed({ operations: [{ op: "edit", address: "0x10000000000000", value: "0x0" }] }),
        ),
      "operations[0].address: expected a number of at most 52 bits",
    ],
    [
      "a requester that is none",
      () => packed(changed({ operations: [{ ...stream, requester: 65536 }] })),
      "operations[0].requester: expected an integer from 0 to 65535, found 65536",
    ],
    [
      "streams without end",
      () =>
        packed(
          changed({
            operations: [
              { ...stream, repeat: 600_000 },
              { ...stream, repeat: 600_000 },
            ],
          }),
        ),
      "operations: more than 1000000 requests in all",
    ],
    [
      "requests of gigabytes",
      () => packed(changed({ operations: [{ ...stream, length: 65536, repeat: 2000 }] })),
      "operations: requests of more than 64 MiB in all",
    ],
  ])("refuse %s", async (_, fragment, message) => {
    expect(await refusal(await fragment())).toContain(message);
  });

  it("are not written when they could not be read again", async () => {
    const draft = { ...STATE.view.draft, address: "x".repeat(101) };
    expect(
      await encodeLink({ ...STATE, view: { ...STATE.view, draft } }, nodePacker),
    ).toMatchObject({
      ok: false,
      problem: { place: "view.draft.address" },
    });
    const edits = Array.from({ length: 10_000 }, (_, n) => ({
      op: "edit" as const,
      address: hpa(BigInt(n) * 8n),
      value: (BigInt(n) * 0x9e37_79b9_7f4a_7c15n) % 2n ** 64n,
    }));
    expect(await encodeLink({ ...STATE, operations: edits }, nodePacker)).toMatchObject({
      ok: false,
      problem: { message: "more operations than a link of 100000 characters can carry" },
    });
  });
});

describe("base64url", () => {
  it("brings back any bytes and agrees with the platform", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(fromBase64Url(text)).toEqual(bytes);
      }),
    );
  });
});

// Damaged files and links: always an answer, never an exception, never a hang.
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { iova, pasid, requesterId } from "../base/brand.ts";
import { Store } from "../hardware/memory/store.ts";
import { Session } from "../session/session.ts";
import { sourceOf } from "../testing/core-files.ts";
import { nodePacker } from "../testing/link-packer.ts";
import { linkStates } from "../testing/link-states.ts";
import { DAMAGED, damaged, damagedText, expectAnswer } from "../testing/mutations.ts";
import type { ByteSource } from "./byte-source.ts";
import { CasePlayer } from "./conformance.ts";
import { readElfCore } from "./elf-core.ts";
import { decodeLink, encodeLink } from "./link.ts";
import { readLookups } from "./lookups.ts";
import { readRecordedCases } from "./recorded-cases.ts";
import { hostAddressWidth, readRegisterListing } from "./register-listing.ts";
import { readSamples } from "./samples.ts";

const LIMIT = 600_000;

const file = (path: string) => readFileSync(new URL(path, import.meta.url));
const packedImage = file("../../public/samples/linux-7.2-first-stage.elf.gz");
const image = gunzipSync(packedImage);

/** Unpacks as a page does. */
function unpacked(bytes: Uint8Array): ByteSource {
  const stream = new Blob([Uint8Array.from(bytes)]).stream();
  const reader = stream.pipeThrough(new DecompressionStream("gzip")).getReader();
  return {
    name: "tables.elf.gz",
    atMost: 1032 * bytes.length,
    read: () => reader.read(),
    cancel: () => reader.cancel(),
  };
}

describe(`of ${DAMAGED} damaged inputs each gets an answer`, () => {
  it("as a memory image", { timeout: LIMIT }, async () => {
    let refused = 0;
    const known = fc.boolean();
    await fc.assert(
      fc.asyncProperty(damaged(image), known, async (bytes, sizeKnown) => {
        const source = sourceOf(bytes, 65536);
        const atMost = sizeKnown ? bytes.length : Number.POSITIVE_INFINITY;
        const read = () => readElfCore({ ...source, atMost }, new Store(), { haw: 48 });
        const outcome = await expectAnswer(read);
        if (outcome.ok) return;
        refused++;
        expect(outcome.problem.place).toMatch(/^byte 0x[0-9a-f]+$/);
      }),
      { numRuns: DAMAGED },
    );
    expect(refused).toBeGreaterThan(DAMAGED / 10);
  });

  it("as a packed memory image", { timeout: LIMIT }, async () => {
    await fc.assert(
      fc.asyncProperty(damaged(packedImage), async (bytes) => {
        await expectAnswer(() => readElfCore(unpacked(bytes), new Store(), { haw: 48 }));
      }),
      { numRuns: DAMAGED / 4 },
    );
  });

  it("as a register listing", { timeout: LIMIT }, async () => {
    const text = file("../../public/samples/linux-7.2-first-stage.registers.txt").toString();
    await fc.assert(
      fc.asyncProperty(damagedText(text), async (damage) => {
        await expectAnswer(() => readRegisterListing("registers.txt", damage));
      }),
      { numRuns: DAMAGED },
    );
  });

  it("as a machine that is opened, looked over and used", { timeout: LIMIT }, async () => {
    const listing = file("../../public/samples/linux-7.2-first-stage.registers.txt").toString();
    const digits = fc.stringMatching(/^[0-9a-f]{8}$/);
    const registers = fc.array(fc.tuple(fc.nat(46), digits), { maxLength: 6 }).map((changes) => {
      const words = [...listing.matchAll(/0x[0-9a-f]{8}/g)];
      let text = listing;
      for (const [which, value] of changes) {
        const { index } = words[which] ?? { index: -1 };
        if (index >= 0) text = `${text.slice(0, index + 2)}${value}${text.slice(index + 10)}`;
      }
      return text;
    });
    const profile = fc.constantFrom("spec", "qemu");
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(
        damaged(image),
        registers,
        profile,
        fc.nat(0xffff),
        async (bytes, text, which, sid) => {
          const outcome = await expectAnswer(async () => {
            const found = readRegisterListing("registers.txt", text);
            if (!found.ok) return found;
            const store = new Store();
            const haw = hostAddressWidth(found.value);
            const read = await readElfCore(sourceOf(bytes, 65536), store, { haw });
            if (!read.ok) return read;
            const origin = { kind: "own", tables: "t", registers: "r", digest: "0" } as const;
            const info = { origin, title: "t", provenance: "", haw, names: new Map() };
            const session = Session.open({
              store,
              registers: found.value.words,
              profile: which,
              info,
            });
            if (!session.ok) return session;
            const survey = session.value.survey();
            for (const requester of [
              requesterId(sid),
              ...survey.requesters.map((r) => r.requester).slice(0, 4),
            ]) {
              const address = iova(0x10_0000n);
              session.value.probe({ requester, pasid: null, access: "read", address, length: 4 });
              session.value.run({
                op: "dma",
                requester,
                pasid: pasid(37),
                access: "write",
                address,
                length: 8,
              });
            }
            return session;
          });
          if (outcome.ok) opened++;
        },
      ),
      { numRuns: DAMAGED / 2 },
    );
    expect(opened).toBeGreaterThan(DAMAGED / 20);
  });

  it("as lookups", { timeout: LIMIT }, async () => {
    const text = gunzipSync(
      file("../testing/fixtures/linux-7.2-first-stage.lookups.jsonl.gz"),
    ).toString();
    await fc.assert(
      fc.asyncProperty(damagedText(text), async (damage) => {
        const outcome = await expectAnswer(() => readLookups("lookups.jsonl", damage));
        if (!outcome.ok && damage.trim() !== "") expect(outcome.problem.place).toMatch(/^line \d+/);
      }),
      { numRuns: DAMAGED },
    );
  });

  it("as recorded cases", { timeout: LIMIT }, async () => {
    const all = JSON.parse(gunzipSync(file("../testing/fixtures/cases-spec.json.gz")).toString());
    const text = JSON.stringify({ ...all, cases: all.cases.slice(0, 3) });
    const player = new CasePlayer();
    let played = 0;
    // Damage anywhere mostly ends in the reader; another digit in a number is played.
    const digits = [...text.matchAll(/(?<=0x)[0-9a-f]/g)].map(({ index }) => index);
    const otherDigit = fc
      .tuple(fc.constantFrom(...digits), fc.constantFrom(..."0123456789abcdef"))
      .map(([at, digit]) => text.slice(0, at) + digit + text.slice(at + 1));
    const damages = fc.oneof(damagedText(text), otherDigit);
    await fc.assert(
      fc.asyncProperty(damages, async (damage) => {
        const outcome = await expectAnswer(() => readRecordedCases("cases.json", damage));
        if (!outcome.ok && damage.startsWith("{")) expect(outcome.problem.place).not.toBe("");
        if (!outcome.ok) return;
        played++;
        for (const one of outcome.value.cases) player.play(one);
      }),
      { numRuns: DAMAGED },
    );
    expect(played).toBeGreaterThan(DAMAGED / 10);
  });

  it("as a link", { timeout: LIMIT }, async () => {
    const noises = fc.uint8Array({ minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        linkStates,
        fc.boolean(),
        noises,
        fc.nat(),
        async (state, inside, noise, at) => {
          const encoded = await encodeLink(state, nodePacker);
          const fragment = encoded.ok ? encoded.value : "1.";
          const json = inside
            ? await nodePacker.unpack(Buffer.from(fragment.slice(2), "base64url"), 2 ** 20)
            : null;
          const spoiled = json
            ? `1.${Buffer.from(await nodePacker.pack(splice(json, noise, at))).toString("base64url")}`
            : Buffer.from(splice(Buffer.from(fragment), noise, at)).toString();
          await expectAnswer(() => decodeLink(spoiled, nodePacker));
        },
      ),
      { numRuns: DAMAGED },
    );
  });

  it("as a list of samples", { timeout: LIMIT }, async () => {
    const text = file("../../public/samples/index.json").toString();
    await fc.assert(
      fc.asyncProperty(damagedText(text), async (damage) => {
        await expectAnswer(() => readSamples("index.json", damage));
      }),
      { numRuns: DAMAGED / 4 },
    );
  });
});

/** `bytes` with some of them replaced by `noise`. */
function splice(bytes: Uint8Array, noise: Uint8Array, at: number): Uint8Array {
  const from = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, from), noise, bytes.subarray(from + noise.length)]);
}

describe("a gzip bomb", () => {
  it("is stopped at the limit while it is unpacked", { timeout: LIMIT }, async () => {
    // 1.5 MB that become 1.5 GiB: zeros behind a core file of one page.
    const member = gzipSync(new Uint8Array(2 ** 26), { level: 9 });
    const head = gzipSync(image);
    const bomb = Buffer.concat([head, ...Array.from({ length: 24 }, () => member)]);
    const before = process.memoryUsage();
    let peak = 0;
    const { createGunzip } = await import("node:zlib");
    const pieces = createGunzip();
    pieces.end(bomb);
    const iterator = pieces[Symbol.asyncIterator]();
    const source: ByteSource = {
      name: "bomb.gz",
      atMost: Number.POSITIVE_INFINITY,
      read: async () => {
        peak = Math.max(peak, process.memoryUsage.rss());
        const { done, value } = await iterator.next();
        return { done: done === true, value };
      },
      cancel: async () => pieces.destroy(),
    };
    const outcome = await readElfCore(source, new Store(), { haw: 48 });
    expect(outcome).toMatchObject({
      problem: {
        place: "byte 0x40000000",
        message: "unpacked, the file is larger than 1024 MiB, the most that is read",
      },
    });
    expect(peak - before.rss).toBeLessThan(400 * 2 ** 20);
  });
});

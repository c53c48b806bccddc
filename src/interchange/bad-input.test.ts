// Damaged files and links: always an answer, never an exception, never a hang.
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Store } from "../hardware/memory/store.ts";
import { sourceOf } from "../testing/core-files.ts";
import { nodePacker } from "../testing/link-packer.ts";
import { linkStates } from "../testing/link-states.ts";
import { DAMAGED, damaged, damagedText, expectAnswer } from "../testing/mutations.ts";
import type { ByteSource } from "./byte-source.ts";
import { readElfCore } from "./elf-core.ts";
import { decodeLink, encodeLink } from "./link.ts";
import { readLookups } from "./lookups.ts";
import { readRecordedCases } from "./recorded-cases.ts";
import { readRegisterListing } from "./register-listing.ts";
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
    await fc.assert(
      fc.asyncProperty(damagedText(text), async (damage) => {
        const outcome = await expectAnswer(() => readRecordedCases("cases.json", damage));
        if (!outcome.ok && damage.startsWith("{")) expect(outcome.problem.place).not.toBe("");
      }),
      { numRuns: DAMAGED },
    );
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

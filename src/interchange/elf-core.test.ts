import { describe, expect, it } from "vitest";
import { hpa } from "../base/brand.ts";
import { describeProblem } from "../base/result.ts";
import { Store } from "../hardware/memory/store.ts";
import { coreFile, numbered, sourceOf } from "../testing/core-files.ts";
import type { ByteSource } from "./byte-source.ts";
import { type ImageOptions, readElfCore } from "./elf-core.ts";

const read = async (bytes: Uint8Array, size = 1000, options: Partial<ImageOptions> = {}) => {
  const store = new Store();
  const outcome = await readElfCore(sourceOf(bytes, size), store, { haw: 48, ...options });
  return { store, outcome };
};

const refusal = async (bytes: Uint8Array, options: Partial<ImageOptions> = {}) => {
  const { outcome } = await read(bytes, 1000, options);
  return outcome.ok ? "was read" : describeProblem(outcome.problem);
};

/** A file of two pages at 1 MiB and one at 4 GiB with one field of its headers changed. */
function changed(change: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = coreFile([
    { address: 0x10_0000n, bytes: numbered(8192) },
    { address: 0x1_0000_0000n, bytes: numbered(4096, 7) },
  ]);
  change(new DataView(bytes.buffer), bytes);
  return bytes;
}

describe("reading a core file", () => {
  it.each([1, 7, 4096, 5000, 1 << 20])("places memory from pieces of %i bytes", async (size) => {
    const file = coreFile([
      { address: 0n, bytes: numbered(100), type: 4 },
      { address: 0x10_0000n, bytes: numbered(3 * 4096, 3) },
      { address: 0xffff_f000n, bytes: numbered(4096, 9) },
    ]);
    const { store, outcome } = await read(file, size);
    expect(outcome).toEqual({
      ok: true,
      value: { bytes: file.length, memory: 4 * 4096, segments: 2 },
    });
    expect(store.readBytes(hpa(0x10_0000n), 3 * 4096)).toEqual(numbered(3 * 4096, 3));
    expect(store.readBytes(hpa(0xffff_f000n), 4096)).toEqual(numbered(4096, 9));
    expect(store.ranges()).toEqual([
      { start: 0x10_0000n, length: 0x3000n },
      { start: 0xffff_f000n, length: 0x1000n },
    ]);
  });

  it("joins segments that share a page, and fills the rest of a page with zeros", async () => {
    const { store, outcome } = await read(
      coreFile([
        { address: 0x1800n, bytes: numbered(0x900, 1) },
        { address: 0x1000n, bytes: numbered(0x800, 5) },
      ]),
    );
    expect(outcome.ok).toBe(true);
    expect(store.readBytes(hpa(0x1000n), 0x800)).toEqual(numbered(0x800, 5));
    expect(store.readBytes(hpa(0x1800n), 0x900)).toEqual(numbered(0x900, 1));
    expect(store.readBytes(hpa(0x2100n), 0xf00)).toEqual(new Uint8Array(0xf00));
  });

  it("tells its progress and waits for who is told", async () => {
    const told: number[][] = [];
    const file = coreFile([{ address: 0n, bytes: numbered(4096) }]);
    let waited = 0;
    await read(file, 1000, {
      progress: async (done, total) => {
        told.push([done, total]);
        await Promise.resolve();
        waited++;
      },
    });
    expect(told.at(-1)).toEqual([file.length, file.length]);
    expect(waited).toBe(told.length);
  });

  it.each<[string, (view: DataView, bytes: Uint8Array) => void, string]>([
    [
      "no ELF",
      (_, b) => b.fill(0x66, 0, 4),
      "byte 0x0: this is no ELF core file: it begins with 66 66 66 66",
    ],
    ["32-bit", (v) => v.setUint8(4, 1), "byte 0x4: ELF class 1 instead of 2"],
    ["big-endian", (v) => v.setUint8(5, 2), "byte 0x5: ELF byte order 2 instead of 1"],
    ["a program", (v) => v.setUint16(16, 2, true), "byte 0x10: ELF type 2 instead of 4"],
    [
      "another machine",
      (v) => v.setUint16(18, 183, true),
      "byte 0x12: ELF machine 183 instead of 62",
    ],
    ["no headers", (v) => v.setUint16(56, 0, true), "byte 0x38: the file has no program headers"],
    ["a huge count", (v) => v.setUint16(56, 0xffff, true), "byte 0x38: more than 65534"],
    [
      "a count beyond the file",
      (v) => v.setUint16(56, 0xfffe, true),
      "the file ends here, but the program headers go on",
    ],
    [
      "other header sizes",
      (v) => v.setUint16(54, 8, true),
      "byte 0x36: program headers of 8 bytes",
    ],
    [
      "headers far away",
      (v) => v.setBigUint64(32, 2n ** 40n, true),
      "byte 0x20: 2 program headers at byte 0x10000000000",
    ],
    ["headers nowhere", (v) => v.setBigUint64(32, 2n ** 64n - 1n, true), "byte 0x20:"],
    [
      "only notes",
      (v) => {
        v.setUint32(64, 4, true);
        v.setUint32(120, 4, true);
      },
      "byte 0x40: no program header holds memory",
    ],
    [
      "an offset beyond the end",
      (v) => v.setBigUint64(72, 2n ** 63n, true),
      "byte 0x48: program header 0: its bytes 0x8000000000000000 to 0x8000000000001fff lie beyond the end",
    ],
    [
      "an address above the width",
      (v) => v.setBigUint64(144, 1n << 48n, true),
      "byte 0x90: program header 1: memory 0x1000000000000 to 0x1000000000fff lies above the host address width of 48 bits",
    ],
    ["too much memory", (v) => v.setBigUint64(96, 2n ** 62n, true), "byte 0x48: program header 0:"],
    [
      "the same memory twice",
      (v) => v.setBigUint64(144, 0x10_1000n, true),
      "byte 0x78: this program header and the one at byte 0x40 hold the same memory at 0x101000",
    ],
    [
      "the same bytes twice",
      (v) => v.setBigUint64(128, 176n, true),
      "hold the same byte of the file 0xb0",
    ],
  ])("refuses %s", async (_, change, message) => {
    expect(await refusal(changed(change))).toContain(`tables.elf: `);
    expect(await refusal(changed(change))).toContain(message);
  });

  it("says where a cut file ends and what is missing", async () => {
    const file = coreFile([{ address: 0x20_0000n, bytes: numbered(8192) }]);
    // A packed file does not say how long it will be.
    const cut = { ...sourceOf(file.subarray(0, 5000)), atMost: Number.POSITIVE_INFINITY };
    const outcome = await readElfCore(cut, new Store(), { haw: 48 });
    expect(outcome).toMatchObject({
      problem: {
        place: "byte 0x1388",
        message: expect.stringContaining("memory at 0x201310 goes on to byte 0x2078"),
      },
    });
    expect(await refusal(file.subarray(0, 30))).toContain(
      "byte 0x1e: the file ends inside its ELF header",
    );
    expect(await refusal(new Uint8Array(0))).toContain(
      "this is no ELF core file: it begins with nothing",
    );
  });

  it("takes memory above 64 GiB as quickly as any other", async () => {
    const bytes = new Uint8Array(64 * 2 ** 20);
    bytes.set(numbered(16, 3), 0x300_0000);
    const start = performance.now();
    const { store, outcome } = await read(coreFile([{ address: 1n << 40n, bytes }]), 1 << 20);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(outcome.ok).toBe(true);
    expect(store.ranges()).toEqual([{ start: 1n << 40n, length: 0x400_0000n }]);
    expect(store.readBytes(hpa((1n << 40n) + 0x300_0000n), 16)).toEqual(numbered(16, 3));
  });

  it("takes 65,000 pages apart from each other, above 64 GiB, within a second", async () => {
    const segments = Array.from({ length: 65_000 }, (_, n) => ({
      address: (1n << 40n) + BigInt(n) * 0x2000n,
      bytes: Uint8Array.of(n),
    }));
    const file = coreFile(segments);
    const start = performance.now();
    const { store, outcome } = await read(file, 1 << 20);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(outcome).toMatchObject({ ok: true, value: { memory: 65_000, segments: 65_000 } });
    expect(store.ranges()).toHaveLength(65_000);
  });

  it("refuses more memory than is read before any of it comes", async () => {
    const file = changed((view) => {
      view.setBigUint64(96, 1n << 30n, true);
      view.setBigUint64(144, 1n << 40n, true);
    });
    const unknown = { ...sourceOf(file), atMost: Number.POSITIVE_INFINITY };
    expect(await readElfCore(unknown, new Store(), { haw: 48 })).toMatchObject({
      problem: {
        place: "byte 0x98",
        message: "program header 1: memory is larger than 1024 MiB, the most that is read",
      },
    });
  });

  it("stops asking at the limit, however much would come", async () => {
    const file = coreFile([{ address: 0n, bytes: numbered(4096) }]);
    let pieces = 0;
    let cancelled = false;
    const endless: ByteSource = {
      name: "bomb.gz",
      atMost: Number.POSITIVE_INFINITY,
      read: async () => ({ done: false, value: pieces++ === 0 ? file : new Uint8Array(1 << 16) }),
      cancel: async () => {
        cancelled = true;
      },
    };
    const outcome = await readElfCore(endless, new Store(), { haw: 48, limit: 1 << 20 });
    expect(outcome).toMatchObject({
      problem: { message: "unpacked, the file is larger than 1 MiB, the most that is read" },
    });
    expect(cancelled).toBe(true);
    expect(pieces).toBeLessThan(20);
  });

  it("passes on why the platform could not unpack", async () => {
    const broken: ByteSource = {
      ...sourceOf(new Uint8Array(0)),
      read: () => Promise.reject(new Error("the gzip data are damaged")),
    };
    expect(await readElfCore(broken, new Store(), { haw: 48 })).toMatchObject({
      problem: { place: "byte 0x0", message: expect.stringContaining("the gzip data are damaged") },
    });
  });
});

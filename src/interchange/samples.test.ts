import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { describeProblem } from "../base/result.ts";
import { Store } from "../hardware/memory/store.ts";
import { sourceOf } from "../testing/core-files.ts";
import { readElfCore } from "./elf-core.ts";
import { readRegisterListing } from "./register-listing.ts";
import { readSamples } from "./samples.ts";

const folder = new URL("../../public/samples/", import.meta.url);
const text = readFileSync(new URL("index.json", folder), "utf8");
const shipped = readSamples("index.json", text);
const samples = shipped.ok ? shipped.value : [];

describe("shipped samples", () => {
  it("are three, each with names and requests", () => {
    expect(samples.map(({ id }) => id)).toEqual([
      "debian-6.12-second-stage",
      "linux-7.2-first-stage",
      "debian-6.1-legacy",
    ]);
    for (const { names, requests, provenance } of samples) {
      const first = requests[0]?.requester;
      expect(first !== undefined && names.get(first)).toBe("NVMe");
      expect(requests.length).toBeGreaterThan(3);
      expect(provenance).toContain("QEMU 11.1.3");
    }
  });

  it.each(samples.map((sample) => [sample.id, sample] as const))(
    "%s can be read",
    async (_, sample) => {
      expect(existsSync(new URL(sample.tables, folder))).toBe(true);
      const registers = readFileSync(new URL(sample.registers, folder), "utf8");
      const listing = readRegisterListing(sample.registers, registers);
      const rtaddr = listing.ok ? listing.value.rtaddr : 0n;
      const store = new Store();
      const image = gunzipSync(readFileSync(new URL(sample.tables, folder)));
      const outcome = await readElfCore(sourceOf(image, 65536), store, { haw: sample.haw });
      expect(outcome.ok).toBe(true);
      expect(
        store.ranges().some(({ start, length }) => rtaddr >= start && rtaddr < start + length),
      ).toBe(true);
    },
  );

  it("are refused with a place when their list is wrong", () => {
    const list = JSON.parse(text);
    const refusal = (json: unknown) => {
      const outcome = readSamples("index.json", JSON.stringify(json));
      return outcome.ok ? "was read" : describeProblem(outcome.problem);
    };
    const first = list.samples[0];
    expect(refusal({ samples: [first, first] })).toBe(
      "index.json: samples[1].id: this id occurs twice",
    );
    expect(refusal({ samples: [{ ...first, tables: "../../secret" }] })).toContain(
      "samples[0].tables: expected a file name",
    );
    expect(refusal({ samples: [{ ...first, names: { "1:2": "x" } }] })).toContain(
      "samples[0].names: expected PCI addresses",
    );
    expect(
      refusal({
        samples: [{ ...first, requests: [{ ...first.requests[0], requester: "00:20.0" }] }],
      }),
    ).toContain("samples[0].requests[0].requester: expected a PCI address");
  });
});

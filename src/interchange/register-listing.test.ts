import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeProblem } from "../base/result.ts";
import { hostAddressWidth, readRegisterListing } from "./register-listing.ts";

const LINES = [
  "(qemu) xp /80wx 0xfed90000",
  "fed90000: 0x00000010 0x00000000 0x222f0606 0x81d2008c",
  "fed90010: 0x00f00f4a 0x00008800 0x00000000 0xc7000000",
  "fed90020: 0x00850400 0x00000001 0x00000000 0x00000000",
  "fed90230: Cannot access memory",
];

const refusal = (text: string) => {
  const outcome = readRegisterListing("r.txt", text);
  return outcome.ok ? "was read" : describeProblem(outcome.problem);
};

describe("reading a register listing", () => {
  it("takes address and words, and skips every other line", () => {
    const outcome = readRegisterListing("r.txt", LINES.join("\r\n"));
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        base: 0xfed9_0000n,
        ver: 0x10,
        cap: 0x81d2_008c_222f_0606n,
        ecap: 0x8800_00f0_0f4an,
        gsts: 0xc700_0000,
        rtaddr: 0x1_0085_0400n,
      },
    });
    expect(outcome.ok && outcome.value.words.size).toBe(12);
  });

  it("finds the registers at another base, in any order, with wide words", () => {
    const moved = LINES.map((line) => line.replace(/^fed9/, "00000000d000")).reverse();
    const wide = "d0000028: 0x0123456789abcdef";
    const outcome = readRegisterListing(
      "r.txt",
      [...moved.filter((l) => !l.includes("0020")), "d0000020: 0x0000000100850400", wide].join(
        "\n",
      ),
    );
    expect(outcome).toMatchObject({
      ok: true,
      value: { base: 0xd000_0000n, rtaddr: 0x1_0085_0400n },
    });
    expect(outcome.ok && outcome.value.words.get(0x28)).toBe(0x89ab_cdef);
    expect(outcome.ok && outcome.value.words.get(0x2c)).toBe(0x0123_4567);
  });

  it.each([
    [0x81d2_008c_222f_0606n, 48],
    [0x80d2_008c_2226_0206n, 39],
    [0x3f_0000n, 52],
    [0n, 32],
  ])("gives CAP 0x%x a host address width of %i bits", (cap, width) => {
    const outcome = readRegisterListing("r.txt", LINES.join("\n"));
    expect(outcome.ok && hostAddressWidth({ ...outcome.value, cap })).toBe(width);
  });

  it("reads what the shipped samples hold", () => {
    const file = new URL(
      "../../public/samples/debian-6.12-second-stage.registers.txt",
      import.meta.url,
    );
    const outcome = readRegisterListing("r.txt", readFileSync(file, "utf8"));
    expect(outcome).toMatchObject({ ok: true, value: { base: 0xfed9_0000n, ver: 0x10 } });
  });

  it.each([
    ["nothing", "", "r.txt: no line of the form"],
    ["a log", "DMAR: dmar0: reg_base_addr fed90000 ver 1:0", "r.txt: no line of the form"],
    [
      "one missing register",
      LINES.filter((l) => !l.startsWith("fed90020")).join("\n"),
      "r.txt: registers at 0xfed90000: RTADDR_REG (offset 0x20) is missing",
    ],
    [
      "several missing registers",
      "fed90000: 0x10 0x0",
      "CAP_REG (offset 0x08), ECAP_REG (offset 0x10), GSTS_REG (offset 0x1c), RTADDR_REG (offset 0x20) are missing",
    ],
    ["half a register", "fed90000: 0x10 0 0x1\nfed90000: 0x10 0x0 0x1", "CAP_REG"],
    [
      "two answers",
      [...LINES, "fed90000: 0x00000011"].join("\n"),
      "line 6: offset 0x0 is 0x00000011 here and 0x00000010 in a line before",
    ],
    [
      "an odd address",
      [...LINES, "fed90042: 0x1"].join("\n"),
      "line 6: address 0xfed90042 is no multiple of 4",
    ],
    [
      "an address far away",
      [...LINES, "ffffffff00000000: 0x1"].join("\n"),
      "line 6: address 0xffffffff00000000 is more than 64 KiB above",
    ],
  ])("refuses %s", (_, text, message) => {
    expect(refusal(text)).toContain(message);
  });
});

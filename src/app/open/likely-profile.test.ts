// Which machines open in the profile qemu: identification registers as units of both kinds show them.
import { describe, expect, it } from "vitest";
import { likelyProfile } from "./likely-profile.ts";

describe("the profile of an image of unknown origin", () => {
  it.each([
    ["legacy or second-stage", 0x80d2_008c_222f_0606n, 0x0000_0000_00f0_0f4an],
    ["scalable mode", 0x80d2_008c_222f_0606n, 0x0000_4800_80f0_0f4an],
    ["first-stage", 0x81d2_008c_222f_0606n, 0x0000_8800_00f0_0f4an],
    ["caching mode", 0x80d2_008c_222f_0686n, 0x0000_0000_00f0_0f4an],
    ["39 bits", 0x80d2_008c_2226_0206n, 0x0000_0000_00f0_0f4an],
    ["devices with PASIDs", 0x81d2_008c_222f_0606n, 0x0000_8d9a_20f0_0f4en],
  ])("is qemu for QEMU's unit, %s", (_, cap, ecap) => {
    expect(likelyProfile({ ver: 0x10, cap, ecap })).toBe("qemu");
  });

  it.each([
    ["another version", 0x40, 0x80d2_008c_222f_0606n, 0x0000_4800_80f0_0f4an],
    ["another CAP_REG", 0x10, 0x19ed_008c_40c7_80c6n, 0x0000_4800_80f0_0f4an],
    ["another ECAP_REG", 0x10, 0x80d2_008c_222f_0606n, 0x0000_003e_e9e8_6f05n],
  ])("is spec for %s", (_, ver, cap, ecap) => {
    expect(likelyProfile({ ver, cap, ecap })).toBe("spec");
  });
});

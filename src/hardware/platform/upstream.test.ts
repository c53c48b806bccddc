// The way of a request from a function to the remapping unit: requester ids, bus master, PASID, ACS, peers.
import { describe, expect, test } from "vitest";
import { formatBdf } from "../../base/bdf.ts";
import { iova, pasid } from "../../base/brand.ts";
import type { Platform, SendRequest } from "./platform.ts";
import { ACCELERATOR, bdf, DESCRIPTION, enable, open } from "./platform-fixture.ts";

const READ: SendRequest = { pasid: null, access: "read", address: iova(0x1000n), length: 4 };
const all = DESCRIPTION.functions.map(({ address }) => address);

function ready(): Platform {
  const p = open();
  enable(p, ...all);
  return p;
}

/** What became of a request: the requester that the unit saw, or why it did not. */
function fate(p: Platform, address: string, request: Partial<SendRequest> = {}): string {
  p.takeEvents();
  p.send(bdf(address), { ...READ, ...request });
  for (const event of p.takeEvents()) {
    if (event.kind === "not sent") return event.because;
    if (event.kind === "request") return formatBdf(event.requester);
  }
  return "nothing";
}

function acsControl(p: Platform, address: string, bits: number): void {
  const f = bdf(address);
  for (let at = 0x100; at !== 0; at = p.readConfiguration(f, at, 4) >>> 20) {
    if (p.readConfiguration(f, at, 2) === 0x0d) p.writeConfiguration(f, at + 6, 2, bits);
  }
}

function barOf(p: Platform, address: string): bigint {
  const f = bdf(address);
  const low = BigInt((p.readConfiguration(f, 0x10, 4) & ~0xf) >>> 0);
  return low | (BigInt(p.readConfiguration(f, 0x14, 4)) << 32n);
}

test.each([
  ["6a:01.0", "6a:01.0"],
  ["03:00.0", "03:00.0"],
  // Behind a PCIe-to-PCI bridge: the bus below it, device and function 0; also from a further bridge.
  ["05:01.0", "05:00.0"],
  ["06:00.0", "05:00.0"],
  // Behind a conventional bridge: the bridge itself.
  ["07:03.0", "00:1e.0"],
  ["00:1f.2", "00:1f.2"],
])("the unit sees %s as %s", (from, seen) => {
  const p = ready();
  expect(fate(p, from)).toBe(seen);
  expect(formatBdf(p.aliasOf(bdf(from)) ?? bdf("0:0.0"))).toBe(seen);
});

test("a function without bus master, or below a bridge without, sends nothing", () => {
  const p = ready();
  p.writeConfiguration(bdf("03:00.0"), 4, 2, 2);
  expect(fate(p, "03:00.0")).toBe("bus master is off");
  p.writeConfiguration(bdf("02:01.0"), 4, 2, 2);
  expect(fate(p, "04:00.0")).toBe("bus master is off");
});

test("a PASID needs the function's leave and its width", () => {
  const p = ready();
  const with_ = (value: number) => fate(p, "03:00.0", { pasid: pasid(value) });
  expect(with_(5)).toBe("PASID is not enabled in the function");
  p.writeConfiguration(bdf("03:00.0"), 0x106, 2, 1);
  expect(with_(255)).toBe("03:00.0");
  expect(with_(256)).toBe("the function's PASID width is smaller");
  expect(fate(p, "05:01.0", { pasid: pasid(1) })).toBe("PASID is not enabled in the function");
});

describe("a function that lies about its requester id", () => {
  const lie = (p: Platform, from: string, as: string) => fate(p, from, { requester: bdf(as) });

  test("is believed where no port looks", () => {
    expect(lie(ready(), "04:00.0", "6a:01.0")).toBe("6a:01.0");
  });

  test("is stopped by a port with source validation, unless the bus is one below that port", () => {
    const p = ready();
    acsControl(p, "02:00.0", 1);
    expect(lie(p, "03:00.0", "6a:01.0")).toBe("blocked by ACS source validation");
    expect(lie(p, "03:00.0", "04:00.0")).toBe("blocked by ACS source validation");
    expect(lie(p, "03:00.0", "03:00.1")).toBe("03:00.1");
    // The root port above has it as well, for all buses below it; slot B has not.
    acsControl(p, "00:01.0", 1);
    expect(lie(p, "04:00.0", "6a:01.0")).toBe("blocked by ACS source validation");
    expect(lie(p, "04:00.0", "03:00.0")).toBe("03:00.0");
  });

  test("gains nothing behind a bridge that speaks for it", () => {
    expect(lie(ready(), "05:01.0", "6a:01.0")).toBe("05:00.0");
  });
});

test("translated requests are stopped by translation blocking", () => {
  const p = ready();
  const translated = () => fate(p, "03:00.0", { addressType: "translated" });
  expect(translated()).toBe("03:00.0");
  acsControl(p, "02:00.0", 2);
  expect(translated()).toBe("blocked by ACS translation blocking");
});

describe("an address that a peer's registers have", () => {
  const turned = "turned to a peer below the unit";
  const ask = (p: Platform, from: string, to: string) =>
    fate(p, from, { address: iova(barOf(p, to)) });

  test("stays inside a switch without redirection and goes up with it", () => {
    const p = ready();
    expect(ask(p, "03:00.0", "04:00.0")).toBe(turned);
    acsControl(p, "02:00.0", 4);
    expect(ask(p, "03:00.0", "04:00.0")).toBe("03:00.0");
    // The port of the other card has no ACS.
    expect(ask(p, "04:00.0", "03:00.0")).toBe(turned);
  });

  test("stays on a conventional bus whatever ports above do", () => {
    const p = ready();
    expect(ask(p, "05:01.0", "06:00.0")).toBe(turned);
    expect(ask(p, "06:00.0", "05:01.0")).toBe(turned);
  });

  test("goes up from a root bus, to the unit", () => {
    const p = ready();
    expect(ask(p, "03:00.0", "6a:01.0")).toBe("03:00.0");
    expect(ask(p, "6a:01.0", "03:00.0")).toBe("6a:01.0");
  });

  test("is answered by the peer, without a walk", () => {
    const p = ready();
    p.takeEvents();
    const outcome = p.send(bdf("03:00.0"), { ...READ, address: iova(barOf(p, "04:00.0")) });
    expect(outcome).toMatchObject({ ok: true, kind: "untranslated", fault: null });
    expect([...(outcome.data ?? [])]).toEqual([0, 0, 0, 0]);
    expect(p.takeEvents().map(({ kind }) => kind)).toEqual(["not sent"]);
  });

  test("is no peer's once memory decoding is off", () => {
    const p = ready();
    p.writeConfiguration(bdf("04:00.0"), 4, 2, 4);
    expect(ask(p, "03:00.0", "04:00.0")).toBe("03:00.0");
  });
});

test("an interrupt message of the accelerator goes through the unit to the processor", () => {
  const p = ready();
  p.writeConfiguration(ACCELERATOR, 0x54, 4, 0xfee0_0000);
  p.writeConfiguration(ACCELERATOR, 0x5c, 2, 0x55);
  p.writeConfiguration(ACCELERATOR, 0x52, 2, 0x81);
  p.writeDevice(ACCELERATOR, 0x100, 4, 3n);
  const noop = new Uint8Array(64);
  noop[4] = 1;
  p.submit(ACCELERATOR, 0, noop);
  expect(p.takeInterrupts()).toEqual([0x55]);
});

// The worked example of one device with two PASIDs, as text made from the unit's own events: the first-stage walk of a
// write, and the refused read of a PASID whose entry is not present. Both start with empty caches.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { hpa } from "../base/brand.ts";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import { everyCache, LoadedUnit } from "./loaded-unit.ts";
import { addPage, type NaivePages, putWord } from "./naive-memory.ts";
import type { NaiveRequest } from "./naive-request.ts";

const REGISTERS = {
  ver: 0x60,
  cap: 0xd9d2_078c_5078_0e06n,
  ecap: 0x0023_ed9c_a4f0_60dfn,
  haw: 46,
};
const RTADDR = 0x1_06a0_0400n;
const LEAF = 0x1_0700_3f10n;

/** Address and words of every entry on the way. */
const TABLES: readonly (readonly [bigint, readonly bigint[]])[] = [
  [0x1_06a0_03b0n, [0x1_06b3_b001n]],
  [0x1_06b3_b020n, [0x1_06c0_001dn]],
  [0x1_06c0_0000n, [0x1_06c0_4001n]],
  [0x1_06c0_4940n, [0x49n, 0x80_0012n, 0x1_0700_0000n]],
  [0x1_0700_07f0n, [0x1_0700_1027n]],
  [0x1_0700_1750n, [0x1_0700_2027n]],
  [0x1_0700_2710n, [0x1_0700_3027n]],
  [LEAF, [0x8000_0002_245d_9027n]],
];

const WRITE: NaiveRequest = {
  requester: 0x3b01,
  pasid: 0x25,
  address: 0x7f3a_9c5e_2d48n,
  length: 8,
  access: "write",
  privileged: false,
  execute: false,
  translated: false,
};

function load(): LoadedUnit {
  const pages: NaivePages = new Map();
  for (const [address, words] of TABLES) {
    words.forEach((word, n) => {
      putWord(pages, address + 8n * BigInt(n), word);
    });
  }
  addPage(pages, 0x2_245d_9000n);
  const caches = everyCache(64);
  const loaded = new LoadedUnit({
    registers: REGISTERS,
    pages,
    rtaddr: RTADDR,
    enabled: true,
    caches,
  });
  loaded.unit.setTrace(true);
  loaded.unit.takeEvents();
  return loaded;
}

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** One line for each table read, flag update and ending; cache look-ups and fills say nothing about memory. */
function describeEvents(events: readonly HardwareEvent[]): string[] {
  const lines: string[] = [];
  for (const event of events) {
    if (event.kind === "request") {
      const { requester, pasid, access, address, length } = event;
      const who = `${hex(requester)} PASID ${pasid === null ? "none" : hex(pasid)}`;
      lines.push(`${access} of ${length} bytes at ${hex(address)} by ${who}`);
    } else if (event.kind === "read") {
      const level = event.level === null ? "" : ` level ${event.level}`;
      const words = event.words.map(hex).join(" ");
      lines.push(
        `read ${event.table}${level} [${hex(event.index)}] at ${hex(event.address)}: ${words} -> ${event.decision}`,
      );
    } else if (event.kind === "update") {
      lines.push(`update at ${hex(event.address)}: ${hex(event.before)} -> ${hex(event.after)}`);
    } else if (event.kind === "reached") {
      lines.push(`reached ${hex(event.target)} by ${event.how}`);
    } else if (event.kind === "refused") {
      lines.push(`refused with fault ${hex(event.reason)}`);
    }
  }
  return lines;
}

const digits = (value: bigint): string => `0x${value.toString(16).padStart(16, "0")}`;

test("eight reads lead to the page, and the write sets the dirty bit", () => {
  const loaded = load();
  const outcome = loaded.send(WRITE, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  const events = loaded.unit.takeEvents();
  expect(outcome.pieces[0]?.target).toBe(0x2_245d_9d48n);
  expect(outcome.mask).toBe(0xfffn);
  const reads = events.filter((event) => event.kind === "read");
  expect(reads.map((event) => event.address)).toEqual(TABLES.map(([address]) => address));
  for (const [n, [, words]] of TABLES.entries()) {
    // A structure may be read whole: what follows the stated words is zero.
    expect(reads[n]?.words.slice(0, words.length)).toEqual(words);
    expect(reads[n]?.words.slice(words.length).every((word) => word === 0n)).toBe(true);
  }
  expect(loaded.store.readWord(hpa(LEAF))).toBe(0x8000_0002_245d_9067n);
  expect(loaded.store.readWord(hpa(0x2_245d_9d48n))).toBe(0x0807_0605_0403_0201n);
  expect(loaded.faultStatus()).toBe(0n);
});

test("both walks read as in the golden text", () => {
  const granted = load();
  granted.send(WRITE, new Uint8Array(8));
  const refused = load();
  const outcome = refused.send({ ...WRITE, pasid: 0x26, access: "read" }, new Uint8Array());
  expect(outcome.fault).toBe(0x59);
  const [low = 0n, high = 0n] = refused.record() ?? [];
  expect([low, high]).toEqual([0x0000_7f3a_9c5e_2000n, 0xc000_2659_8000_3b01n]);
  // PPF, and FRI 0.
  expect(refused.faultStatus()).toBe(0x2n);
  const text = [
    ...describeEvents(granted.unit.takeEvents()),
    `leaf is now ${digits(granted.store.readWord(hpa(LEAF)))}`,
    "",
    ...describeEvents(refused.unit.takeEvents()),
    `fault record ${digits(low)} ${digits(high)}`,
    `FSTS ${hex(refused.faultStatus())}`,
    "",
  ].join("\n");
  const golden = new URL("./fixtures/worked-example.txt", import.meta.url);
  expect(text).toBe(readFileSync(golden, "utf8"));
});

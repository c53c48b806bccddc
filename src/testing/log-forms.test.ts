// Fault lines and dmar_translation_struct: the modelled kernel's and recorded ones (kernels 4.3 to 7.2, own boots and
// public reports) against one description of each form. A recorded record, given to the modelled handler, must print
// as kernels 5.2 to 5.13 printed it, to the character; recorded and modelled tables must be what one printer makes of
// their numbers.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { requesterId } from "../base/brand.ts";
import { dmar_fault_do_one } from "../linux/intel/fault.ts";
import { kernelOn, UNITS } from "../linux/intel/kernel.fixture.ts";
import { DESK } from "../session/presets/desk.ts";
import { SERVER } from "../session/presets/server.ts";
import { Session } from "../session/session.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

const LINES = fixture("fault-lines.txt").trimEnd().split("\n");

/** Every form since 4.3: `[0x..]` stood before bus and device for a while, PASIDs and segments came later. */
const ANY_AGE =
  /^DMAR: \[(?:(?<what>DMA Read|DMA Write)(?: (?:NO_PASID|PASID 0x(?<pasid>[0-9a-f]+)))?|INTR-REMAP)\] Request device \[(?:(?<segment>[0-9a-f]{4}):)?(?:0x)?(?<bus>[0-9a-f]{2}):(?:0x)?(?<device>[0-9a-f]{2})\.(?<func>[0-7])\](?: PASID (?<early>[0-9a-f]+))? (?:fault addr (?:0x)?(?<address>[0-9a-f]+)|fault index (?:0x)?(?<index>[0-9a-f]+)) \[fault reason (?:0x(?<hex>[0-9a-f]{2})|(?<decimal>\d{2,3}))\] (?<text>\S.*)$/;

/** 5.2 to 5.13: the age of the modelled kernel. */
const THIS_AGE =
  /^DMAR: \[(?:DMA Read|DMA Write)\] Request device \[[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\] PASID (?:0|[1-9a-f][0-9a-f]{0,7}) fault addr (?:0|[1-9a-f][0-9a-f]*) \[fault reason \d{2,3}\] \S.*$|^DMAR: \[INTR-REMAP\] Request device \[[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\] fault index (?:0|[1-9a-f][0-9a-f]*) \[fault reason \d{2,3}\] \S.*$/;

interface Fault {
  readonly what: string | undefined;
  readonly pasid: number;
  readonly requester: number;
  readonly address: bigint;
  readonly reason: number;
  readonly text: string;
}

function readLine(line: string): Fault {
  const found = ANY_AGE.exec(line)?.groups;
  if (!found) throw new Error(`no fault line: ${line}`);
  const hex = (text: string | undefined) => Number.parseInt(text ?? "", 16);
  const pasid = hex(found["pasid"] ?? found["early"] ?? "ffffffff");
  return {
    what: found["what"],
    pasid: pasid === 0xffff_ffff ? -1 : pasid,
    requester: (hex(found["bus"]) << 8) | (hex(found["device"]) << 3) | hex(found["func"]),
    address: found["index"]
      ? BigInt(`0x${found["index"]}`) << 48n
      : BigInt(`0x${found["address"]}`),
    reason: found["hex"] ? hex(found["hex"]) : Number(found["decimal"]),
    text: found["text"] ?? "",
  };
}

describe("fault lines", () => {
  const { k } = kernelOn(UNITS.secondStage);
  const print = ({ what, reason, pasid, requester, address }: Fault): string => {
    dmar_fault_do_one(k, what === "DMA Read", reason, pasid, requester, address);
    return k.state.log.at(-1)?.text ?? "";
  };

  it("were recorded in many forms", () => {
    expect(LINES.length).toBeGreaterThan(60);
    expect(LINES.filter((line) => THIS_AGE.test(line)).length).toBeGreaterThanOrEqual(3);
  });

  it.each(LINES)("print again: %s", (line) => {
    const fault = readLine(line);
    const printed = print(fault);
    expect(printed).toMatch(THIS_AGE);
    expect(readLine(printed)).toEqual(fault);
    if (THIS_AGE.test(line)) expect(printed).toBe(line);
  });

  it("have one form for every reason", () => {
    for (let reason = 0; reason < 256; reason++) {
      const printed = print({
        what: "DMA Write",
        pasid: 0x41,
        requester: 0x6a08,
        address: 0x7000n,
        reason,
        text: "",
      });
      expect(printed).toMatch(THIS_AGE);
      expect(printed).toMatch(ANY_AGE);
    }
  });

  it("come in the same form from devices of a running machine", () => {
    const session = open(SERVER);
    const send = (requester: number, pasid: number | null, address: bigint): void => {
      const [access, length] = address & 0x1000n ? (["read", 4] as const) : (["write", 8] as const);
      session.run({
        op: "dma",
        requester: requesterId(requester),
        pasid: pasid as never,
        access,
        address: address as never,
        length,
      });
      session.run({ op: "wait", microseconds: 6_000_000 });
    };
    send(0x6a08, 7, 0x1000n);
    send(0x6a08, null, 0x2000n);
    send(0x5e00, null, 0x9_0000_1000n);
    send(0x6a08, 0xf_ffff, 0x2000n);
    send(0x3300, null, 0x1000n);
    const log = session.world?.kernel.log.map(({ text }) => text) ?? [];
    const lines = log.filter((text) => text.includes("Request device"));
    expect(lines.length).toBe(5);
    for (const line of lines) {
      expect(line).toMatch(THIS_AGE);
      expect(line).toMatch(ANY_AGE);
    }
    const heads = log.filter((text) => text.includes("handling fault"));
    expect(heads.length).toBe(5);
    for (const head of heads)
      expect(head).toMatch(/^DMAR: DRHD: handling fault status reg [0-9a-f]+$/);
  });
});

const HEADING = "B.D.F\tRoot_entry\t\t\t\tContext_entry\t\t\t\tPASID\tPASID_table_entry";
const ROW =
  /^([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])\t0x([0-9a-f]{16}):0x([0-9a-f]{16})\t0x([0-9a-f]{16}):0x([0-9a-f]{16})\t(-?\d+) *\t0x([0-9a-f]{16}):0x([0-9a-f]{16}):0x([0-9a-f]{16})$/;

interface Block {
  readonly unit: number;
  readonly table: bigint;
  readonly rows: readonly (readonly [number, number, number, number, ...bigint[]])[];
}

/** The numbers of each block; an Error where a line has another form. */
function readBlocks(text: string): readonly Block[] {
  expect(text.endsWith("\n\n")).toBe(true);
  return text
    .slice(0, -2)
    .split("\n\n")
    .map((block) => {
      const [head = "", heading, ...rows] = block.split("\n");
      const found = /^IOMMU dmar(\d+): Root Table Address: 0x([0-9a-f]+)$/.exec(head);
      if (!found || heading !== HEADING) throw new Error(`no head of a unit: ${head}`);
      return {
        unit: Number(found[1]),
        table: BigInt(`0x${found[2]}`),
        rows: rows.map((row) => {
          const match = ROW.exec(row);
          if (!match) throw new Error(`no row: ${row}`);
          const [, bus = "", device = "", func = "", ...words] = match;
          const numbers = words.filter((_, i) => i !== 4).map((word) => BigInt(`0x${word}`));
          const at = [bus, device, func].map((part) => Number.parseInt(part, 16));
          return [at[0] ?? 0, at[1] ?? 0, at[2] ?? 0, Number(words[4]), ...numbers] as const;
        }),
      };
    });
}

/** What a kernel prints for these numbers. */
function printBlocks(blocks: readonly Block[]): string {
  const two = (value: number): string => value.toString(16).padStart(2, "0");
  const word = (value: bigint | undefined): string =>
    `0x${(value ?? 0n).toString(16).padStart(16, "0")}`;
  return blocks
    .map(({ unit, table, rows }) => {
      const lines = rows.map(([bus, device, func, pasid, a, b, c, d, e, f, g]) =>
        [
          `${two(bus)}:${two(device)}.${func}`,
          `${word(a)}:${word(b)}`,
          `${word(c)}:${word(d)}`,
          String(pasid).padEnd(6),
          `${word(e)}:${word(f)}:${word(g)}`,
        ].join("\t"),
      );
      const head = `IOMMU dmar${unit}: Root Table Address: 0x${table.toString(16)}`;
      return `${[head, HEADING, ...lines].join("\n")}\n\n`;
    })
    .join("");
}

describe("dmar_translation_struct", () => {
  const read = (session: Session): string => {
    const path = "/sys/kernel/debug/iommu/intel/dmar_translation_struct";
    return String(session.world?.readFile("root", path).value);
  };
  const idxd = (): Session => {
    const session = open(SERVER);
    const uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
    const root = { op: "demand", actor: "root" } as const;
    const vm = { op: "demand", actor: "vm-a" } as const;
    session.run({ ...root, demand: { want: "load module", module: "idxd" } });
    const parent = "0000:6a:01.0";
    session.run({ ...root, demand: { want: "create mdev", parent, type: "idxd-1dwq-v1", uuid } });
    session.run({ ...vm, demand: { want: "start VM", pages: 16 } });
    session.run({ ...vm, demand: { want: "assign device", device: uuid } });
    return session;
  };
  const texts: readonly (readonly [string, string, number, boolean])[] = [
    ["recorded", fixture("translation-structs.txt"), 4, true],
    ["of a server", read(open(SERVER)), 1, true],
    ["of a server with an mdev", read(idxd()), 1, true],
    ["of a desktop in legacy mode", read(open(DESK)), 1, false],
  ];

  it.each(texts)("has the form: %s", (_what, text, units, scalable) => {
    const blocks = readBlocks(text);
    expect(blocks.length).toBe(units);
    expect(printBlocks(blocks)).toBe(text);
    const rows = blocks.flatMap((block) => block.rows);
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.some(([, , , pasid]) => pasid >= 0)).toBe(scalable);
    for (const block of blocks) {
      const order = block.rows.map(([bus, device, func, pasid]) =>
        [(bus << 8) | (device << 3) | func, Math.max(pasid, 0)]
          .map((part) => part + 2 ** 24)
          .join(),
      );
      expect(order).toEqual([...order].sort());
    }
    // Legacy rows say -1 and nothing about PASID tables.
    for (const [, , , pasid, , , , , ...words] of rows) {
      if (pasid < 0) expect(words).toEqual([0n, 0n, 0n]);
    }
  });

  it("shows an mdev's PASID behind its parent's requester id", () => {
    const [block] = readBlocks(read(idxd()));
    const pasids = block?.rows.filter(([bus]) => bus === 0x6a).map(([, , , pasid]) => pasid);
    expect(pasids?.length).toBe(2);
    expect(pasids?.[0]).toBe(0);
  });
});

function open(machine: typeof SERVER): Session {
  const opened = Session.openWorld({ machine, design: "D1", seed: 1 });
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value;
}

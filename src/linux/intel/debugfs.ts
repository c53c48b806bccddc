// Files below /sys/kernel/debug/iommu/intel, in the form of v5.12: one dmar_translation_struct and one
// domain_translation_struct for all devices (drivers/iommu/intel/debugfs.c). They show memory and registers, not records.

import { sysfs_create_attribute } from "../core/sysfs.ts";
import { hex } from "../iommu/print.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import { descriptorBytes, QUEUE_LENGTH, queueStatus } from "./queue.ts";
import { REGISTER, readWord, unitLevels } from "./unit.ts";

const about = (symbol: string) => ({
  symbol,
  module: "vmlinux",
  source: "drivers/iommu/intel/debugfs.c, v5.12",
});

const POINTER = 0x000f_ffff_ffff_f000n;
const two = (value: number): string => value.toString(16).padStart(2, "0");
const word = (value: bigint): string => hex(value, 16);

/** Every present context entry: requester, both words of its root entry, its first two words. */
function* contexts(k: Kernel) {
  const { rootTable, scalable } = k.state.iommu;
  for (let bus = 0; bus < 256; bus++) {
    const low = readWord(k, rootTable + 16 * bus);
    const high = readWord(k, rootTable + 16 * bus + 8);
    for (let devfn = 0; devfn < 256; devfn++) {
      const pointer = scalable && devfn >= 0x80 ? high : low;
      if ((pointer & 1n) === 0n) {
        devfn |= scalable ? 0x7f : 0xff;
        continue;
      }
      const at = Number(pointer & POINTER) + (scalable ? 32 * (devfn & 0x7f) : 16 * devfn);
      const first = readWord(k, at);
      if ((first & 1n) === 0n) continue;
      yield { bus, devfn, low, high, first, second: readWord(k, at + 8) };
    }
  }
}

/** Every present PASID table entry of a directory: PASID and its first three words. */
function* pasidEntries(k: Kernel, context: bigint) {
  const directory = Number(context & POINTER);
  const entries = 2 ** (Number((context >> 9n) & 7n) + 7);
  for (let index = 0; index < entries; index++) {
    const pointer = readWord(k, directory + 8 * index);
    if ((pointer & 1n) === 0n) continue;
    for (let slot = 0; slot < 64; slot++) {
      const at = Number(pointer & POINTER) + 64 * slot;
      const first = readWord(k, at);
      if ((first & 1n) === 0n) continue;
      const words = [first, readWord(k, at + 8), readWord(k, at + 16)] as const;
      yield { pasid: 64 * index + slot, words };
    }
  }
}

define(about("dmar_translation_struct_show"), (k, _argument: number): string => {
  const { rootTable, scalable } = k.state.iommu;
  const lines = [
    `IOMMU dmar0: Root Table Address: ${hex(rootTable)}`,
    "B.D.F\tRoot_entry\t\t\t\tContext_entry\t\t\t\tPASID\tPASID_table_entry",
  ];
  for (const { bus, devfn, low, high, first, second } of contexts(k)) {
    const device = `${two(bus)}:${two(devfn >> 3)}.${devfn & 7}`;
    const start = `${device}\t${word(high)}:${word(low)}\t${word(second)}:${word(first)}`;
    const row = (pasid: number, words: readonly [bigint, bigint, bigint]) =>
      `${start}\t${String(pasid).padEnd(6)}\t${word(words[2])}:${word(words[1])}:${word(words[0])}`;
    if (!scalable) lines.push(row(-1, [0n, 0n, 0n]));
    else for (const { pasid, words } of pasidEntries(k, first)) lines.push(row(pasid, words));
  }
  return `${lines.join("\n")}\n\n`;
});

/** Rows of a domain's tables, in rising order: the entries from the highest level on, zeros where there is none. */
function pathRows(k: Kernel, table: number, level: number, base: bigint, path: bigint[]): string[] {
  const rows: string[] = [];
  for (let index = 0; index < 512; index++) {
    const entry = readWord(k, table + 8 * index);
    if ((entry & 3n) === 0n) continue;
    const page = base + (BigInt(index) << BigInt(9 * (level - 1)));
    const here = path.with(5 - level, entry);
    if (level === 1 || (entry & 0x80n) !== 0n) {
      rows.push(`${hex(page, 13)} |\t${here.map(word).join("\t")}`);
    } else if (k.machine.isMemory(entry & POINTER)) {
      rows.push(...pathRows(k, Number(entry & POINTER), level - 1, page, here));
    }
  }
  return rows;
}

define(about("domain_translation_struct_show"), (k, _argument: number): string => {
  const { iommu, core } = k.state;
  const blocks: string[] = [];
  for (const info of Object.values(iommu.devices)) {
    const domain = iommu.domains[info.domain];
    if (!domain || domain.type === "identity") continue;
    const name = core.devices[info.device]?.name ?? "";
    blocks.push(
      `Device ${name} with pasid ${domain.defaultPasid} @${hex(domain.pgd)}\n`,
      "IOVA_PFN\t\tPML5E\t\t\tPML4E\t\t\tPDPE\t\t\tPDE\t\t\tPTE\n",
      ...pathRows(k, domain.pgd, Math.min(domain.levels, unitLevels(k)), 0n, [
        0n,
        0n,
        0n,
        0n,
        0n,
      ]).map((row) => `${row}\n`),
      "\n",
    );
  }
  return blocks.join("");
});

define(about("invalidation_queue_show"), (k, _argument: number): string => {
  const { queue } = k.state.iommu;
  const bytes = descriptorBytes(k);
  const shift = bytes;
  const head = Number(k.machine.readUnit(REGISTER.IQH, 8)) / shift;
  const tail = Number(k.machine.readUnit(REGISTER.IQT, 8)) / shift;
  const names = bytes === 32 ? ["qw0", "qw1", "qw2", "qw3"] : ["qw0", "qw1"];
  const lines = [
    "Invalidation queue on IOMMU: dmar0",
    ` Base: ${hex(queue)}\tHead: ${head}\tTail: ${tail}`,
    `Index\t\t${names.join("\t\t\t")}${bytes === 32 ? "\t\t\tstatus" : "\t\t\tstatus"}`,
  ];
  for (let index = 0; index < QUEUE_LENGTH; index++) {
    const words = names.map((_, at) =>
      readWord(k, queue + index * bytes + 8 * at)
        .toString(16)
        .padStart(16, "0"),
    );
    const status = queueStatus(k, index).toString(16).padStart(16, "0");
    lines.push(`${String(index).padStart(5)}\t${words.join("\t")}\t${status}`);
  }
  return `${lines.join("\n")}\n\n`;
});

/** Names, offsets and sizes, 32-bit ones first. */
const SHOWN_REGISTERS = [
  ["VER", 0x00, 4],
  ["GCMD", 0x18, 4],
  ["GSTS", 0x1c, 4],
  ["FSTS", 0x34, 4],
  ["FECTL", 0x38, 4],
  ["FEDATA", 0x3c, 4],
  ["FEADDR", 0x40, 4],
  ["FEUADDR", 0x44, 4],
  ["CAP", 0x08, 8],
  ["ECAP", 0x10, 8],
  ["RTADDR", 0x20, 8],
  ["IQH", 0x80, 8],
  ["IQT", 0x88, 8],
  ["IQA", 0x90, 8],
] as const;

define(about("iommu_regset_show"), (k, _argument: number): string => {
  const rows = SHOWN_REGISTERS.map(
    ([name, offset, size]) =>
      `${name.padEnd(16)}\t${hex(offset, 2)}\t\t${word(k.machine.readUnit(offset, size))}`,
  );
  const base = k.machine.firmware.unitBase.toString(16);
  return `IOMMU: dmar0 Register Base Address: ${base}\nName\t\t\tOffset\t\tContents\n${rows.join("\n")}\n\n`;
});

const FILES = [
  "dmar_translation_struct",
  "domain_translation_struct",
  "invalidation_queue",
  "iommu_regset",
];

/** intel_iommu_debugfs_init(). */
export function createDebugFiles(k: Kernel): void {
  for (const name of FILES) {
    sysfs_create_attribute(k, `/sys/kernel/debug/iommu/intel/${name}`, {
      mode: "0444",
      show: `${name}_show`,
    });
  }
}

// Entries of first-stage and second-stage paging tables (sections 9.7, 9.8, 3.6 and 3.7 of the specification).
// They depend on the level and on whether the entry maps a page.
import { address, flag, ignored, needs, PRESENT, reserved, structure } from "./fields.ts";
import type { Environment, Field } from "./types.ts";

/** The level of an environment, 1 unless it says otherwise. */
export const levelOf = (environment: Environment): number => environment.level ?? 1;

/** Whether the entry maps a page: always at level 1, by PS at levels 2 and 3, never above. */
export const isLeaf = (environment: Environment): boolean => {
  const level = levelOf(environment);
  return level === 1 || (level <= 3 && environment.leaf === true);
};

/** Bit 7 of an entry at levels 2 and 3, the only ones that know large pages. */
const PAGE_SIZE_BIT = 0x80n;

/** Whether the word of an entry at `level` maps a page (both stages). */
export const mapsPage = (level: number, word: bigint): boolean =>
  level === 1 || (level <= 3 && (word & PAGE_SIZE_BIT) !== 0n);

/** Lowest address bit of a page mapped at `level`: 12, 21 or 30. */
export const pageShift = (level: number): number => 3 + 9 * level;

/** Bits of an address inside a page mapped at `level`: 0xfff, 0x1fffff or 0x3fffffff. */
export const pageOffsetMask = (level: number): bigint => (1n << BigInt(pageShift(level))) - 1n;

const PAGE_SIZES: Readonly<Record<number, string>> = { 2: "2 MiB", 3: "1 GiB" };

const pageSize = (level: number, exists: (environment: Environment) => boolean, words: string) =>
  level > 3
    ? reserved(0, 7, 7)
    : flag("PS", 0, 7, "whether the entry maps a page or leads to a table", {
        values: { 0: "next table", 1: `${PAGE_SIZES[level]} page` },
        ...needs(words, exists),
      });

const target = (leaf: boolean, low: number): Field =>
  address("ADDR", 0, "HAW-1", low, leaf ? "page that is mapped" : "table of the next level");

export const FIRST_STAGE_ENTRY = structure(
  "first-stage",
  "First-stage paging entry",
  64,
  "9.7",
  (environment) => {
    const level = levelOf(environment);
    const leaf = isLeaf(environment);
    const large = leaf && level > 1;
    const low = leaf ? pageShift(level) : 12;
    return [
      flag("P", 0, 0, "whether the entry is in use", { values: PRESENT }),
      flag("R/W", 0, 1, "writes", { values: { 0: "refused", 1: "allowed" } }),
      flag("U/S", 0, 2, "user requests", { values: { 0: "refused", 1: "allowed" } }),
      flag("PWT", 0, 3, "page-level write-through"),
      flag("PCD", 0, 4, "page-level cache disable"),
      flag("A", 0, 5, "accessed", { values: { 0: "not used yet", 1: "used" } }),
      leaf
        ? flag("D", 0, 6, "dirty", { values: { 0: "not written yet", 1: "written" } })
        : ignored(0, 6, 6),
      level === 1
        ? flag("PAT", 0, 7, "page attribute")
        : pageSize(
            level,
            (e) => level === 2 || !isLeaf(e) || e.capabilities.fs1gp,
            "1 GiB first-stage pages (CAP.FS1GP)",
          ),
      leaf ? flag("G", 0, 8, "global, has no effect") : ignored(0, 8, 8),
      ignored(0, 9, 9),
      environment.capabilities.eafs
        ? flag("EA", 0, 10, "extended accessed, counts only with EAFE")
        : ignored(0, 10, 10),
      ignored(0, 11, 11),
      ...(large ? [flag("PAT", 0, 12, "page attribute"), reserved(0, low - 1, 13)] : []),
      target(leaf, low),
      reserved(0, 51, "HAW"),
      ignored(0, 62, 52),
      ignored(0, 63, 63, "was XD in older revisions"),
    ];
  },
  { word: 0, mask: 1n },
);

/** Large second-stage pages: bit 0 of SSLPS is 2 MiB, bit 1 is 1 GiB. */
const hasLargePage = (environment: Environment): boolean =>
  !isLeaf(environment) ||
  (environment.capabilities.sslps & (1 << (levelOf(environment) - 2))) !== 0;

export const SECOND_STAGE_ENTRY = structure(
  "second-stage",
  "Second-stage paging entry",
  64,
  "9.8",
  (environment) => {
    const level = levelOf(environment);
    const leaf = isLeaf(environment);
    const low = leaf ? pageShift(level) : 12;
    return [
      flag("R", 0, 0, "reads", { values: { 0: "refused", 1: "allowed" } }),
      flag("W", 0, 1, "writes", { values: { 0: "refused", 1: "allowed" } }),
      ignored(0, 2, 2),
      ignored(0, 6, 3),
      level === 1
        ? ignored(0, 7, 7)
        : pageSize(level, hasLargePage, `${PAGE_SIZES[level]} second-stage pages (CAP.SSLPS)`),
      flag("A", 0, 8, "accessed, kept with SSADE"),
      leaf ? flag("D", 0, 9, "dirty, kept with SSADE") : ignored(0, 9, 9),
      ignored(0, 10, 10),
      leaf
        ? flag("SNP", 0, 11, "accesses to the page snoop processor caches", {
            ...needs("snoop control (ECAP.SC)", (e) => e.capabilities.sc),
          })
        : reserved(0, 11, 11),
      ...(low > 12 ? [reserved(0, low - 1, 12)] : []),
      target(leaf, low),
      reserved(0, 51, "HAW"),
      ignored(0, 61, 52),
      reserved(0, 62, 62),
      ignored(0, 63, 63),
    ];
  },
  { word: 0, mask: 3n },
);

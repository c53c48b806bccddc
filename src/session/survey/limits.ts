// How much of an image a survey looks at, so that a hostile one cannot stop the page; what was left out is said in words.

export const LIMITS = {
  /** Context tables, and paging tables: each (page, level, rights) once. */
  tables: 32_768,
  /** Pages of PASID directories and PASID tables, for all requesters. */
  pasidTables: 8192,
  /** Table pages passed through while mapped ranges are written down. */
  visits: 40_960,
  requesters: 2048,
  /** PASID table entries in use. */
  entries: 8192,
  spaces: 1024,
  /** Mapped ranges of one address space, and of all together. */
  rangesPerSpace: 8192,
  ranges: 32_768,
} as const;

const WORDS: Readonly<Record<keyof typeof LIMITS, string>> = {
  tables: "paging tables are read; tables beyond are not looked at",
  pasidTables: "pages of PASID directories and tables are read; PASIDs beyond are not looked at",
  visits: "steps through paging tables are taken to list ranges; some mapped ranges are not listed",
  requesters: "requesters are listed; others are left out",
  entries: "PASID table entries are listed; others are left out",
  spaces: "address spaces are listed; others are left out",
  rangesPerSpace:
    "mapped ranges are listed in one address space; its other ranges are only counted",
  ranges: "mapped ranges are listed in all; other ranges are only counted",
};

/** What is left of the limits while one survey runs. */
export class Allowance {
  readonly #left: Record<keyof typeof LIMITS, number> = { ...LIMITS };
  readonly #reached = new Set<keyof typeof LIMITS>();

  /** Takes one; false, and noted, when none is left. */
  take(what: keyof typeof LIMITS): boolean {
    if (this.#left[what] === 0) {
      this.#reached.add(what);
      return false;
    }
    this.#left[what]--;
    return true;
  }

  note(what: keyof typeof LIMITS): void {
    this.#reached.add(what);
  }

  /** One sentence for each limit that was reached. */
  sentences(): string[] {
    return [...this.#reached].map((what) => `At most ${LIMITS[what]} ${WORDS[what]}.`);
  }
}

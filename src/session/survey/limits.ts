// How much of an image a survey looks at, so that a hostile one cannot stop the page; what was left out is said in words.

export const LIMITS = {
  /** Table pages read, of all kinds, each (page, level, rights) once. */
  tables: 32_768,
  /** Table pages passed through while mapped ranges are written down. */
  visits: 49_152,
  requesters: 4096,
  /** PASID table entries in use. */
  entries: 16_384,
  spaces: 1024,
  /** Mapped ranges of one address space, and of all together. */
  rangesPerSpace: 8192,
  ranges: 65_536,
} as const;

const WORDS: Readonly<Record<keyof typeof LIMITS, string>> = {
  tables: "table pages are read; tables beyond are not looked at",
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

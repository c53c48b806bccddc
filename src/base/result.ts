// Outcomes of reading what somebody else wrote: a value, or a problem that says where and what to do.

/** What was wrong, where, and what to do about it. All three are shown to a person. */
export interface Problem {
  /** Name of the file or field, as the reader knows it. */
  readonly source: string;
  /** Line, byte offset or path inside the source, in words: "line 3", "byte 0x40", "cases[2].ops[0].sid". Empty: the whole. */
  readonly place: string;
  /** One sentence without the place. */
  readonly message: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export const problem = (source: string, place: string, message: string): Result<never> => ({
  ok: false,
  problem: { source, place, message },
});

/** `tables.elf: byte 0x40: program header 0 lies beyond the end of the file`. */
export const describeProblem = (p: Problem): string =>
  [p.source, p.place, p.message].filter((part) => part !== "").join(": ");

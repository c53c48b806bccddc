// How hardware and review checks put an answer together.
import type { Finding } from "../findings.ts";

export type Evidence = Finding["evidence"][number];

const MOST_EVIDENCE = 20;

/** `holds` when nothing speaks against it. `counted`: what was looked at, without a full stop. */
export function judge(counted: string, against: readonly Evidence[]): Finding {
  const wrong = against.length === 1 ? "1 counterexample" : `${against.length} counterexamples`;
  return {
    outcome: against.length === 0 ? "holds" : "breaks",
    summary: against.length === 0 ? `${counted}.` : `${counted}; ${wrong}.`,
    evidence: against.slice(0, MOST_EVIDENCE),
  };
}

/** The check was asked in a way that it cannot answer. */
export const unanswerable = (why: string): Finding => ({
  outcome: "breaks",
  summary: why,
  evidence: [],
});

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

// Sets of pages as sorted runs: union, difference, and the rank of a page.

/** `count` pages from page number `first`. */
export interface PageRun {
  readonly first: bigint;
  readonly count: bigint;
}

/** Sorted, without overlaps, neighbours joined. */
export function union(runs: readonly PageRun[]): PageRun[] {
  const sorted = runs
    .filter((run) => run.count > 0n)
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const joined: { first: bigint; count: bigint }[] = [];
  for (const run of sorted) {
    const last = joined.at(-1);
    const end = run.first + run.count;
    if (last && run.first <= last.first + last.count) {
      if (end > last.first + last.count) last.count = end - last.first;
    } else {
      joined.push({ ...run });
    }
  }
  return joined;
}

/** The pages of `from` that are not in `without`; both as `union` gives them. */
export function subtract(from: readonly PageRun[], without: readonly PageRun[]): PageRun[] {
  const left: PageRun[] = [];
  let skip = 0;
  for (const run of from) {
    let first = run.first;
    const end = run.first + run.count;
    while (skip < without.length) {
      const hole = without[skip] as PageRun;
      if (hole.first + hole.count > first) break;
      skip++;
    }
    for (let at = skip; at < without.length; at++) {
      const hole = without[at] as PageRun;
      if (hole.first >= end) break;
      if (hole.first > first) left.push({ first, count: hole.first - first });
      if (hole.first + hole.count > first) first = hole.first + hole.count;
    }
    if (first < end) left.push({ first, count: end - first });
  }
  return left;
}

export const pagesIn = (runs: readonly PageRun[]): bigint =>
  runs.reduce((sum, run) => sum + run.count, 0n);

/** How many pages of the set come before `page`; null when it is not in the set. */
export function rankOfPage(runs: readonly PageRun[], page: bigint): bigint | null {
  let before = 0n;
  for (const run of runs) {
    if (page < run.first) return null;
    if (page < run.first + run.count) return before + page - run.first;
    before += run.count;
  }
  return null;
}

import fc from "fast-check";
import { expect, test } from "vitest";
import { type PageRun, pagesIn, rankOfPage, subtract, union } from "./page-runs.ts";

const runs = fc.array(
  fc.record({ first: fc.bigInt({ min: 0n, max: 60n }), count: fc.bigInt({ min: 0n, max: 9n }) }),
  { maxLength: 12 },
);

const pages = (list: readonly PageRun[]): number[] =>
  [
    ...new Set(
      list.flatMap((run) =>
        Array.from({ length: Number(run.count) }, (_, at) => Number(run.first) + at),
      ),
    ),
  ].sort((a, b) => a - b);

test("union and difference agree with sets", () => {
  fc.assert(
    fc.property(runs, runs, (a, b) => {
      const [left, right] = [union(a), union(b)];
      expect(pages(left)).toEqual(pages(a));
      const without = new Set(pages(b));
      expect(pages(subtract(left, right))).toEqual(pages(a).filter((page) => !without.has(page)));
      expect(Number(pagesIn(left))).toBe(pages(a).length);
    }),
  );
});

test("the rank of a page is the number of pages before it", () => {
  fc.assert(
    fc.property(runs, fc.bigInt({ min: 0n, max: 70n }), (a, page) => {
      const list = pages(a);
      const rank = rankOfPage(union(a), page);
      expect(rank === null ? -1 : Number(rank)).toBe(list.indexOf(Number(page)));
    }),
  );
});

// Reserved bits in the form the fast walk wants them: one mask for every entry that leads to a table.
import { pagingMask } from "./entry-masks.ts";
import { STAGE } from "./walk-record.ts";

/** PS: at levels 2 and 3 the entry maps a page. */
export const PS = 0x80;

/** Places in `core.fast`: of each stage the mask of entries that lead to tables, then those of leaves at levels 1 to 3. */
export const FIRST_MASKS = 0;
export const SECOND_MASKS = 8;

/** The masks of the fast walk. `farLow`, `farHigh`: address bits beyond the page index. */
export function setFastMasks(
  fast: Int32Array,
  paging: Int32Array,
  farLow: number,
  farHigh: number,
): void {
  for (const [stage, at] of [
    [STAGE.FIRST, FIRST_MASKS],
    [STAGE.SECOND, SECOND_MASKS],
  ] as const) {
    let low = farLow | PS;
    let high = farHigh;
    for (let level = 2; level <= 5; level++) {
      const mask = pagingMask(stage, level, false);
      low |= paging[mask] ?? 0;
      high |= paging[mask + 1] ?? 0;
    }
    fast[at] = low;
    fast[at + 1] = high;
    for (let level = 1; level <= 3; level++) {
      const mask = pagingMask(stage, level, true);
      fast[at + 2 * level] = paging[mask] ?? 0;
      fast[at + 2 * level + 1] = paging[mask + 1] ?? 0;
    }
  }
}

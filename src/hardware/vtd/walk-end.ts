// The end of a walk that refused nothing: accessed and dirty bits (3.6.2, 3.7.2), then the caches.
import type { Core } from "./core.ts";
import { FAULT } from "./fault-codes.ts";
import { fillTable } from "./paging-cache.ts";
import { DENIED, FIRST, TABLE_WORDS, UPDATE_WORDS } from "./walk-notes.ts";
import { KIND_BIT, WALK } from "./walk-record.ts";

/** Writes what was noted, or refuses: the second stage forbids it, or the walk is not snooped. */
export function applyUpdates(core: Core): number {
  const { updates } = core;
  if (updates.count === 0) return 0;
  const { list } = updates;
  const snooped = ((core.store.words[core.walk + WALK.KIND] ?? 0) & KIND_BIT.SNOOPED) !== 0;
  for (let i = 0; i < updates.count; i++) {
    const how = list[i * UPDATE_WORDS + 3] ?? 0;
    if ((how & DENIED) !== 0) return FAULT.SFL_8;
  }
  if (!snooped) return ((list[3] ?? 0) & FIRST) !== 0 ? FAULT.SFL_9 : FAULT.SSL_5;
  for (let i = 0; i < updates.count; i++) {
    const at = i * UPDATE_WORDS;
    core.setBits(list[at] ?? 0, list[at + 1] ?? 0, list[at + 2] ?? 0);
  }
  return 0;
}

/** Puts the tables met into the paging-structure caches. */
export function cacheTables(core: Core): void {
  const { count, list } = core.tables;
  for (let at = 0; at < count * TABLE_WORDS; at += TABLE_WORDS) {
    const word = (n: number) => list[at + n] ?? 0;
    fillTable(
      core,
      word(0),
      word(1),
      word(2),
      word(3),
      word(4),
      word(5),
      word(6),
      word(7),
      word(8),
    );
  }
}

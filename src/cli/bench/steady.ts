// What many translations leave behind: growth of the heap and number of garbage collections.
import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { REQUESTS } from "./workload.ts";

export interface Steady {
  readonly translations: number;
  readonly collections: number;
  /** Bytes, of the heap and of typed arrays. */
  readonly growth: number;
}

const WARM_UP = 1_000_000;
const COUNTED = 10_000_000;

const usedBytes = (): number => {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
};

/** Runs passes over the request list: a million translations to warm up, then ten million that are watched. */
export async function watchHeap(pass: () => number): Promise<Steady> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let done = 0; done < WARM_UP; done += REQUESTS) pass();
  collect();
  // Collections are reported late: let those of the past arrive before the observer counts.
  await sleep(50);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  const before = usedBytes();
  let translations = 0;
  while (translations < COUNTED) {
    pass();
    translations += REQUESTS;
  }
  const growth = usedBytes() - before;
  await sleep(50);
  observer.disconnect();
  return { translations, collections, growth };
}

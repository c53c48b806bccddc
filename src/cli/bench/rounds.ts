// Rates in alternated rounds: every contestant runs once per round, so that a busy moment of the machine hits all of them.

export interface Contestant {
  readonly name: string;
  /** Runs `passes` passes; CPU seconds they took and the checksum of one. */
  run(passes: number): { readonly seconds: number; readonly checksum: number };
}

export interface Rate {
  readonly name: string;
  /** Million translations per CPU second: median of the rounds, and each of them. */
  readonly median: number;
  readonly rounds: readonly number[];
  readonly checksum: number;
}

const ROUNDS = 3;
/** CPU seconds that one measurement should take. */
const AIM = 0.4;
const TRIAL_PASSES = 16;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Rates of all contestants, in their order. Each is warmed up and timed shortly to choose its number of passes. */
export function measureRates(contestants: readonly Contestant[], requests: number): Rate[] {
  const entrants = contestants.map((contestant) => {
    contestant.run(TRIAL_PASSES);
    const { seconds } = contestant.run(TRIAL_PASSES);
    return { contestant, passes: Math.max(1, Math.ceil((AIM * TRIAL_PASSES) / seconds)) };
  });
  const rates = contestants.map(() => [] as number[]);
  const checksums = contestants.map(() => Number.NaN);
  for (let round = 0; round < ROUNDS; round++) {
    entrants.forEach(({ contestant, passes }, index) => {
      const { seconds, checksum } = contestant.run(passes);
      rates[index]?.push((passes * requests) / seconds / 1e6);
      checksums[index] = checksum;
    });
  }
  return contestants.map(({ name }, index) => {
    const rounds = rates[index] ?? [];
    return { name, median: median(rounds), rounds, checksum: checksums[index] ?? Number.NaN };
  });
}

// Random numbers that follow from a seed: the same sequence everywhere.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x5bd1_e995, 0x9e37_79b1) >>> 0;
  }

  /** 0 .. 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 .. count - 1. */
  below(count: number): number {
    return this.next() % count;
  }

  /** True once in `one`. */
  once(one: number): boolean {
    return this.below(one) === 0;
  }

  /** One of them; undefined: there is none. */
  pick<T>(from: readonly T[]): T | undefined {
    return from[this.below(Math.max(from.length, 1))];
  }

  /** One of them, by weights. */
  weighted<T>(from: readonly (readonly [number, T])[]): T {
    let at = this.below(from.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, one] of from) {
      if (at < weight) return one;
      at -= weight;
    }
    throw new Error("Nothing to choose from.");
  }
}

/** Seeded chance for tests: the same seed gives the same case. */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** In [0, 1); mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/**
 * Seeds of a random test: those that failed once, and `fresh` new ones. They stand in the test's name; `SEED=n` runs that one
 * alone.
 */
export function seeds(regressions: readonly number[], fresh: number): readonly number[] {
  const only = process.env["SEED"];
  if (only !== undefined) return [Number(only)];
  return [...regressions, ...Array.from({ length: fresh }, () => Math.floor(Math.random() * 2 ** 31))];
}

import type { SeededRandom } from "../property/random.ts";

export type RequestKind = "fetch" | "ask" | "write" | "open" | "claim" | "append";

/** What becomes of a request. */
export interface Fate {
  /** null: it never arrives. */
  readonly arriveMs: number | null;
  /** Whether an answer comes; else the time after which that is given up. */
  readonly isAnswered: boolean;
  readonly answerMs: number;
}

/** How likely what is; drawn for each run. */
export interface FaultOdds {
  readonly lost: number;
  readonly answerLost: number;
  readonly late: number;
  readonly crash: number;
  readonly throttled: number;
  readonly torn: number;
  readonly doubled: number;
  readonly latencyMs: number;
}

export const NO_FAULTS: FaultOdds = { lost: 0, answerLost: 0, late: 0, crash: 0, throttled: 0, torn: 0, doubled: 0, latencyMs: 2 };

export function randomOdds(random: SeededRandom): FaultOdds {
  const some = (most: number): number => (random.chance(0.6) ? random.next() * most : 0);
  return {
    lost: some(0.05),
    answerLost: some(0.05),
    late: some(0.05),
    crash: some(0.01),
    throttled: some(0.2),
    torn: some(0.03),
    doubled: some(0.1),
    latencyMs: random.pick([0.5, 3, 20]),
  };
}

/** Decides by chance what goes wrong between processes and what they talk to, as long as anything may. */
export class FaultPlan {
  isActive = true;
  /** Targets that do not answer. */
  readonly down = new Set<string>();
  /** How much longer requests to a target take. */
  readonly slow = new Map<string, number>();
  private readonly odds: FaultOdds;
  private readonly random: SeededRandom;

  constructor(odds: FaultOdds, random: SeededRandom) {
    this.odds = odds;
    this.random = random;
  }

  get latencyMs(): number {
    const { random, odds } = this;
    return random.next() * odds.latencyMs * (random.chance(0.05) ? 20 : 1);
  }

  fateOf(kind: RequestKind, what: string): Fate {
    const { random, odds } = this;
    const arriveMs = this.latencyMs + (this.slow.get(what) ?? 0);
    const answered: Fate = { arriveMs, isAnswered: true, answerMs: this.latencyMs };
    const timeOutMs = 200 + random.below(1000);
    if (this.down.has(what)) return { arriveMs: null, isAnswered: false, answerMs: random.chance(0.5) ? this.latencyMs : timeOutMs };
    // The clients of logs try again by themselves.
    if (!this.isActive || kind === "fetch" || kind === "ask") return answered;
    if (random.chance(odds.lost)) return { arriveMs: null, isAnswered: false, answerMs: timeOutMs };
    if (random.chance(odds.answerLost)) return { arriveMs, isAnswered: false, answerMs: timeOutMs };
    if (random.chance(odds.late)) return { arriveMs: timeOutMs + random.below(3000), isAnswered: false, answerMs: timeOutMs };
    return answered;
  }

  crashesBefore(kind: RequestKind): boolean {
    return this.happens(this.odds.crash, kind);
  }

  crashesAfter(kind: RequestKind): boolean {
    return this.happens(this.odds.crash, kind);
  }

  get throttles(): boolean {
    return this.isActive && this.random.chance(this.odds.throttled);
  }

  get tears(): boolean {
    return this.isActive && this.random.chance(this.odds.torn);
  }

  get doubles(): boolean {
    return this.isActive && this.random.chance(this.odds.doubled);
  }

  private happens(odds: number, kind: RequestKind): boolean {
    return this.isActive && kind !== "fetch" && this.random.chance(odds);
  }
}

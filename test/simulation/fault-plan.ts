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

/** What becomes of the requests that a process has under way when it dies: `late` they come when others have begun. */
export const IN_FLIGHT = ["lost", "arrives", "late"] as const;
export type InFlight = (typeof IN_FLIGHT)[number];

/** The one fault of a run: the process dies that has made the request of that number, from 0, right after it was done. */
export interface CrashPoint {
  readonly request: number;
  readonly inFlight: InFlight;
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

/** The others only look. */
const CHANGING: ReadonlySet<RequestKind> = new Set<RequestKind>(["write", "open", "claim", "append"]);

/** Decides by chance what goes wrong between processes and what they talk to, as long as anything may. */
export class FaultPlan {
  isActive = true;
  /** Targets that do not answer. */
  readonly down = new Set<string>();
  /** How much longer requests to a target take. */
  readonly slow = new Map<string, number>();
  /** Of each request that was done and may have changed something outside: how many such ones its process had under way. */
  readonly underWay: number[] = [];
  private readonly odds: FaultOdds;
  private readonly random: SeededRandom;
  private readonly crashPoint: CrashPoint | null;

  constructor(odds: FaultOdds, random: SeededRandom, crashPoint: CrashPoint | null = null) {
    this.odds = odds;
    this.random = random;
    this.crashPoint = crashPoint;
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

  /** `underWay`: what kinds of requests the process waits for. */
  crashesAfter(kind: RequestKind, underWay: readonly RequestKind[]): boolean {
    const isHere =
      CHANGING.has(kind) && this.underWay.push(underWay.filter((other) => CHANGING.has(other)).length) - 1 === this.crashPoint?.request;
    return this.happens(this.odds.crash, kind) || isHere;
  }

  /** Of one request of a process that dies. */
  get inFlight(): InFlight {
    return this.crashPoint?.inFlight ?? (this.random.chance(0.5) ? "lost" : "arrives");
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

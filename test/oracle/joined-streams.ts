import { isWanted, type JoinStep, type JoinWish, keyOf, leftKeyOf, type Sides, type StepCounters } from "./join-step.ts";
import type { Entry } from "./reference-input.ts";
import type { Cell, JoinSpec } from "./spec.ts";

interface Kept {
  readonly input: 0 | 1;
  readonly sides: Sides;
  readonly timeMs: number;
  readonly key: Cell;
  readonly arrival: number;
  isMatched: boolean;
}

/** Two streams whose rows wait for each other. */
export class JoinedStreams implements JoinStep {
  private readonly join: JoinSpec;
  private readonly next: JoinStep;
  private readonly counters: StepCounters;
  private readonly wish: JoinWish;
  private readonly width: number;
  /** How much longer than its own time a row waits, by input. */
  private readonly waitsMs: readonly [number, number];
  private readonly lagMs: number;
  private kept: readonly Kept[] = [];
  private streamMs = Number.NEGATIVE_INFINITY;
  private arrivals = 0;

  constructor(join: JoinSpec, next: JoinStep, counters: StepCounters, wish: JoinWish) {
    const { width, waitsMs } = wish;
    const { beforeMs, afterMs, graceMs } = join.within as NonNullable<JoinSpec["within"]>;
    this.join = join;
    this.next = next;
    this.counters = counters;
    this.wish = wish;
    this.width = width;
    this.waitsMs = [afterMs + graceMs + waitsMs, beforeMs + graceMs + waitsMs];
    this.lagMs = Math.max(...this.waitsMs);
  }

  left(sides: Sides, timeMs: number, streamMs: number): void {
    this.take(0, sides, timeMs, streamMs, leftKeyOf(sides, this.join));
  }

  right(entry: Entry, timeMs: number): void {
    this.take(1, [...Array.from({ length: this.width }, () => null), entry], timeMs, timeMs, keyOf(entry, this.join.on.right));
  }

  advance(streamMs: number): void {
    this.reach(streamMs);
    this.next.advance(this.streamMs - this.lagMs);
  }

  private take(input: 0 | 1, sides: Sides, timeMs: number, streamMs: number, key: Cell): void {
    const counters = input === 0 ? this.counters.ofLeft : this.counters.ofRight;
    const count = (verdict: "applied" | "filtered" | "late"): void => {
      if (counters !== null) counters[verdict]++;
    };
    const { beforeMs, afterMs } = this.join.within as NonNullable<JoinSpec["within"]>;
    this.reach(Math.max(timeMs, streamMs));
    if (this.streamMs > timeMs + this.waitsMs[input]) {
      count("late");
      const own = sides.at(-1);
      if (counters !== null && own) this.counters.late.push(own.record);
      this.next.advance(this.streamMs - this.lagMs);
      return;
    }
    if (!isWanted(input, sides, this.wish)) {
      count("filtered");
      this.next.advance(this.streamMs - this.lagMs);
      return;
    }
    if (key === null) {
      if (this.isOuter(input)) this.next.left(this.whole(sides), timeMs, this.streamMs - this.lagMs);
      else this.next.advance(this.streamMs - this.lagMs);
      count(this.isOuter(input) ? "applied" : "filtered");
      return;
    }
    count("applied");
    const own: Kept = { input, sides, timeMs, key, arrival: this.arrivals++, isMatched: false };
    for (const other of this.kept) {
      if (other.input === input || other.key !== key) continue;
      const [l, r] = input === 0 ? [own, other] : [other, own];
      if (r.timeMs < l.timeMs - beforeMs || r.timeMs > l.timeMs + afterMs) continue;
      own.isMatched = true;
      other.isMatched = true;
      const both = [...l.sides.slice(0, this.width), r.sides[this.width] ?? null];
      this.next.left(both, Math.max(l.timeMs, r.timeMs), this.streamMs - this.lagMs);
    }
    this.kept = [...this.kept, own];
    this.next.advance(this.streamMs - this.lagMs);
  }

  /** What is over leaves, in the order of time, then arrival, each when its time is over: nothing behind is later than it. */
  private reach(streamMs: number): void {
    const before = this.streamMs;
    this.streamMs = Math.max(this.streamMs, streamMs);
    const isOver = ({ input, timeMs }: Kept): boolean => this.streamMs > timeMs + this.waitsMs[input];
    const over = this.kept.filter(isOver).sort((a, b) => a.timeMs - b.timeMs || a.arrival - b.arrival);
    this.kept = this.kept.filter((row) => !isOver(row));
    for (const { input, sides, timeMs, isMatched } of over) {
      if (isMatched || !this.isOuter(input)) continue;
      const at = Math.max(before, Math.min(this.streamMs, timeMs + this.lagMs));
      this.next.left(this.whole(sides), timeMs, at - this.lagMs);
    }
  }

  /** With nothing on the right. */
  private whole(sides: Sides): Sides {
    return sides.length > this.width ? sides : [...sides, null];
  }

  private isOuter(input: 0 | 1): boolean {
    return this.join.type === "FULL" || this.join.type === (input === 0 ? "LEFT" : "RIGHT");
  }
}

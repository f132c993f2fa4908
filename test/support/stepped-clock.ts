import type { Clock } from "../../src/ports/clock.ts";

const STEP_MS = 250;

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Time stands still until a test lets it pass; then it goes in steps, between which everything that is awake does what it can. */
export class SteppedClock implements Clock {
  private readonly startMs: number;
  private passedMs = 0;
  private readonly sleepers = new Set<Sleeper>();

  constructor(startMs: number) {
    this.startMs = startMs;
  }

  now(): number {
    return this.startMs + this.passedMs;
  }

  monotonic(): number {
    return this.passedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { atMs: this.passedMs + ms, wake };
      this.sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  async pass(ms: number): Promise<void> {
    for (const endMs = this.passedMs + ms; this.passedMs < endMs; ) await this.step(Math.min(STEP_MS, endMs - this.passedMs));
  }

  /** Time passes until the condition holds. */
  async passUntil(condition: () => boolean | Promise<boolean>, what: string, atMostMs = 600_000): Promise<void> {
    const endMs = this.passedMs + atMostMs;
    while (!(await condition())) {
      if (this.passedMs >= endMs) throw new Error(`${atMostMs} ms of time passed in vain for ${what}`);
      await this.step(STEP_MS);
    }
  }

  private async step(ms: number): Promise<void> {
    this.passedMs += ms;
    for (const sleeper of [...this.sleepers]) if (sleeper.atMs <= this.passedMs) sleeper.wake();
    // Who was woken reads and writes files of the embedded store, and sleeps again.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

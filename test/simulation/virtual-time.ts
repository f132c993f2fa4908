import type { SeededRandom } from "../property/random.ts";
import type { Trace } from "./trace.ts";

/** Whoever an event happens to: nothing happens to the dead, and to the stopped only when they go on. */
export interface Owner {
  readonly isAlive: boolean;
  readonly stoppedUntilMs: number;
}

interface Event {
  atMs: number;
  /** Among events of one moment, chance decides. */
  tie: number;
  readonly label: string;
  readonly owner: Owner | null;
  run: (() => void) | null;
}

/** Steps in one turn of the real event loop; after each, all promises that can go on do so. */
export const STEPS_PER_TURN = 128;

/** Time that passes only from one event to the next: a run of minutes takes as long as its computing. */
export class VirtualTime {
  nowMs = 0;
  steps = 0;
  private readonly random: SeededRandom;
  private readonly trace: Trace;
  private readonly stepsPerTurn: number;
  /** A heap by time, then by tie. */
  private readonly events: Event[] = [];

  constructor(random: SeededRandom, trace: Trace, stepsPerTurn: number) {
    this.random = random;
    this.trace = trace;
    this.stepsPerTurn = stepsPerTurn;
  }

  /** Gives what takes it back. */
  schedule(delayMs: number, label: string, run: () => void, owner: Owner | null = null): () => void {
    const event: Event = { atMs: this.nowMs + Math.max(0, delayMs), tie: this.random.next(), label, owner, run };
    this.push(event);
    return () => {
      event.run = null;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(ms, "", resolve));
  }

  /** Runs one event after the other until it is over; rejects when nothing is left to happen, or with what an event throws. */
  async run(isOver: () => boolean, limitMs: number): Promise<void> {
    while (!isOver()) {
      if (this.nowMs > limitMs) throw new Error(`not over after ${limitMs} ms of simulated time`);
      await this.turn(isOver);
    }
  }

  private turn(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let isDone = false;
      const step = (isLast: boolean): void => {
        if (isDone) return;
        try {
          isDone = isOver();
          if (!isDone && !this.step()) throw new Error("nothing is left to happen");
        } catch (error) {
          isDone = true;
          reject(error);
          return;
        }
        if (isDone || isLast) resolve();
      };
      // Between two of them the process works off its microtasks, all of them.
      for (let count = 1; count <= this.stepsPerTurn; count++) setImmediate(step, count === this.stepsPerTurn);
    });
  }

  /** False: there is no event. */
  private step(): boolean {
    for (let event = this.pop(); event !== undefined; event = this.pop()) {
      const { owner, run } = event;
      if (run === null || owner?.isAlive === false) continue;
      this.nowMs = Math.max(this.nowMs, event.atMs);
      if (owner !== null && owner.stoppedUntilMs > this.nowMs) {
        event.atMs = owner.stoppedUntilMs;
        this.push(event);
        continue;
      }
      this.steps++;
      if (event.label !== "") this.trace.add(this.nowMs, event.label);
      run();
      return true;
    }
    return false;
  }

  private push(event: Event): void {
    const { events } = this;
    let at = events.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, events[parent] as Event)) break;
      events[at] = events[parent] as Event;
      at = parent;
    }
    events[at] = event;
  }

  private pop(): Event | undefined {
    const { events } = this;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined || events.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && isBefore(events[child + 1] as Event, events[child] as Event)) child++;
      if (!isBefore(events[child] as Event, last)) break;
      events[at] = events[child] as Event;
      at = child;
    }
    events[at] = last;
    return first;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.tie < right.tie);
}

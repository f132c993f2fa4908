import { SluiceError } from "../../src/errors.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Random } from "../../src/ports/random.ts";
import { SeededRandom } from "../property/random.ts";
import type { FaultPlan, RequestKind } from "./fault-plan.ts";
import type { Trace } from "./trace.ts";
import type { Owner, VirtualTime } from "./virtual-time.ts";

/** Simulated time begins there. */
export const EPOCH_MS = 1_800_000_000_000;

export interface SimEnvironment {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly random: SeededRandom;
  readonly faults: FaultPlan;
}

interface Travelling {
  readonly kind: RequestKind;
  isArrived: boolean;
  /** Lost on the way. */
  drop: () => void;
  arrive: () => void;
}

/** By then others have begun. */
const LATE_MS = 5_000;

/**
 * A process of the simulation. When it crashes nothing happens in it any more: its promises stay as they are. What it has sent
 * before may still arrive.
 */
export class SimProcess implements Owner {
  isAlive = true;
  stoppedUntilMs = 0;
  /** How far its wall clock is off. */
  skewMs = 0;
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  private readonly env: SimEnvironment;
  private readonly travelling = new Set<Travelling>();
  private readonly crashListeners: (() => void)[] = [];

  constructor(name: string, env: SimEnvironment) {
    this.name = name;
    this.env = env;
    this.random = new SeededRandom(env.random.below(2 ** 31));
    const { time } = env;
    this.clock = {
      now: () => Math.floor(EPOCH_MS + time.nowMs + this.skewMs),
      monotonic: () => time.nowMs,
      sleep: (ms, signal) => this.sleep(ms, signal),
    };
  }

  onCrash(listener: () => void): void {
    this.crashListeners.push(listener);
  }

  crash(): void {
    if (!this.isAlive) return;
    const { faults, trace, time } = this.env;
    trace.add(time.nowMs, `${this.name} CRASH`);
    this.isAlive = false;
    for (const request of this.travelling) {
      const fate = request.isArrived ? "arrives" : faults.inFlight;
      if (fate !== "arrives") request.drop();
      if (fate === "late") time.schedule(LATE_MS, `${this.name} late request`, request.arrive);
    }
    this.travelling.clear();
    for (const listener of this.crashListeners) listener();
  }

  /** SIGSTOP and, so much later, SIGCONT. */
  stop(ms: number): void {
    const { trace, time } = this.env;
    trace.add(time.nowMs, `${this.name} STOPPED for ${Math.round(ms)} ms`);
    this.stoppedUntilMs = Math.max(this.stoppedUntilMs, time.nowMs + ms);
  }

  /** Something that happens in the process a moment later. */
  later(delayMs: number, label: string, run: () => void): void {
    this.env.time.schedule(delayMs, `${this.name} ${label}`, run, this);
  }

  /**
   * Asks something of the outside: `apply` is done there, if and when the request arrives. `isAsked`: trouble on the way makes it
   * reject with CONNECTION_FAILED; else it is only slow, as where a client tries again by itself.
   */
  request<T>(kind: RequestKind, what: string, apply: () => T, options: { readonly signal?: AbortSignal } = {}): Promise<T> {
    const { time, faults } = this.env;
    const label = `${this.name} ${kind} ${what}`;
    const fate = faults.fateOf(kind, what);
    return new Promise<T>((resolve, reject) => {
      const { signal } = options;
      const request: Travelling = { kind, isArrived: false, drop: () => {}, arrive: () => {} };
      this.travelling.add(request);
      let isAnswered = false;
      const answer = (delayMs: number, how: string, settle: () => void): void => {
        time.schedule(
          delayMs,
          `${label} ${how}`,
          () => {
            if (isAnswered) return;
            isAnswered = true;
            signal?.removeEventListener("abort", giveUp);
            settle();
          },
          this,
        );
      };
      const giveUp = (): void => answer(0.01, "given up", () => reject(new SluiceError("STOPPED", `${label}: given up`)));
      const arrive = (): void => {
        request.isArrived = true;
        this.travelling.delete(request);
        if (faults.crashesBefore(kind)) this.crash();
        let settle: () => void;
        try {
          const result = apply();
          settle = () => resolve(result);
        } catch (error) {
          settle = () => reject(error);
        }
        if (
          faults.crashesAfter(
            kind,
            [...this.travelling].map((other) => other.kind),
          )
        )
          this.crash();
        if (fate.isAnswered) answer(fate.answerMs, "answered", settle);
      };
      request.arrive = arrive;
      if (fate.arriveMs !== null) request.drop = time.schedule(fate.arriveMs, `${label} arrives`, arrive);
      if (!fate.isAnswered) {
        const error = new SluiceError("CONNECTION_FAILED", `${label}: no answer`);
        answer(fate.answerMs, "timed out", () => reject(error));
      }
      if (signal?.aborted === true) giveUp();
      else signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  private sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        cancel();
        resolve();
      };
      const cancel = this.env.time.schedule(ms, "", wake, this);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }
}

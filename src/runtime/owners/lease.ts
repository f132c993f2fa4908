import type { Clock } from "../../ports/clock.ts";

/** How often whoever waits looks: membership comes back with an answer of the group, which takes milliseconds. */
const LOOK_MS = 20;

/**
 * For how long the group is known to leave its partitions to this process. A process that stood still (SIGSTOP, a suspended machine)
 * looks here before it writes anything: whoever took over may have written since. By wall time, which goes on meanwhile.
 */
export class Lease {
  private readonly clock: Clock;
  private readonly untilMs: () => number;

  constructor(clock: Clock, untilMs: () => number) {
    this.clock = clock;
    this.untilMs = untilMs;
  }

  /** A group leaves the partitions to this process, and tells when it does not any more. */
  get isGranted(): boolean {
    return this.untilMs() < Number.POSITIVE_INFINITY;
  }

  get isHeld(): boolean {
    return this.clock.now() < this.untilMs();
  }

  /** Resolves at once while it is held, else when it is held again, or the signal is aborted. */
  async held(signal: AbortSignal): Promise<void> {
    while (!this.isHeld && !signal.aborted) await this.clock.sleep(LOOK_MS, signal);
  }
}

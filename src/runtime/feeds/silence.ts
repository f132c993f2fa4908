import { LIMITS } from "../../limits.ts";

/**
 * For how long a cursor has been at the confirmed end of its log (`runtime.md` §6). A fetch that said so vouches for the time
 * since the one before it, and for no more than such a fetch takes: what a broker does not answer is no silence.
 */
export class Silence {
  /** ms; 0: only just, or something came. */
  durationMs = 0;
  /** Of it, what notes have counted. */
  notedMs = 0;
  private confirmedMs: number | null = null;

  /** A fetch that waited so long found nothing more, answered at that time of the monotonic clock. */
  confirm(atMs: number, waitMs: number = LIMITS.fetchWaitMs): void {
    const sinceMs = this.confirmedMs === null ? null : atMs - this.confirmedMs;
    if (sinceMs === null || sinceMs > waitMs + LIMITS.silenceGapMsMax) this.end();
    else this.durationMs += Math.floor(Math.min(sinceMs, waitMs + LIMITS.fetchWaitMs));
    this.confirmedMs = atMs;
  }

  /** A silence of that length, of which notes have counted so much. */
  static of(durationMs: number, notedMs: number): Silence {
    const silence = new Silence();
    silence.durationMs = durationMs;
    silence.notedMs = notedMs;
    return silence;
  }

  end(): void {
    this.durationMs = 0;
    this.notedMs = 0;
    this.confirmedMs = null;
  }
}

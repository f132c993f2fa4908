import type { TimeSpan } from "../model/time-grid.ts";
import { type Part, partBytes } from "./merge-parts.ts";

export interface Pane extends Part {
  readonly startMs: number;
  /** Rises whenever the pane may have changed. */
  readonly usedAt: number;
}

interface Run {
  readonly part: Part;
  readonly startMs: number;
  readonly panes: number;
  readonly madeAt: number;
}

/** So many panes make a run, so many runs a longer one. */
const RUN_PARTS = 4;

/**
 * Panes that follow each other, put together once and kept: a window of 60 panes is made of 12 parts at most, one of 1,440 of 21. Which
 * ones follows from time alone, never from what is kept: so sums of doubles are the same however often, and after whatever, they are made.
 */
export class PaneRuns {
  private readonly paneMs: number;
  private readonly merge: (parts: readonly Part[]) => Part;
  /** What `usedAt` of a pane will be at least when it changes from now on. */
  private readonly now: () => number;
  /** By width and number. */
  private readonly runs = new Map<string, Run>();

  constructor(paneMs: number, merge: (parts: readonly Part[]) => Part, now: () => number) {
    this.paneMs = paneMs;
    this.merge = merge;
    this.now = now;
  }

  get byteLength(): number {
    let bytes = 0;
    for (const { part } of this.runs.values()) bytes += partBytes(part);
    return bytes;
  }

  /** The parts of a window in order of time. `panes`: all that it has, in that order. */
  partsOf(panes: readonly Pane[], window: TimeSpan): readonly Part[] {
    const parts: Part[] = [];
    for (let at = 0; at < panes.length; ) {
      const widthMs = this.widestRun((panes[at] as Pane).startMs, window);
      const end = this.endOfRun(panes, at, widthMs);
      parts.push(this.run(panes.slice(at, end), widthMs));
      at = end;
    }
    return parts;
  }

  /** No window that begins before is asked for any more. */
  forgetBefore(timeMs: number): void {
    for (const [name, { startMs }] of this.runs) if (startMs < timeMs) this.runs.delete(name);
  }

  /** Of those within the window that the time is in; a pane's width where there is none. */
  private widestRun(timeMs: number, window: TimeSpan): number {
    for (let widthMs = this.paneMs; ; widthMs *= RUN_PARTS) {
      const nextMs = widthMs * RUN_PARTS;
      const startMs = Math.floor(timeMs / nextMs) * nextMs;
      if (startMs < window.startMs || startMs + nextMs > window.endMs) return widthMs;
    }
  }

  private endOfRun(panes: readonly Pane[], first: number, widthMs: number): number {
    if (widthMs === this.paneMs) return first + 1;
    const number = Math.floor((panes[first] as Pane).startMs / widthMs);
    let end = first + 1;
    while (end < panes.length && Math.floor((panes[end] as Pane).startMs / widthMs) === number) end++;
    return end;
  }

  private run(panes: readonly Pane[], widthMs: number): Part {
    const [first] = panes as [Pane];
    if (panes.length === 1) return first;
    const number = Math.floor(first.startMs / widthMs);
    const name = `${widthMs} ${number}`;
    const known = this.runs.get(name);
    if (known?.panes === panes.length && panes.every(({ usedAt }) => usedAt < known.madeAt)) return known.part;
    const parts: Part[] = [];
    for (let at = 0; at < panes.length; ) {
      const end = this.endOfRun(panes, at, widthMs / RUN_PARTS);
      parts.push(this.run(panes.slice(at, end), widthMs / RUN_PARTS));
      at = end;
    }
    const part = this.merge(parts);
    this.runs.set(name, { part, startMs: number * widthMs, panes: panes.length, madeAt: this.now() });
    return part;
  }
}

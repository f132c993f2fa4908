import { DAY_MS } from "./calendar.ts";
import { offsetsOf } from "./time-zone.ts";

/** A stretch of time, its end not included. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

export interface GridCell extends TimeSpan {
  /** Its start as the grid counts: by the wall clock of its zone, or the instant itself (where a change of the clock cuts it: uncut). */
  readonly base: number;
}

/** Stretches of time side by side. */
export interface TimeGrid {
  cellOf(timeMs: number): GridCell;
  /** The instant of a time as the grid counts it. */
  instantOf(base: number): number;
}

export interface GridOptions {
  readonly stepMs: number;
  /** Below the step. */
  readonly offsetMs: number;
  readonly timeZone: string | null;
  /**
   * Whether steps are of elapsed time, so that an hour that the clock shows twice is two; else they are of the wall clock, and a day has
   * 23 or 25 hours where the clock changes. Without a zone that is one.
   */
  readonly elapsed: boolean;
}

type OffsetAt = (instantMs: number) => number;

/**
 * Steps that are multiples of a day, or divide it, are counted from 1970; others from each midnight (moved by the offset), where the last
 * one of a day ends.
 */
export function timeGrid({ stepMs, offsetMs, timeZone, elapsed }: GridOptions): TimeGrid {
  const stepOf =
    DAY_MS % stepMs === 0 || stepMs % DAY_MS === 0 || timeZone === null ? evenSteps(stepMs, offsetMs) : dailySteps(stepMs, offsetMs);
  if (timeZone === null) return plainGrid(stepOf);
  const offsetAt = offsetsOf(timeZone);
  return elapsed ? elapsedGrid(stepOf, offsetAt) : wallClockGrid(stepOf, offsetAt);
}

type Step = readonly [start: number, end: number];
type StepOf = (time: number) => Step;

function evenSteps(stepMs: number, offsetMs: number): StepOf {
  return (time) => {
    const start = Math.floor((time - offsetMs) / stepMs) * stepMs + offsetMs;
    return [start, start + stepMs];
  };
}

function dailySteps(stepMs: number, offsetMs: number): StepOf {
  const [dayOf, stepOf] = [evenSteps(DAY_MS, offsetMs), evenSteps(stepMs, 0)];
  return (time) => {
    const [dayStart, dayEnd] = dayOf(time);
    const [start, end] = stepOf(time - dayStart);
    return [dayStart + start, Math.min(dayStart + end, dayEnd)];
  };
}

function plainGrid(stepOf: StepOf): TimeGrid {
  return {
    cellOf: (timeMs) => {
      const [startMs, endMs] = stepOf(timeMs);
      return { startMs, endMs, base: startMs };
    },
    instantOf: (base) => base,
  };
}

/** By the offset that is in force at the instant. */
function elapsedGrid(stepOf: StepOf, offsetAt: OffsetAt): TimeGrid {
  const at = (timeMs: number): Step => {
    const offset = offsetAt(timeMs);
    const [start, end] = stepOf(timeMs + offset);
    return [start - offset, end - offset];
  };
  const isSame = (timeMs: number, [start, end]: Step): boolean => {
    const [otherStart, otherEnd] = at(timeMs);
    return otherStart === start && otherEnd === end;
  };
  const cellOf = (timeMs: number): GridCell => {
    let [startMs, endMs] = at(timeMs);
    const [cell, offset] = [[startMs, endMs] as const, offsetAt(timeMs)];
    // Where the clock changes by anything but whole steps, a step ends, and another one begins.
    if (offsetAt(startMs) !== offset) {
      const change = changeOf(offsetAt, startMs, timeMs);
      if (!isSame(change - 1, cell)) startMs = change;
    }
    if (offsetAt(endMs - 1) !== offset) {
      const change = changeOf(offsetAt, timeMs, endMs - 1);
      if (!isSame(change, cell)) endMs = change;
    }
    return { startMs, endMs, base: cell[0] };
  };
  return { cellOf, instantOf: (base) => base };
}

/** A bound that the clock skips is the instant at which it does; of one that it shows twice the first time counts. */
function wallClockGrid(stepOf: StepOf, offsetAt: OffsetAt): TimeGrid {
  const instantOf = (base: number): number => firstInstantAt(base, offsetAt);
  const cellOf = (timeMs: number): GridCell => {
    let step = stepOf(timeMs + offsetAt(timeMs));
    while (instantOf(step[0]) > timeMs) step = stepOf(step[0] - 1);
    while (instantOf(step[1]) <= timeMs) step = stepOf(step[1]);
    return { startMs: instantOf(step[0]), endMs: instantOf(step[1]), base: step[0] };
  };
  return { cellOf, instantOf };
}

/** The first instant at which a clock shows a time, or a later one. */
function firstInstantAt(localMs: number, offsetAt: OffsetAt): number {
  // No zone was ever a day ahead or behind.
  const [from, to] = [localMs - DAY_MS, localMs + DAY_MS];
  const [before, after] = [offsetAt(from), offsetAt(to)];
  if (before === after) return localMs - before;
  const change = changeOf(offsetAt, from, to);
  if (localMs - before < change) return localMs - before;
  return Math.max(change, localMs - after);
}

/** The instant in (from, to] from which on the offset is not that of `from` any more; it is another one at `to`. */
function changeOf(offsetAt: OffsetAt, from: number, to: number): number {
  const offset = offsetAt(from);
  let [before, changed] = [from, to];
  while (changed - before > 1) {
    const middle = before + Math.floor((changed - before) / 2);
    if (offsetAt(middle) === offset) before = middle;
    else changed = middle;
  }
  return changed;
}

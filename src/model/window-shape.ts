import { DAY_MS } from "./calendar.ts";
import { type GridCell, type TimeGrid, type TimeSpan, timeGrid } from "./time-grid.ts";
import { type CumulatingWindow, type HoppingWindow, overlapOf, type SharedWindow } from "./window.ts";

/**
 * Windows that all groups have in common, as stretches of time. A pane is the longest stretch around a time whose rows are all in the
 * same windows.
 */
export interface WindowShape {
  /** In how many windows a row is at most. */
  readonly overlap: number;
  /** How long panes are, but for changes of the clock. */
  readonly paneMs: number;
  paneOf(timeMs: number): TimeSpan;
  /** The first window of a pane that comes after another one, by end, then start; null: there is none. */
  windowAfter(pane: TimeSpan, after: TimeSpan): TimeSpan | null;
  /** The end of the last window of a pane. */
  lastEndOf(pane: TimeSpan): number;
}

/** Comes before every window. */
export const BEFORE_ALL: TimeSpan = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.NEGATIVE_INFINITY };

const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;
/** Panes kept in mind: rows that are out of order need no reckoning with clocks either. */
const PANES_KEPT = 1000;

/** Keeps the pane last found in each stretch of so many ms. */
function remembering(paneOf: WindowShape["paneOf"], stretchMs: number): WindowShape["paneOf"] {
  const panes = new Map<number, TimeSpan>();
  return (timeMs) => {
    const stretch = Math.floor(timeMs / stretchMs);
    const known = panes.get(stretch);
    if (known !== undefined && timeMs >= known.startMs && timeMs < known.endMs) return known;
    if (panes.size >= PANES_KEPT) panes.clear();
    const pane = paneOf(timeMs);
    panes.set(stretch, pane);
    return pane;
  };
}

export function windowShape(window: SharedWindow): WindowShape {
  const shape = shapeOf(window);
  return window.timeZone === null ? shape : { ...shape, paneOf: remembering(shape.paneOf, QUARTER_MS) };
}

function shapeOf(window: SharedWindow): WindowShape {
  switch (window.kind) {
    case "tumbling":
      return tumbling(gridOf(window, window.sizeMs), window.sizeMs);
    case "hopping":
      return isElapsed(window) ? hoppingByStarts(window) : hoppingByBases(window);
    case "cumulating":
      return cumulating(window);
  }
}

/** Negative, zero or positive as a window closes before, with or after another one. */
export function compareWindows(left: TimeSpan, right: TimeSpan): number {
  return left.endMs === right.endMs ? compare(left.startMs, right.startMs) : compare(left.endMs, right.endMs);
}

function compare(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function gridOf(window: SharedWindow, stepMs: number): TimeGrid {
  const offsetMs = window.offsetMs % stepMs;
  return timeGrid({ stepMs, offsetMs, timeZone: window.timeZone, elapsed: isElapsed(window) });
}

/** Windows of up to an hour go by elapsed time: of an hour that the clock shows twice there are two. */
function isElapsed({ sizeMs, timeZone }: SharedWindow): boolean {
  return timeZone !== null && sizeMs <= HOUR_MS;
}

function tumbling(grid: TimeGrid, paneMs: number): WindowShape {
  return {
    overlap: 1,
    paneMs,
    paneOf: (timeMs) => grid.cellOf(timeMs),
    windowAfter: (pane, after) => (compareWindows(pane, after) > 0 ? pane : null),
    lastEndOf: (pane) => pane.endMs,
  };
}

/** Windows begin at each step of the advance, as the grid counts. */
function hoppingByBases(window: HoppingWindow): WindowShape {
  const { sizeMs, advanceMs } = window;
  const paneMs = greatestDivisor(sizeMs, advanceMs);
  const grid = gridOf(window, paneMs);
  const offsetMs = window.offsetMs;
  const windowAt = (number: number): TimeSpan => {
    const base = number * advanceMs + offsetMs;
    return { startMs: grid.instantOf(base), endMs: grid.instantOf(base + sizeMs) };
  };
  const lastOf = ({ base }: GridCell): number => Math.floor((base - offsetMs) / advanceMs);
  const firstOf = ({ base }: GridCell): number => Math.ceil((base + paneMs - sizeMs - offsetMs) / advanceMs);
  return {
    overlap: overlapOf(window),
    paneMs,
    paneOf: (timeMs) => grid.cellOf(timeMs),
    windowAfter: (pane, after) => {
      const cell = grid.cellOf(pane.startMs);
      const last = lastOf(cell);
      let [low, high] = [firstOf(cell), last + 1];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (compareWindows(windowAt(middle), after) > 0) high = middle;
        else low = middle + 1;
      }
      return low > last ? null : windowAt(low);
    },
    lastEndOf: (pane) => windowAt(lastOf(grid.cellOf(pane.startMs))).endMs,
  };
}

/**
 * Windows begin where the steps of the advance do, however the clock changes in between, and are of so many panes: a change of the clock
 * makes them shorter, as it does those that do not overlap.
 */
function hoppingByStarts(window: HoppingWindow): WindowShape {
  const { sizeMs, advanceMs } = window;
  const paneMs = greatestDivisor(sizeMs, advanceMs);
  const [starts, panes] = [gridOf(window, advanceMs), gridOf(window, paneMs)];
  const windowFrom = (startMs: number): TimeSpan => {
    const wholeMs = startMs + sizeMs;
    if (panes.cellOf(wholeMs - 1).endMs === wholeMs) return { startMs, endMs: wholeMs };
    let endMs = startMs;
    for (let left = sizeMs / paneMs; left > 0; left--) endMs = panes.cellOf(endMs).endMs;
    return { startMs, endMs };
  };
  return {
    overlap: overlapOf(window) + 1,
    paneMs,
    paneOf: (timeMs) => common(panes.cellOf(timeMs), starts.cellOf(timeMs)),
    windowAfter: (pane, after) => {
      const earliestMs = Math.max(pane.startMs, after.endMs) - sizeMs - advanceMs;
      for (let { startMs, endMs } = starts.cellOf(earliestMs); startMs <= pane.startMs; { startMs, endMs } = starts.cellOf(endMs)) {
        const found = windowFrom(startMs);
        if (found.endMs > pane.startMs && compareWindows(found, after) > 0) return found;
      }
      return null;
    },
    lastEndOf: (pane) => windowFrom(starts.cellOf(pane.startMs).startMs).endMs,
  };
}

/** A change of the clock may begin a step in the middle of a pane: what is a whole number of panes need not be one of steps. */
function common(pane: TimeSpan, step: TimeSpan): TimeSpan {
  if (pane.startMs >= step.startMs && pane.endMs <= step.endMs) return pane;
  return { startMs: Math.max(pane.startMs, step.startMs), endMs: Math.min(pane.endMs, step.endMs) };
}

/** Windows begin with a step of the size, and end at each step of the advance within it. */
function cumulating(window: CumulatingWindow): WindowShape {
  const { sizeMs, advanceMs } = window;
  const grid = gridOf(window, sizeMs);
  const endOf = ({ base, endMs }: GridCell, steps: number): number => Math.min(grid.instantOf(base + steps * advanceMs), endMs);
  /** The number of the first end that comes after a time within the cell. */
  const stepsAfter = (cell: GridCell, timeMs: number): number => {
    let steps = Math.max(Math.floor((timeMs - cell.startMs) / advanceMs), 0);
    while (steps > 0 && endOf(cell, steps) > timeMs) steps--;
    while (endOf(cell, steps) <= timeMs) steps++;
    return steps;
  };
  return {
    overlap: overlapOf(window),
    paneMs: advanceMs,
    paneOf: (timeMs) => {
      const cell = grid.cellOf(timeMs);
      const steps = stepsAfter(cell, timeMs);
      return { startMs: Math.max(endOf(cell, steps - 1), cell.startMs), endMs: endOf(cell, steps) };
    },
    windowAfter: (pane, after) => {
      const cell = grid.cellOf(pane.startMs);
      const { startMs } = cell;
      const own = { startMs, endMs: pane.endMs };
      if (compareWindows(own, after) > 0) return own;
      if (after.endMs >= cell.endMs) return null;
      return { startMs, endMs: endOf(cell, stepsAfter(cell, after.endMs)) };
    },
    lastEndOf: (pane) => grid.cellOf(pane.startMs).endMs,
  };
}

/** Of two whole numbers, the first greater than 0. */
export function greatestDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestDivisor(right, left % right);
}

/** Whether the steps of a window with a zone are the same every day, or whole days. */
export function fitsDays(stepMs: number): boolean {
  return DAY_MS % stepMs === 0 || stepMs % DAY_MS === 0;
}

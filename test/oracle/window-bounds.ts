import { instantOf, localAt, offsetAt } from "./local-time.ts";
import type { WindowSpec } from "./spec.ts";

/** Half open, in ms. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

type SteppedWindow = Extract<TimedWindow, { readonly advanceMs: number }>;
export type TimedWindow = Extract<WindowSpec, { readonly offsetMs: number }>;

/** Clocks change at such times. */
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Every window that a time is in, by end, then start. */
export function windowsAt(timeMs: number, window: TimedWindow): readonly Bounds[] {
  const all = window.timeZone === null ? plainWindows(timeMs, window, 0) : zonedWindows(timeMs, window, window.timeZone);
  const holding = all.filter(({ start, end }) => start <= timeMs && timeMs < end);
  const distinct = new Map(holding.map((bounds) => [`${bounds.start} ${bounds.end}`, bounds]));
  return [...distinct.values()].sort((a, b) => a.end - b.end || a.start - b.start);
}

/** Some windows around a time, all that hold it among them; clocks are ahead of UTC by `aheadMs`. */
function plainWindows(timeMs: number, window: TimedWindow, aheadMs: number): readonly Bounds[] {
  const { sizeMs, offsetMs } = window;
  const isDaily = window.timeZone !== null && DAY_MS % sizeMs !== 0 && window.kind !== "hopping";
  // What does not divide a day is counted from each midnight, and the last one ends with the day.
  const dayMs = isDaily ? Math.floor((timeMs + aheadMs - offsetMs) / DAY_MS) * DAY_MS : 0;
  const floor = (stepMs: number): number =>
    dayMs + Math.floor((timeMs + aheadMs - offsetMs - dayMs) / stepMs) * stepMs + offsetMs - aheadMs;
  const lastMs = isDaily ? dayMs + DAY_MS + offsetMs - aheadMs : Number.POSITIVE_INFINITY;
  if (window.kind === "tumbling") return [{ start: floor(sizeMs), end: Math.min(floor(sizeMs) + sizeMs, lastMs) }];
  const { advanceMs } = window;
  if (window.kind === "cumulating") {
    const start = floor(sizeMs);
    return Array.from({ length: sizeMs / advanceMs }, (_, step) => ({ start, end: Math.min(start + (step + 1) * advanceMs, lastMs) }));
  }
  const last = floor(advanceMs);
  return Array.from({ length: Math.ceil(sizeMs / advanceMs) }, (_, back) => {
    const start = last - back * advanceMs;
    return { start, end: start + sizeMs };
  });
}

function zonedWindows(timeMs: number, window: TimedWindow, zone: string): readonly Bounds[] {
  const stepMs = window.kind === "hopping" ? window.advanceMs : window.sizeMs;
  if (window.sizeMs <= HOUR_MS)
    return window.kind === "hopping" ? steppedWindows(timeMs, window, zone) : elapsedWindows(timeMs, window, zone);
  const starts = localStarts(localAt(timeMs, zone), { stepMs, sizeMs: window.sizeMs, offsetMs: window.offsetMs });
  const toBounds = (start: number, end: number): Bounds => ({ start: instantOf(start, zone), end: instantOf(end, zone) });
  switch (window.kind) {
    case "tumbling":
      return starts.slice(0, -1).map((start, index) => toBounds(start, starts[index + 1] as number));
    case "hopping":
      return starts.map((start) => toBounds(start, start + window.sizeMs));
    case "cumulating":
      return starts.slice(0, -1).flatMap((start, index) => {
        const end = starts[index + 1] as number;
        const steps = Math.ceil((end - start) / window.advanceMs);
        return Array.from({ length: steps }, (_, step) => toBounds(start, Math.min(end, start + (step + 1) * window.advanceMs)));
      });
  }
}

/** From each step on, so many of the longest steps that all windows are made of, however short a change of the clock makes one. */
function steppedWindows(timeMs: number, { sizeMs, advanceMs, ...common }: SteppedWindow, zone: string): readonly Bounds[] {
  const paneMs = divisorOf(sizeMs, advanceMs);
  const stepAt = (ms: number, stepMs: number): Bounds =>
    elapsedWindows(ms, { ...common, kind: "tumbling", sizeMs: stepMs }, zone)[0] as Bounds;
  const found: Bounds[] = [];
  for (let step = stepAt(timeMs - sizeMs - advanceMs, advanceMs); step.start <= timeMs; step = stepAt(step.end, advanceMs)) {
    let end = step.start;
    for (let panes = sizeMs / paneMs; panes > 0; panes--) end = stepAt(end, paneMs).end;
    found.push({ start: step.start, end });
  }
  return found;
}

function divisorOf(a: number, b: number): number {
  return b === 0 ? a : divisorOf(b, a % b);
}

/** By the offset at the instant; where the clocks change by anything but whole windows, one ends there, and another one begins. */
function elapsedWindows(timeMs: number, window: TimedWindow, zone: string): readonly Bounds[] {
  const found = plainWindows(timeMs, window, offsetAt(timeMs, zone));
  return found.map(({ start, end }) => {
    let [from, to] = [start, end];
    const isOther = (ms: number): boolean =>
      !plainWindows(ms, window, offsetAt(ms, zone)).some((other) => other.start === start && other.end === end);
    for (let ms = Math.floor(timeMs / QUARTER_MS) * QUARTER_MS; ms > start; ms -= QUARTER_MS)
      if (isOther(ms - 1)) from = Math.max(from, ms);
    for (let ms = Math.ceil((timeMs + 1) / QUARTER_MS) * QUARTER_MS; ms < end; ms += QUARTER_MS) if (isOther(ms)) to = Math.min(to, ms);
    return { start: from, end: to };
  });
}

/** Local times, a day or a window around one, at which windows begin. */
function localStarts(
  localMs: number,
  { stepMs, sizeMs, offsetMs }: { readonly stepMs: number; readonly sizeMs: number; readonly offsetMs: number },
): readonly number[] {
  const reachMs = Math.max(sizeMs, DAY_MS) + DAY_MS;
  const starts: number[] = [];
  if (stepMs % DAY_MS === 0) {
    for (let start = Math.floor((localMs - reachMs) / stepMs) * stepMs + offsetMs; start <= localMs + reachMs; start += stepMs)
      starts.push(start);
    return starts;
  }
  for (let day = Math.floor((localMs - reachMs) / DAY_MS) * DAY_MS; day <= localMs + reachMs; day += DAY_MS)
    for (let inDay = 0; inDay < DAY_MS; inDay += stepMs) starts.push(day + inDay + offsetMs);
  return starts;
}

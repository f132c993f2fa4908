import { SluiceError } from "../../errors.ts";
import { parseDurationMs } from "../../model/duration-text.ts";
import { parseTimestamp } from "../../model/timestamp-text.ts";
import type { StreamTimeStep } from "../../runtime/protocol.ts";
import type { Step } from "./row-test-schema.ts";

/** How time goes on behind a step's records. */
export interface TimeMove {
  /** What the clock comes to; null: it stays. */
  readonly clockMs: number | null;
  /** Of stream time; `true`: all windows close. */
  readonly close: true | StreamTimeStep;
}

/** Keys of a step of which it has one at most. */
const MOVES = ["advance", "watermark", "idle", "close"] as const;

/** null: time stays. `silentMs`: for how long nothing has come before. Throws a StepTimeError. */
export function moveOf(step: Step, nowMs: number, silentMs: number): TimeMove | null {
  const [first, second] = MOVES.filter((key) => step[key] !== undefined && step[key] !== false);
  if (first === undefined) return null;
  if (second !== undefined)
    throw new StepTimeError([first], `a step moves time once: by ${first}, or by ${second}`, "make two steps of it");
  switch (first) {
    case "advance":
      return advanced(step.advance as string | number, nowMs);
    case "watermark":
      return { clockMs: null, close: { watermark: watermarkOf(step.watermark as NonNullable<Step["watermark"]>) } };
    case "idle": {
      const byMs = durationOf(step.idle as string, ["idle"]);
      return { clockMs: nowMs + byMs, close: { silentMs: silentMs + byMs } };
    }
    case "close":
      return { clockMs: null, close: true };
  }
}

/** What the clock shows while the step's records are read; null: the time of the latest one. Throws a StepTimeError. */
export function nowOf({ now }: Step, clockMs: number): number | null {
  if (now === undefined) return null;
  const timeMs = timeOf(now, ["now"]);
  if (timeMs >= clockMs) return timeMs;
  throw new StepTimeError(["now"], `the clock is at ${new Date(clockMs).toISOString()} already, and never goes back`);
}

/** A time of a test that is none; `path`: within the step. */
export class StepTimeError extends SluiceError {
  readonly path: readonly string[];

  constructor(path: readonly string[], message: string, hint: string | null = null) {
    super("TEST_INVALID", message, hint === null ? {} : { hint });
    this.path = path;
  }
}

function advanced(written: string | number, nowMs: number): TimeMove {
  const byMs = typeof written === "string" ? parseDurationMs(written) : null;
  if (byMs !== null) return { clockMs: nowMs + byMs, close: { byMs } };
  const toMs = typeof written === "string" ? parseTimestamp(written) : written;
  if (toMs === undefined) {
    throw new StepTimeError(["advance"], `'${written}' is neither a duration nor a time`, "5m, or 2026-01-31T12:00:00Z");
  }
  return { clockMs: toMs, close: { toMs } };
}

function watermarkOf(written: NonNullable<Step["watermark"]>): number | Readonly<Record<string, number>> {
  if (typeof written !== "object") return timeOf(written, ["watermark"]);
  return Object.fromEntries(Object.entries(written).map(([partition, time]) => [partition, timeOf(time, ["watermark", partition])]));
}

function timeOf(written: string | number, path: readonly string[]): number {
  const timeMs = typeof written === "string" ? parseTimestamp(written) : written;
  if (timeMs === undefined) throw new StepTimeError(path, `'${written}' is no time`, "2026-01-31T12:00:00Z, or milliseconds since 1970");
  return timeMs;
}

function durationOf(written: string, path: readonly string[]): number {
  const ms = parseDurationMs(written);
  if (ms === null) throw new StepTimeError(path, `'${written}' is no duration`, "30s, 5m or 1h");
  return ms;
}

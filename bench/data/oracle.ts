import { Digest, type Fingerprint } from "./digest.ts";
import { deviceId, END_MS, PARTITIONS, type Reading, type ReadingsOptions, readings } from "./readings.ts";
import { timeMs } from "./time-text.ts";

/** What one output must hold, computed plainly from the generated numbers: it shares no code with the engine. */
export interface Oracle {
  add(reading: Readonly<Reading>): void;
  /** `endMs` is the event time of the end markers. */
  finish(endMs: number): Fingerprint;
}

type Keeps = (reading: Readonly<Reading>) => boolean;

const WINDOW_MS = 60_000;

export const degrees = ({ temperature }: Readonly<Reading>): number => temperature / 10;
export const charge = ({ battery }: Readonly<Reading>): number => battery / 100;

/** As `rowText` makes of a row of results. */
export const resultRow = (...values: readonly (string | number)[]): string => values.join("|");

/** Rows of (deviceId, ts, value). No end marker passes a filter of the workloads. */
export function filterOracle(keeps: Keeps, value: (reading: Readonly<Reading>) => number): Oracle {
  const digest = new Digest();
  return {
    add: (reading) => {
      if (keeps(reading)) digest.add(resultRow(deviceId(reading.device), reading.timestampMs, value(reading)));
    },
    finish: () => digest.fingerprint(),
  };
}

interface Window {
  readonly counts: Int32Array;
  readonly sums: Float64Array;
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
}

/** Rows of (deviceId, window_start, window_end, count, average, minimum, maximum); the windows of the end markers stay open. */
export function windowOracle(devices: number, keeps: Keeps, hasOpenWindows: boolean): Oracle {
  const windows = new Map<number, Window>();
  const windowAt = (startMs: number): Window => {
    const found = windows.get(startMs);
    if (found !== undefined) return found;
    const numbers = (): Float64Array => new Float64Array(devices);
    const made = { counts: new Int32Array(devices), sums: numbers(), lowest: numbers(), highest: numbers() };
    windows.set(startMs, made);
    return made;
  };
  return {
    add: (reading) => {
      if (!keeps(reading)) return;
      const { device } = reading;
      const { counts, sums, lowest, highest } = windowAt(windowStart(reading.timestampMs));
      const value = degrees(reading);
      const isFirst = counts[device] === 0;
      counts[device] = (counts[device] as number) + 1;
      sums[device] = (sums[device] as number) + value;
      lowest[device] = isFirst ? value : Math.min(lowest[device] as number, value);
      highest[device] = isFirst ? value : Math.max(highest[device] as number, value);
    },
    finish: (endMs) => {
      const digest = new Digest();
      for (const [startMs, { counts, sums, lowest, highest }] of windows) {
        for (let device = 0; device < devices; device++) {
          const count = counts[device] as number;
          if (count === 0) continue;
          const average = (sums[device] as number) / count;
          const [low, high] = [lowest[device] as number, highest[device] as number];
          digest.add(resultRow(deviceId(device), startMs, startMs + WINDOW_MS, count, average, low, high));
        }
      }
      if (hasOpenWindows) {
        const startMs = windowStart(endMs);
        for (let partition = 0; partition < PARTITIONS; partition++) {
          digest.add(resultRow(`end-${partition}`, startMs, startMs + WINDOW_MS, 1, 0, 0, 0));
        }
      }
      return digest.fingerprint();
    },
  };
}

/** Lets all oracles see all readings. */
export function consult(options: ReadingsOptions, oracles: readonly Oracle[]): readonly Fingerprint[] {
  let latestMs = 0;
  for (const reading of readings(options)) {
    latestMs = Math.max(latestMs, reading.timestampMs);
    for (const oracle of oracles) oracle.add(reading);
  }
  return oracles.map((oracle) => oracle.finish(latestMs + END_MS));
}

/** A row of results in the oracles' words: values in the order of their columns, times in milliseconds. */
export function rowText(document: Readonly<Record<string, unknown>>): string {
  return Object.entries(document)
    .map(([name, value]) => (TIMES.has(name) && typeof value === "string" ? timeMs(value) : String(value)))
    .join("|");
}

/** The rows of a document: one, or of a list of the best as Kafka Streams writes it each with its place. */
export function rowTexts({ top, ...others }: Readonly<Record<string, unknown>>): readonly string[] {
  if (!Array.isArray(top)) return [rowText(others)];
  return (top as readonly Record<string, unknown>[]).map((each, index) => rowText({ ...others, place: index + 1, ...each }));
}

const TIMES: ReadonlySet<string> = new Set(["ts", "window_start", "window_end"]);

const windowStart = (timestampMs: number): number => timestampMs - (timestampMs % WINDOW_MS);

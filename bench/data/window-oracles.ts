import { Digest } from "./digest.ts";
import { degrees, type Oracle, resultRow } from "./oracle.ts";
import { deviceId, type Reading } from "./readings.ts";

/** Windows that the end markers do not close are none of Kafka Streams and Sluice; at the end of a bounded scan Flink closes all. */
export interface Closing {
  readonly closesAll: boolean;
}

export const MINUTE_MS = 60_000;
const GAP_MS = 30_000;
const GRACE_MS = 5_000;
const TOP = 10;

interface Statistics {
  count: number;
  humidity: number;
  /** Tenths of a degree. */
  highest: number;
}

const noStatistics = (): Statistics => ({ count: 0, humidity: 0, highest: Number.NEGATIVE_INFINITY });

function addReading(statistics: Statistics, { humidity, temperature }: Readonly<Reading>): void {
  statistics.count++;
  statistics.humidity += humidity;
  statistics.highest = Math.max(statistics.highest, temperature);
}

function addStatistics(statistics: Statistics, { count, humidity, highest }: Statistics): void {
  statistics.count += count;
  statistics.humidity += humidity;
  statistics.highest = Math.max(statistics.highest, highest);
}

const statisticsRow = (id: string, startMs: number, endMs: number, { count, humidity, highest }: Statistics): string =>
  resultRow(id, startMs, endMs, count, humidity / count, highest / 10);

const END_MARKERS = ["end-0", "end-1", "end-2", "end-3"];
const END_MARKER: Statistics = { count: 1, humidity: 0, highest: 0 };

/** Rows of (deviceId, window_start, window_end, count, average humidity, highest temperature) of so many minutes, again every minute. */
export function everyMinuteOracle(sizeMs: number, { closesAll }: Closing): Oracle {
  const minutes = new Map<number, Map<number, Statistics>>();
  return {
    add: (reading) => {
      const minute = entry(minutes, minuteOf(reading.timestampMs), devices<Statistics>());
      addReading(entry(minute, reading.device, noStatistics), reading);
    },
    finish: (endMs) => {
      const digest = new Digest();
      for (const startMs of startsOf([...minutes.keys()], sizeMs)) {
        if (!closesAll && startMs + sizeMs + GRACE_MS > endMs) continue;
        for (const [device, statistics] of windowOf(minutes, startMs, sizeMs)) {
          digest.add(statisticsRow(deviceId(device), startMs, startMs + sizeMs, statistics));
        }
      }
      for (const startMs of closesAll ? startsOf([minuteOf(endMs)], sizeMs) : []) {
        for (const id of END_MARKERS) digest.add(statisticsRow(id, startMs, startMs + sizeMs, END_MARKER));
      }
      return digest.fingerprint();
    },
  };
}

const devices =
  <V>() =>
  (): Map<number, V> =>
    new Map();
const minuteOf = (timestampMs: number): number => Math.floor(timestampMs / MINUTE_MS) * MINUTE_MS;

/** The starts of the windows in which one of the minutes is. */
function startsOf(minutes: readonly number[], sizeMs: number): ReadonlySet<number> {
  return new Set(minutes.flatMap((minute) => Array.from({ length: sizeMs / MINUTE_MS }, (_, before) => minute - before * MINUTE_MS)));
}

type ByMinute = ReadonlyMap<number, ReadonlyMap<number, Statistics>>;

function windowOf(minutes: ByMinute, startMs: number, sizeMs: number): ReadonlyMap<number, Statistics> {
  const sums = new Map<number, Statistics>();
  for (let minute = startMs; minute < startMs + sizeMs; minute += MINUTE_MS) {
    for (const [device, statistics] of minutes.get(minute) ?? []) addStatistics(entry(sums, device, noStatistics), statistics);
  }
  return sums;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

interface Session {
  startMs: number;
  lastMs: number;
  readonly statistics: Statistics;
}

/** Rows of (deviceId, window_start, window_end, count, average humidity, highest temperature) until half a minute of silence. */
export function sessionOracle({ closesAll }: Closing): Oracle {
  const byDevice = new Map<number, Session[]>();
  return {
    add: (reading) => {
      const { device, timestampMs } = reading;
      const all = entry(byDevice, device, (): Session[] => []);
      const joined = { startMs: timestampMs, lastMs: timestampMs, statistics: noStatistics() };
      addReading(joined.statistics, reading);
      byDevice.set(device, [...all.filter((session) => !isJoined(joined, session)), joined]);
    },
    finish: (endMs) => {
      const digest = new Digest();
      for (const [device, sessions] of byDevice) {
        for (const { startMs, lastMs, statistics } of sessions) {
          digest.add(statisticsRow(deviceId(device), startMs, lastMs + GAP_MS, statistics));
        }
      }
      for (const id of closesAll ? END_MARKERS : []) digest.add(statisticsRow(id, endMs, endMs + GAP_MS, END_MARKER));
      return digest.fingerprint();
    },
  };
}

/** Takes in a session that is within reach of what a reading has begun; at most one before it and one behind it are. */
function isJoined(joined: Session, { startMs, lastMs, statistics }: Session): boolean {
  if (joined.startMs >= lastMs + GAP_MS || startMs >= joined.lastMs + GAP_MS) return false;
  joined.startMs = Math.min(joined.startMs, startMs);
  joined.lastMs = Math.max(joined.lastMs, lastMs);
  addStatistics(joined.statistics, statistics);
  return true;
}

/** Rows of (deviceId, window_start, window_end, count, different humidities) of a minute. */
export function distinctOracle({ closesAll }: Closing): Oracle {
  interface Group {
    count: number;
    readonly values: Set<number>;
  }
  const minutes = new Map<number, Map<number, Group>>();
  const row = (id: string, startMs: number, count: number, values: number): string =>
    resultRow(id, startMs, startMs + MINUTE_MS, count, values);
  return {
    add: ({ timestampMs, device, humidity }) => {
      const group = entry(entry(minutes, minuteOf(timestampMs), devices<Group>()), device, () => ({ count: 0, values: new Set() }));
      group.count++;
      group.values.add(humidity);
    },
    finish: (endMs) => {
      const digest = new Digest();
      for (const [startMs, groups] of minutes) {
        for (const [device, { count, values }] of groups) digest.add(row(deviceId(device), startMs, count, values.size));
      }
      for (const id of closesAll ? END_MARKERS : []) digest.add(row(id, minuteOf(endMs), 1, 1));
      return digest.fingerprint();
    },
  };
}

/** Rows of (deviceId, place, ts, temperature), ten of each device. */
export function topOracle(): Oracle {
  const byDevice = new Map<number, Readonly<Reading>[]>();
  return {
    add: (reading) => {
      const best = entry(byDevice, reading.device, (): Readonly<Reading>[] => []);
      const place = best.findIndex((other) => isHigher(reading, other));
      best.splice(place < 0 ? best.length : place, 0, { ...reading });
      if (best.length > TOP) best.pop();
    },
    finish: (endMs) => {
      const digest = new Digest();
      for (const [device, best] of byDevice) {
        for (const [index, reading] of best.entries()) {
          digest.add(resultRow(deviceId(device), index + 1, reading.timestampMs, degrees(reading)));
        }
      }
      for (const id of END_MARKERS) digest.add(resultRow(id, 1, endMs, 0));
      return digest.fingerprint();
    },
  };
}

function isHigher(reading: Readonly<Reading>, other: Readonly<Reading>): boolean {
  if (reading.temperature !== other.temperature) return reading.temperature > other.temperature;
  return reading.timestampMs < other.timestampMs;
}

import type { BadCell, CaseSpec, Cell, ColumnSpec, RecordSpec, SourceSpec, TimeMode } from "./spec.ts";
import { isBad } from "./spec.ts";

/** A record of a source at its place; `run` is the first one that sees it. */
export interface Entry {
  readonly record: RecordSpec;
  readonly source: SourceSpec;
  readonly offset: number;
  readonly run: number;
  /** When that run reads it: the time of the newest record that there is then, but no earlier than the clock begins. */
  readonly wallMs: number;
}

/** What a SELECT reads as one row. */
export interface Tuple {
  readonly column: (name: string, of: string | null) => Cell | BadCell;
  readonly timeMs: number;
  /** Stream time as it comes; less than its own time where rows that are older may follow. */
  readonly streamMs: number;
  /** The record that it is, or that brought it. */
  readonly entry: Entry;
  /** `none`: moves the stream time and is filtered; `counted`: moves it, and was counted before. */
  readonly is: "row" | "none" | "counted";
}

export interface Counters {
  in: number;
  applied: number;
  filtered: number;
  late: number;
  deadLettered: number;
}

export const noCounters = (): Counters => ({ in: 0, applied: 0, filtered: 0, late: 0, deadLettered: 0 });

/** What a SELECT reads, partition by partition in the order of the log. */
export interface Input {
  readonly partitions: readonly (readonly Tuple[])[];
  /** Of the records that are not among the tuples. */
  readonly counters: Counters;
  /** Each tuple is a record that is still to be counted. */
  readonly isOfRecords: boolean;
  /** Each tuple is a record that was counted as applied, unless it is late. */
  readonly wasApplied?: boolean;
  /** Records that came too late for what is read here. */
  readonly late?: readonly RecordSpec[];
}

/** An event time so far in front of its record's timestamp is taken for a wrong unit. */
const AHEAD_MS = 600_000;
/** A wall clock shows no time before 1970, though records may have one. */
const CLOCK_BEGINS_MS = 0;

export function entriesOf(source: SourceSpec, { sources, runs }: Pick<CaseSpec, "sources" | "runs">): readonly (readonly Entry[])[] {
  const index = sources.indexOf(source);
  const partitions: Entry[][] = Array.from({ length: source.partitions }, () => []);
  const walls = runs.map((counts) =>
    Math.max(CLOCK_BEGINS_MS, ...sources.flatMap(({ records }, at) => records.slice(0, counts[at]).map(({ timestampMs }) => timestampMs))),
  );
  for (const [number, record] of source.records.entries()) {
    const run = index < 0 ? 0 : runs.findIndex((counts) => number < (counts[index] ?? 0));
    const log = partitions[record.partition] as Entry[];
    log.push({ record, source, offset: log.length, run, wallMs: walls[run] ?? 0 });
  }
  return partitions;
}

/** null: there is none that could be it. */
export function eventTimeOf({ record, source, wallMs }: Entry, mode: TimeMode = "event"): number | null {
  if (mode === "processing") return wallMs;
  if (source.timeColumn === null || mode === "ingestion") return record.timestampMs;
  const time = record.values?.[source.timeColumn] ?? null;
  return typeof time === "number" && time <= record.timestampMs + AHEAD_MS ? time : null;
}

export function cellOf({ record }: Pick<Entry, "record">, name: string): Cell | BadCell {
  return record.values?.[name] ?? null;
}

/** Each record of a stream by itself. */
export function streamInput(partitions: readonly (readonly Entry[])[], mode: TimeMode = "event"): Input {
  const counters = noCounters();
  return {
    counters,
    isOfRecords: true,
    partitions: partitions.map((log) =>
      log.flatMap((entry): Tuple[] => {
        const timeMs = eventTimeOf(entry, mode);
        if (timeMs === null) {
          counters.in++;
          counters.deadLettered++;
          return [];
        }
        return [{ column: (name) => cellOf(entry, name), timeMs, streamMs: timeMs, entry, is: "row" }];
      }),
    ),
  };
}

/**
 * The records that a table has in the end, one of each key. `brings`: whether a record is a row of the statement; one that neither
 * is nor takes the place of such a row is filtered. null: every record writes or deletes its row.
 */
export function tableInput(partitions: readonly (readonly Entry[])[], brings: ((tuple: Tuple) => boolean) | null): Input {
  const counters = noCounters();
  const tupleOf = (entry: Entry): Tuple => {
    const timeMs = entry.record.timestampMs;
    return { column: (name) => cellOf(entry, name), timeMs, streamMs: timeMs, entry, is: "row" };
  };
  for (const log of partitions) {
    const brought = new Set<string | null>();
    for (const entry of log) {
      const { key, values } = entry.record;
      const isRow = values !== null && (brings === null || brings(tupleOf(entry)));
      counters.in++;
      counters[isRow || brings === null || brought.has(key) ? "applied" : "filtered"]++;
      if (isRow) brought.add(key);
      else brought.delete(key);
    }
  }
  const rows = partitions.map((log) => [...latestByKey(log).values()].filter(({ record }) => record.values !== null).map(tupleOf));
  return { counters, isOfRecords: false, partitions: rows };
}

export function latestByKey(log: readonly Entry[]): ReadonlyMap<string, Entry> {
  const latest = new Map<string, Entry>();
  for (const entry of log) latest.set(entry.record.key ?? "", entry);
  return latest;
}

/** As it lies in the topic; null: no value. */
export function documentOf({ values }: RecordSpec, columns: readonly ColumnSpec[]): string | null {
  if (values === null) return null;
  const members = columns.flatMap(({ name, type }) => {
    const cell = values[name];
    if (cell === undefined) return [];
    const value = isBad(cell) ? cell.bad : type === "TIMESTAMP" && typeof cell === "number" ? new Date(cell).toISOString() : cell;
    return [`${JSON.stringify(name)}:${JSON.stringify(value)}`];
  });
  return `{${members.join(",")}}`;
}

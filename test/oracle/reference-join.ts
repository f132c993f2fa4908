import { isWanted, type JoinStep, type JoinWish, keyOf, leftKeyOf, type Sides, type StepCounters } from "./join-step.ts";
import { JoinedStreams } from "./joined-streams.ts";
import { type Counters, cellOf, type Entry, eventTimeOf, type Input, latestByKey, noCounters, type Tuple } from "./reference-input.ts";
import { ALIASES, type BadCell, type Cell, type JoinSpec, type RecordSpec, type TimeMode } from "./spec.ts";
import type { Wants } from "./wanted-rows.ts";

type Log = readonly (readonly Entry[])[];

export interface JoinOptions {
  /** Of all relations: FROM, then one for each JOIN. */
  readonly areTables: readonly boolean[];
  /** What waits for a match is given up in the end. */
  readonly closes: boolean;
  readonly time: TimeMode;
  /** By relation: the records that take part. */
  readonly wants: readonly Wants[];
}

/** What a row of a join has, and the stream time of those who read it. */
export function joined(sides: Sides, timeMs: number, streamMs: number): Tuple {
  const column = (name: string, of: string | null): Cell | BadCell => {
    const side = sides[of === null ? 0 : ALIASES.indexOf(of as "l")] ?? null;
    return side === null ? null : cellOf(side, name);
  };
  return { column, timeMs, streamMs, entry: sides.find((side) => side !== null) as Entry, is: "row" };
}

/** Records are counted as they are taken, whatever becomes of their rows. */
export function joinInput(joins: readonly JoinSpec[], logs: readonly Log[], options: JoinOptions): Input {
  const counters = noCounters();
  const late: RecordSpec[] = [];
  if (options.areTables.every((isTable) => isTable))
    return { partitions: [joinTables(joins, logs, counters)], counters, isOfRecords: false };
  const partitions = (logs[0] ?? []).map((_, partition) => {
    const own = logs.map((log) => log[partition] ?? []);
    return joinStreams(joins, own, options, { ofLeft: counters, ofRight: counters, late });
  });
  return { partitions, counters, isOfRecords: false, wasApplied: joins.every(({ within }) => within === null), late };
}

// --- the merge ---------------------------------------------------------------------------------

interface Merged {
  readonly entry: Entry;
  readonly input: number;
  readonly logTime: number;
}

/**
 * By (log time, input, offset), run by run. The log time of a record is the largest timestamp so far, and at the end of a run beyond all
 * that the other inputs were taken to. Records of tables come first until a run finds a record of a stream.
 */
function merged(logs: readonly (readonly Entry[])[], areTables: readonly boolean[]): readonly Merged[] {
  const all: Merged[] = [];
  const reached = logs.map(() => Number.NEGATIVE_INFINITY);
  const streams = logs.filter((_, input) => areTables[input] === false).flat();
  const loadedUntil = areTables.includes(true) ? Math.min(...streams.map(({ run }) => run)) : -1;
  const runs = Math.max(0, ...logs.flat().map(({ run }) => run)) + 1;
  for (let run = 0; run < runs; run++) {
    const found = logs.map((log, input) =>
      log
        .filter((entry) => entry.run === run)
        .map((entry): Merged => {
          reached[input] = Math.max(reached[input] as number, entry.record.timestampMs);
          return { entry, input, logTime: reached[input] as number };
        }),
    );
    const loaded = found.filter((_, input) => areTables[input] === true && run <= loadedUntil).flat();
    const rest = found.flat().filter((own) => !loaded.includes(own));
    all.push(...loaded, ...rest.sort((a, b) => a.logTime - b.logTime || a.input - b.input || a.entry.offset - b.entry.offset));
    for (const input of logs.keys()) {
      const last = rest.findLast((own) => own.input !== input);
      const isBefore = (own: Merged): boolean => {
        const time = reached[input] as number;
        return own.logTime < time || (own.logTime === time && own.input < input);
      };
      if (last !== undefined && !isBefore(last)) reached[input] = last.logTime + 1;
    }
  }
  return all;
}

// --- streams, with streams and tables ------------------------------------------------------------

function joinStreams(joins: readonly JoinSpec[], logs: readonly (readonly Entry[])[], options: JoinOptions, counts: StepCounters): Tuple[] {
  const counters = counts.ofRight;
  const { areTables, closes, time, wants } = options;
  const rows: Tuple[] = [];
  let streamMs = Number.NEGATIVE_INFINITY;
  const reach = (timeMs: number): void => {
    streamMs = Math.max(streamMs, timeMs);
  };
  const end: JoinStep = {
    left: (sides, timeMs, at) => {
      reach(at);
      rows.push(joined(sides, timeMs, streamMs));
    },
    right: () => {},
    advance: reach,
  };
  // Rows of a join come out as late as what they wait for: the next one waits for so much longer.
  let lagMs = 0;
  const waits = joins.map(({ within }) => {
    const own = lagMs;
    if (within !== null) lagMs += Math.max(within.beforeMs, within.afterMs) + within.graceMs;
    return own;
  });
  const steps: JoinStep[] = [];
  for (const [index, join] of [...joins.entries()].reverse()) {
    const next = steps[0] ?? end;
    const own = index === 0 ? counts : { ...counts, ofLeft: null };
    const wish = { width: index + 1, waitsMs: waits[index] ?? 0, wantsLeft: wants[0] as Wants, wantsRight: wants[index + 1] as Wants };
    steps.unshift(join.within === null ? new JoinedTable(join, next, own, wish) : new JoinedStreams(join, next, own, wish));
  }
  for (const { entry, input } of merged(logs, areTables)) {
    counters.in++;
    const timeMs = areTables[input] === true ? entry.record.timestampMs : eventTimeOf(entry, time);
    if (timeMs === null) counters.deadLettered++;
    else if (input === 0) steps[0]?.left([entry], timeMs, timeMs);
    else steps[input - 1]?.right(entry, timeMs);
    rows.push(moved(entry, streamMs));
  }
  if (!closes) return rows;
  for (const step of steps) step.advance(Number.POSITIVE_INFINITY);
  return rows;
}

/** Stream time goes on without a row. */
function moved(entry: Entry, streamMs: number): Tuple {
  return { ...joined([entry], streamMs, streamMs), is: "counted" };
}

class JoinedTable implements JoinStep {
  private readonly table = new Map<string, Entry>();
  private readonly join: JoinSpec;
  private readonly next: JoinStep;
  private readonly counters: StepCounters;
  private readonly wish: JoinWish;
  private streamMs = Number.NEGATIVE_INFINITY;

  constructor(join: JoinSpec, next: JoinStep, counters: StepCounters, wish: JoinWish) {
    this.join = join;
    this.next = next;
    this.counters = counters;
    this.wish = wish;
  }

  right(entry: Entry): void {
    this.counters.ofRight.applied++;
    this.table.set(entry.record.key ?? "", entry);
  }

  left(sides: Sides, timeMs: number, streamMs: number): void {
    const { join, table, counters, next } = this;
    this.streamMs = Math.max(this.streamMs, streamMs);
    const key = leftKeyOf(sides, join);
    const found = key === null ? undefined : table.get(String(key));
    const match = found === undefined || found.record.values === null ? null : found;
    const isRow = isWanted(0, sides, this.wish) && (match !== null || join.type === "LEFT");
    if (counters.ofLeft !== null) counters.ofLeft[isRow ? "applied" : "filtered"]++;
    if (isRow) next.left([...sides, match], timeMs, this.streamMs);
    else next.advance(this.streamMs);
  }

  advance(streamMs: number): void {
    this.streamMs = Math.max(this.streamMs, streamMs);
    this.next.advance(this.streamMs);
  }
}

// --- tables ------------------------------------------------------------------------------------

/** What is joined in the end, whatever came on the way: by the key of both, or by a column of the left. */
function joinTables(joins: readonly JoinSpec[], logs: readonly Log[], counters: Counters): Tuple[] {
  const present = (log: Log): readonly Entry[] =>
    log.flatMap((partition) => [...latestByKey(partition).values()]).filter(({ record }) => record.values !== null);
  const count = logs.flat().reduce((sum, log) => sum + log.length, 0);
  counters.in += count;
  counters.applied += count;
  const [first = [], ...others] = logs.map(present);
  let rows: readonly Sides[] = first.map((entry) => [entry]);
  for (const [index, join] of joins.entries()) {
    const rights = others[index] ?? [];
    const lefts = rows;
    const isMatch = (sides: Sides, right: Entry): boolean => {
      const key = leftKeyOf(sides, join);
      return key !== null && key === keyOf(right, join.on.right);
    };
    const { type } = join;
    const matched = lefts.flatMap((sides) => {
      const matches = rights.filter((right) => isMatch(sides, right));
      if (matches.length === 0 && (type === "LEFT" || type === "FULL")) return [[...sides, null]];
      return matches.map((right) => [...sides, right]);
    });
    const alone = type === "RIGHT" || type === "FULL" ? rights.filter((right) => !lefts.some((sides) => isMatch(sides, right))) : [];
    rows = [...matched, ...alone.map((right) => [...Array.from({ length: index + 1 }, () => null), right])];
  }
  return rows.map((sides) => joined(sides, 0, 0));
}

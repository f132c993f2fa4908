import { type Counters, cellOf, type Entry, eventTimeOf, type Input, latestByKey, noCounters, type Tuple } from "./reference-input.ts";
import type { BadCell, Cell, JoinSpec } from "./spec.ts";

type Log = readonly (readonly Entry[])[];

/** A side of a joined row; null: there is nothing on that side. */
function joined(left: Entry | null, right: Entry | null, timeMs: number): Tuple {
  const column = (name: string, of: string | null): Cell | BadCell => {
    const side = of === "r" ? right : left;
    return side === null ? null : cellOf(side, name);
  };
  return { column, timeMs, entry: (left ?? right) as Entry, is: "row" };
}

export interface JoinOptions {
  /** The left side is a table too. */
  readonly ofTables: boolean;
  /** What waits for a match is given up in the end. */
  readonly closes: boolean;
}

/** Records are counted as the join takes them, whatever becomes of their rows behind it. */
export function joinInput(join: JoinSpec, left: Log, right: Log, { ofTables, closes }: JoinOptions): Input {
  const counters = noCounters();
  if (ofTables) return { partitions: [joinTables(join, left, right, counters)], counters, isOfRecords: false };
  const partitions = left.map((log, partition) => {
    const other = right[partition] ?? [];
    if (join.within !== null) return joinStreams(join, join.within, { left: log, right: other, closes }, counters);
    return joinTable(join, log, other, counters);
  });
  return { partitions, counters, isOfRecords: false, wasApplied: join.within === null };
}

// --- the merge ---------------------------------------------------------------------------------

interface Merged {
  readonly entry: Entry;
  readonly input: 0 | 1;
  readonly logTime: number;
}

/**
 * By (log time, input, offset), run by run. The log time of a record is the largest timestamp so far, and at the end of a run beyond all
 * that the other inputs were taken to. `loads`: the right side is a table, whose records come first until a run finds a record of the left.
 */
function merged(left: readonly Entry[], right: readonly Entry[], loads: boolean): readonly Merged[] {
  const logs = [left, right];
  const all: Merged[] = [];
  const reached = logs.map(() => Number.NEGATIVE_INFINITY);
  const firstRun = Math.min(...left.map(({ run }) => run));
  const runs = Math.max(0, ...logs.flat().map(({ run }) => run)) + 1;
  for (let run = 0; run < runs; run++) {
    const found = logs.map((log, input) =>
      log
        .filter((entry) => entry.run === run)
        .map((entry): Merged => {
          reached[input] = Math.max(reached[input] as number, entry.record.timestampMs);
          return { entry, input: input as 0 | 1, logTime: reached[input] as number };
        }),
    );
    const loaded = loads && run <= firstRun ? (found[1] ?? []) : [];
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

const keyOf = (entry: Entry, column: string): Cell => {
  const cell = cellOf(entry, column);
  return typeof cell === "object" ? null : cell;
};

// --- stream and stream -------------------------------------------------------------------------

interface Kept {
  readonly entry: Entry;
  readonly timeMs: number;
  readonly key: Cell;
  readonly arrival: number;
  isMatched: boolean;
}

function joinStreams(
  join: JoinSpec,
  { beforeMs, afterMs, graceMs }: NonNullable<JoinSpec["within"]>,
  { left, right, closes }: { readonly left: readonly Entry[]; readonly right: readonly Entry[]; readonly closes: boolean },
  counters: Counters,
): Tuple[] {
  const rows: Tuple[] = [];
  let kept: [Kept[], Kept[]] = [[], []];
  let streamTime = Number.NEGATIVE_INFINITY;
  const isOuter = (input: 0 | 1): boolean => join.type === "FULL" || join.type === (input === 0 ? "LEFT" : "RIGHT");
  const alone = (input: 0 | 1, entry: Entry, timeMs: number): Tuple =>
    joined(input === 0 ? entry : null, input === 1 ? entry : null, timeMs);
  const overAt = (input: 0 | 1, timeMs: number): number => timeMs + (input === 0 ? afterMs : beforeMs) + graceMs;
  const expire = (): void => {
    const over = ([0, 1] as const).flatMap((input) =>
      kept[input].filter((row) => streamTime > overAt(input, row.timeMs)).map((row) => ({ input, row })),
    );
    kept = [0, 1].map((input) => kept[input as 0 | 1].filter((row) => streamTime <= overAt(input as 0 | 1, row.timeMs))) as [
      Kept[],
      Kept[],
    ];
    over.sort((a, b) => a.row.timeMs - b.row.timeMs || a.row.arrival - b.row.arrival);
    for (const { input, row } of over) if (!row.isMatched && isOuter(input)) rows.push(alone(input, row.entry, row.timeMs));
  };
  for (const [arrival, { entry, input }] of merged(left, right, false).entries()) {
    counters.in++;
    const timeMs = eventTimeOf(entry);
    if (timeMs === null) {
      counters.deadLettered++;
      continue;
    }
    streamTime = Math.max(streamTime, timeMs);
    expire();
    if (streamTime > overAt(input, timeMs)) {
      counters.late++;
      continue;
    }
    const key = keyOf(entry, input === 0 ? join.on.left : join.on.right);
    if (key === null) {
      if (isOuter(input)) rows.push(alone(input, entry, timeMs));
      counters[isOuter(input) ? "applied" : "filtered"]++;
      continue;
    }
    counters.applied++;
    const own: Kept = { entry, timeMs, key, arrival, isMatched: false };
    for (const other of kept[input === 0 ? 1 : 0]) {
      const [l, r] = input === 0 ? [own, other] : [other, own];
      if (l.key !== r.key || r.timeMs < l.timeMs - beforeMs || r.timeMs > l.timeMs + afterMs) continue;
      own.isMatched = true;
      other.isMatched = true;
      rows.push(joined(l.entry, r.entry, Math.max(l.timeMs, r.timeMs)));
    }
    kept[input].push(own);
  }
  if (closes) streamTime = Number.POSITIVE_INFINITY;
  expire();
  return rows;
}

// --- stream and table --------------------------------------------------------------------------

function joinTable(join: JoinSpec, left: readonly Entry[], right: readonly Entry[], counters: Counters): Tuple[] {
  const table = new Map<string, Entry>();
  const rows: Tuple[] = [];
  for (const { entry, input } of merged(left, right, true)) {
    counters.in++;
    if (input === 1) {
      counters.applied++;
      table.set(entry.record.key ?? "", entry);
      continue;
    }
    const timeMs = eventTimeOf(entry);
    if (timeMs === null) {
      counters.deadLettered++;
      continue;
    }
    const key = keyOf(entry, join.on.left);
    const found = key === null ? undefined : table.get(String(key));
    const match = found === undefined || found.record.values === null ? null : found;
    const is = match === null && join.type === "INNER" ? "counted" : "row";
    counters[is === "row" ? "applied" : "filtered"]++;
    rows.push({ ...joined(entry, match, timeMs), is });
  }
  return rows;
}

// --- table and table ---------------------------------------------------------------------------

/** What is joined in the end, whatever came on the way: by the key of both, or by a column of the left. */
function joinTables(join: JoinSpec, left: Log, right: Log, counters: Counters): Tuple[] {
  const present = (log: Log): readonly Entry[] =>
    log.flatMap((partition) => [...latestByKey(partition).values()]).filter(({ record }) => record.values !== null);
  const count = [...left, ...right].reduce((sum, log) => sum + log.length, 0);
  counters.in += count;
  counters.applied += count;
  const lefts = present(left);
  const rights = present(right);
  const isMatch = (l: Entry, r: Entry): boolean => keyOf(l, join.on.left) !== null && keyOf(l, join.on.left) === keyOf(r, join.on.right);
  const rows: Tuple[] = [];
  for (const l of lefts) {
    const matches = rights.filter((r) => isMatch(l, r));
    for (const r of matches) rows.push(joined(l, r, 0));
    if (matches.length === 0 && (join.type === "LEFT" || join.type === "FULL")) rows.push(joined(l, null, 0));
  }
  for (const r of rights)
    if ((join.type === "RIGHT" || join.type === "FULL") && !lefts.some((l) => isMatch(l, r))) rows.push(joined(null, r, 0));
  return rows;
}

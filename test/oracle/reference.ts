import { aggregate, BadValue, compare, evaluate, type GroupRow, isTaken, type Scope } from "./evaluate.ts";
import { type Counters, entriesOf, type Input, streamInput, type Tuple, tableInput } from "./reference-input.ts";
import { joinInput } from "./reference-join.ts";
import { type Group, type Grouping, gathered, openGrouping, sessionId } from "./reference-windows.ts";
import {
  type CaseSpec,
  type Cell,
  type ExprSpec,
  isAggregated,
  isScattered,
  joinsOf,
  type RecordSpec,
  type SelectSpec,
  type SourceSpec,
  type StatementSpec,
  throughRows,
  typeOf,
} from "./spec.ts";
import { wantedRows } from "./wanted-rows.ts";

/** What JSON gives for a row. */
export type Document = Readonly<Record<string, unknown>>;

export interface OutputRow {
  readonly cells: Readonly<Record<string, Cell>>;
  readonly key: string | null;
  readonly timestampMs: number;
}

export interface Expected {
  /** What the target holds in the end; in the order of writing where all comes from one partition. */
  readonly rows: readonly Document[];
  readonly counters: Readonly<Counters>;
  /** The records that came too late, whole. */
  readonly late: readonly RecordSpec[];
}

interface Outcome {
  readonly rows: readonly OutputRow[];
  readonly counters: Counters;
  readonly late: readonly RecordSpec[];
}

/** Every statement of a case worked out from all records, row by row, by what the language says. */
export function recompute(given: CaseSpec): ReadonlyMap<string, Expected> {
  const found = new Map<string, Expected>();
  const written = new Map<string, SourceSpec>();
  for (const statement of given.statements) {
    const { rows, counters, late } = new Recompute(given, statement, written).outcome();
    found.set(statement.name, { rows: rows.map(({ cells }) => documentOf(cells, statement.select)), counters, late });
    if (statement.into === "topic") written.set(statement.name, topicOf(statement, rows));
  }
  return found;
}

/** The columns of a row as JSON shows them. */
function documentOf(cells: Readonly<Record<string, Cell>>, { items }: SelectSpec): Document {
  return Object.fromEntries(items.map(({ name, expr }) => [name, shown(cells[name] ?? null, typeOf(expr))]));
}

function shown(cell: Cell, type: string): unknown {
  if (typeof cell === "object" && cell !== null) return cell.map((element) => shown(element, type.slice("ARRAY<".length, -1)));
  return type === "TIMESTAMP" && typeof cell === "number" ? new Date(cell).toISOString() : cell;
}

/** What a statement writes, as it is read by the next one. */
function topicOf({ name, select }: StatementSpec, rows: readonly OutputRow[]): SourceSpec {
  return {
    name,
    kind: "stream",
    partitions: 1,
    columns: select.items.map((item) => ({ name: item.name, type: typeOf(item.expr) as SourceSpec["columns"][number]["type"] })),
    keyColumn: null,
    timeColumn: null,
    records: rows.map(({ cells, key, timestampMs }) => ({ partition: 0, key, timestampMs, values: cells })),
  };
}

interface Result {
  readonly group: Group;
  readonly rows: readonly OutputRow[];
}

const columnScope = (tuple: Tuple): Scope => ({ column: tuple.column, group: null });

const NOTHING_GONE: Grouping["gone"] = new Map();

class Recompute {
  private readonly given: CaseSpec;
  private readonly statement: StatementSpec;
  private readonly written: ReadonlyMap<string, SourceSpec>;
  private readonly late: RecordSpec[] = [];

  constructor(given: CaseSpec, statement: StatementSpec, written: ReadonlyMap<string, SourceSpec>) {
    this.given = given;
    this.statement = statement;
    this.written = written;
  }

  outcome(): Outcome {
    const members = [this.statement.select, ...this.statement.union].map((select) => this.select(select));
    const counters = members.map((member) => member.counters).reduce(added);
    return { rows: members.flatMap(({ rows }) => rows), counters, late: this.late };
  }

  private select(select: SelectSpec): { rows: readonly OutputRow[]; counters: Counters } {
    const input = this.input(select);
    const counters = { ...input.counters };
    this.late.push(...(input.late ?? []));
    if (isScattered(this.readThrough(select), this.given.sources)) {
      const groupings = input.partitions.map((tuples) => this.grouped(select, input, tuples, counters));
      return { rows: this.results(select, gathered(groupings), NOTHING_GONE), counters };
    }
    const rows = input.partitions.flatMap((tuples) =>
      isAggregated(select) ? this.groups(select, input, tuples, counters) : this.rows(select, input, tuples, counters),
    );
    return { rows, counters };
  }

  private input(select: SelectSpec): Input {
    const { from } = select;
    const joins = joinsOf(select);
    const { time = "event" } = this.statement;
    const stage = this.statement.stages.find(({ name }) => name === from);
    if (stage !== undefined) return isAggregated(stage.select) ? this.finals(stage.select) : this.rowStage(stage.select);
    const log = entriesOf(this.source(from), this.given);
    if (joins.length > 0) {
      const sources = [from, ...joins.map(({ right }) => right)].map((name) => this.source(name));
      const logs = sources.map((source) => entriesOf(source, this.given));
      const areTables = sources.map(({ kind }) => kind === "table");
      const wants = wantedRows(this.readThrough(select), joins, areTables);
      return joinInput(joins, logs, { areTables, closes: this.given.closes, time, wants });
    }
    if (this.source(from).kind === "stream") return streamInput(log, time);
    return tableInput(log, isAggregated(select) ? (tuple) => isTaken(select.where, columnScope(tuple)) : null);
  }

  private source(name: string): SourceSpec {
    const found = this.given.sources.find((source) => source.name === name) ?? this.written.get(name);
    if (found === undefined) throw new Error(`nothing is called ${name}`);
    return found;
  }

  /** A stage that filters and computes: its columns are worked out where they are looked at. */
  private rowStage(select: SelectSpec): Input {
    const inner = this.input(select);
    const counters = { ...inner.counters };
    const partitions = inner.partitions.map((tuples) =>
      tuples.map((tuple): Tuple => {
        const scope = columnScope(tuple);
        const taken = this.attempt(tuple, inner, counters, () => isTaken(select.where, scope));
        if (taken === null) return { ...tuple, is: "counted" };
        const column = (name: string): Cell => {
          const item = select.items.find((candidate) => candidate.name === name);
          if (item === undefined) throw new Error(`the stage has no column ${name}`);
          return evaluate(item.expr, scope);
        };
        return { ...tuple, column, is: taken ? tuple.is : "none" };
      }),
    );
    return { partitions, counters, isOfRecords: inner.isOfRecords };
  }

  /** A stage of groups: its results are rows, each as it is in the end. */
  private finals(select: SelectSpec): Input {
    const { rows, counters } = this.select(select);
    const source = topicOf({ ...this.statement, select }, rows);
    return { ...streamInput(entriesOf(source, { sources: [], runs: [] })), counters, isOfRecords: false };
  }

  private attempt<T>(tuple: Tuple, { isOfRecords }: Input, counters: Counters, work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      if (isOfRecords && tuple.is === "row") {
        counters.in++;
        counters.deadLettered++;
      }
      return null;
    }
  }

  private count({ isOfRecords }: Input, counters: Counters, verdict: "applied" | "filtered" | "late"): void {
    if (!isOfRecords) return;
    counters.in++;
    counters[verdict]++;
  }

  /** The rows of one record that WHERE takes. */
  private taken({ where, unnest }: SelectSpec, tuple: Tuple): readonly Tuple[] {
    const elements = unnest === null ? [tuple] : elementsOf(tuple, unnest.array, unnest.name);
    return elements.filter((element) => isTaken(where, columnScope(element)));
  }

  private rows(select: SelectSpec, input: Input, tuples: readonly Tuple[], counters: Counters): readonly OutputRow[] {
    const overs = new Map<string, GroupRow[]>();
    return tuples.flatMap((tuple) => {
      if (tuple.is !== "row") {
        if (tuple.is === "none") this.count(input, counters, "filtered");
        return [];
      }
      const rows = this.attempt(tuple, input, counters, () =>
        this.taken(select, tuple).map((row): OutputRow => {
          const scope = withOvers(select, row, overs);
          const cells = Object.fromEntries(select.items.map(({ name, expr }) => [name, evaluate(expr, scope)]));
          return { cells, key: tuple.entry.record.key, timestampMs: row.timeMs };
        }),
      );
      if (rows !== null) this.count(input, counters, rows.length === 0 ? "filtered" : "applied");
      return rows ?? [];
    });
  }

  /** What it reads in the end, where a stage of rows stands between. */
  private readThrough(select: SelectSpec): SelectSpec {
    const stage = this.statement.stages.find(({ name }) => name === select.from);
    if (stage === undefined) return select;
    // Groups of a stage's groups are made where these are.
    return isAggregated(stage.select) ? { ...select, from: "" } : throughRows(select, stage.select);
  }

  private groups(select: SelectSpec, input: Input, tuples: readonly Tuple[], counters: Counters): readonly OutputRow[] {
    const grouping = this.grouped(select, input, tuples, counters);
    return this.results(select, grouping.groups(), grouping.gone);
  }

  private grouped(select: SelectSpec, input: Input, tuples: readonly Tuple[], counters: Counters): Grouping {
    const grouping = openGrouping(select.window);
    const keys = groupKeys(select);
    for (const tuple of tuples) {
      grouping.advance(tuple.streamMs);
      if (tuple.is !== "row") {
        if (tuple.is === "none") this.count(input, counters, "filtered");
        continue;
      }
      const rows = this.attempt(tuple, input, counters, () =>
        this.taken(select, tuple).map((row) => {
          const scope = columnScope(row);
          lookAtArguments(select, scope);
          return { key: keys.map((key) => evaluate(key, scope)), row: { scope, timeMs: row.timeMs } };
        }),
      );
      if (rows === null) continue;
      const added = rows.filter(({ key, row }) => grouping.add(key, row));
      const verdict = rows.length === 0 ? "filtered" : added.length === 0 ? "late" : "applied";
      this.count(input, counters, verdict);
      if (verdict === "late") this.late.push(tuple.entry.record);
      if (verdict === "late" && input.wasApplied === true) {
        counters.applied--;
        counters.late++;
      }
    }
    return grouping;
  }

  private results(select: SelectSpec, groups: readonly Group[], gone: Grouping["gone"]): readonly OutputRow[] {
    const keys = groupKeys(select);
    const written = groups.filter((group) => this.isWritten(group));
    const results = written.map((group) => ({ group, rows: this.result(select, keys, group) }));
    const isKept = select.window?.kind === "session" && this.statement.into === "table" ? this.latest(results, gone) : () => true;
    return results.filter(isKept).flatMap(({ rows }) => rows);
  }

  /** Of sessions with one beginning a table holds that which changed last. */
  private latest(results: readonly Result[], gone: ReadonlyMap<string, number>): (result: Result) => boolean {
    const isFinal = this.statement.emit?.mode === "final";
    const idOf = ({ group }: Result): string => sessionId(group.key, group.bounds?.start ?? 0);
    return (result) => {
      const { changedAt } = result.group;
      if (!isFinal && (gone.get(idOf(result)) ?? -1) > changedAt) return false;
      const isOver = (other: Result): boolean => idOf(other) === idOf(result) && other.group.changedAt > changedAt;
      return !results.some((other) => isOver(other) && (!isFinal || other.rows.length > 0));
    };
  }

  /** A result that changes is there from its first row on, a final one when it is final. */
  private isWritten({ bounds, isClosed }: Group): boolean {
    const { emit, into } = this.statement;
    const isFinal = bounds !== null && (emit === null ? into === "topic" : emit.mode === "final");
    return !isFinal || isClosed || this.given.closes;
  }

  private result(select: SelectSpec, keys: readonly ExprSpec[], group: Group): readonly OutputRow[] {
    // What is not known cannot be part of an id; distinct rows are told apart by all of them, and a stage writes none.
    const isStage = this.statement.stages.some((stage) => stage.select === select);
    if (!select.distinct && !isStage && group.key.includes(null)) return [];
    const scope = groupScope(keys, group);
    if (select.having !== null && evaluate(select.having, scope) !== true) return [];
    const cells = Object.fromEntries(select.items.map(({ name, expr }) => [name, evaluate(expr, scope)]));
    const key = group.key.length === 1 ? String(group.key[0]) : JSON.stringify(group.key);
    return [{ cells, key, timestampMs: group.bounds === null ? group.lastMs : group.bounds.end - 1 }];
  }
}

function added(a: Counters, b: Counters): Counters {
  return {
    in: a.in + b.in,
    applied: a.applied + b.applied,
    filtered: a.filtered + b.filtered,
    late: a.late + b.late,
    deadLettered: a.deadLettered + b.deadLettered,
  };
}

function elementsOf(tuple: Tuple, array: string, name: string): readonly Tuple[] {
  const elements = tuple.column(array, null);
  if (!Array.isArray(elements)) return [];
  return (elements as readonly Cell[]).map((element) => ({
    ...tuple,
    column: (column, of) => (column === name && of === null ? element : tuple.column(column, of)),
  }));
}

function groupKeys({ distinct, items, groupBy }: SelectSpec): readonly ExprSpec[] {
  return distinct ? items.flatMap(({ expr }) => (expr.kind === "window-bound" ? [] : [expr])) : groupBy;
}

/** A record is taken with all aggregates, or with none. */
function lookAtArguments({ items, having }: SelectSpec, scope: Scope): void {
  const look = (expr: ExprSpec): void => {
    if (expr.kind === "aggregate") aggregate(expr, [{ scope, timeMs: 0 }]);
    else if (expr.kind === "binary") for (const side of [expr.left, expr.right]) look(side);
  };
  for (const { expr } of items) look(expr);
  if (having !== null) look(having);
}

function groupScope(keys: readonly ExprSpec[], { key, rows, bounds }: Group): Scope {
  const texts = keys.map((expr) => JSON.stringify(expr));
  return {
    column: (name) => {
      throw new Error(`${name} has many values in a group`);
    },
    group: (expr) => {
      if (expr.kind === "aggregate") return aggregate(expr, rows);
      if (expr.kind === "window-bound") return bounds?.[expr.bound] ?? null;
      return key[texts.indexOf(JSON.stringify(expr))];
    },
  };
}

/** OVER: each row sees those of its key that came before it. */
function withOvers({ items }: SelectSpec, row: Tuple, seen: Map<string, GroupRow[]>): Scope {
  const scope = columnScope(row);
  const values = new Map<ExprSpec, Cell>();
  for (const { expr } of items) {
    if (expr.kind !== "over") continue;
    // A row that cannot be taken is none that others look back on.
    aggregate(expr.aggregate, [{ scope, timeMs: row.timeMs }]);
    const key = JSON.stringify([expr, expr.partitionBy.map((part) => evaluate(part, scope))]);
    const rows = seen.get(key) ?? [];
    seen.set(key, rows);
    rows.push({ scope, timeMs: row.timeMs });
    values.set(expr, aggregate(expr.aggregate, rows.slice(-expr.preceding - 1)));
  }
  return { ...scope, group: (expr) => values.get(expr) };
}

/** For looking at lists whose order means nothing. */
export function inOrder(cells: readonly Cell[]): readonly Cell[] {
  return [...cells].sort((a, b) => (a === null ? -1 : b === null ? 1 : compare(a, b)));
}

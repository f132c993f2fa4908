import { aggregateSql, type Dialect, exprSql } from "./print-sql.ts";
import {
  type AggregateSpec,
  ALIASES,
  type ExprSpec,
  isAggregated,
  isScattered,
  type JoinSpec,
  joinsOf,
  type SelectSpec,
  type SourceSpec,
  type StatementSpec,
  someExpr,
  type TimeMode,
} from "./spec.ts";
import type { TimedWindow } from "./window-bounds.ts";

/**
 * A statement as one query of DuckDB over all records of its sources at once, for what can be said so; null: it cannot. Each
 * source is a table with its columns and `p`, `o` (its place), `ts` (the record's timestamp), `t` (event time) and `w` (when it was
 * read), all in ms.
 * What is late or over is worked out from running maxima of `t`. `late` gives the number of late records.
 */
export function duckdbSql(
  statement: StatementSpec,
  sources: readonly SourceSpec[],
): { readonly rows: string; readonly late: string } | null {
  const { select, stages, union, time = "event" } = statement;
  const exprs = [...select.items.map(({ expr }) => expr), ...(select.having === null ? [] : [select.having])];
  const hasSets = exprs.some((expr) => someExpr(expr, (node) => node.kind === "aggregate" && node.name === "COLLECT_SET"));
  if (stages.length > 0 || union.length > 0 || hasSets) return null;
  const input = select.join === null ? inputSql(select, time) : joinSql(select, time);
  if (input === null) return null;
  const from = select.unnest === null ? "i" : `(${elementsSql(select.unnest)})`;
  const where = select.where === null ? "" : ` WHERE ${sql(select.where)}`;
  const base = `WITH i AS (${input}), f AS (SELECT * FROM ${from}${where})`;
  if (!isAggregated(select)) return { rows: `${base} SELECT ${itemsSql(select)} FROM f`, late: "SELECT 0" };
  const windows = windowsSql(select);
  if (windows === null) return null;
  const { rows, open } = windows;
  const keys = select.distinct ? select.items.flatMap(({ expr }) => (expr.kind === "window-bound" ? [] : [expr])) : select.groupBy;
  const by = [
    ...keys.map((key) => sql(key)),
    ...(open === "id" ? ["id"] : []),
    ...(select.window === null || open === "id" ? [] : ["window_start", "window_end"]),
  ];
  // Of no rows there is no total.
  const known = by.length === 0 ? ["count(*) > 0"] : select.distinct ? [] : keys.map((key) => `${sql(key)} IS NOT NULL`);
  const having = [...known, ...(select.having === null ? [] : [`(${sql(select.having)})`])];
  const isOpen = open === "id" ? "TRUE" : open;
  const dialect = isScattered(select, sources) ? SCATTERED : DIALECT;
  const groups = `SELECT ${itemsSql(select, dialect)} FROM w WHERE ${isOpen} GROUP BY ${by.length === 0 ? "()" : by.join(", ")}${having.length === 0 ? "" : ` HAVING ${having.join(" AND ")}`}`;
  const late = `SELECT count(*) FROM (SELECT p, o FROM w GROUP BY p, o HAVING NOT bool_or(${isOpen}))`;
  return { rows: `${base}, w AS (${rows}) ${groups}`, late: `${base}, w AS (${rows}) ${late}` };
}

/** Elements of a row lie one behind the other. */
function elementsSql({ array, name }: NonNullable<SelectSpec["unnest"]>): string {
  const elements = `SELECT *, unnest(${array}) AS ${name}, generate_subscripts(${array}, 1) AS element FROM i`;
  return `SELECT * REPLACE (o * ${ELEMENTS_MAX} + element AS o) FROM (${elements})`;
}

function inputSql({ from }: SelectSpec, time: TimeMode): string | null {
  return from === "s" ? streamSql(from, time) : from === "d" ? `SELECT *, t AS st FROM (${latest("d")})` : null;
}

/** With the stream time at each record. */
function streamSql(stream: string, time: TimeMode): string {
  return `SELECT *, max(t) OVER (PARTITION BY p ORDER BY o) AS st FROM (${timed(stream, time)}) WHERE t IS NOT NULL`;
}

function timed(stream: string, time: TimeMode): string {
  return time === "event" ? `SELECT * FROM ${stream}` : `SELECT * REPLACE (${time === "ingestion" ? "ts" : "w"} AS t) FROM ${stream}`;
}

/** What a table has in the end. */
function latest(table: string): string {
  return `SELECT * EXCLUDE (alive) FROM (SELECT * FROM ${table} QUALIFY row_number() OVER (PARTITION BY p, k ORDER BY o DESC) = 1) WHERE alive`;
}

/** More than any array has. */
const ELEMENTS_MAX = 100;

// --- items -------------------------------------------------------------------------------------

const DIALECT: Dialect = { aggregate: aggregateOf, order: "p, o" };
/** What lies in several partitions goes by event time first. */
const SCATTERED: Dialect = { ...DIALECT, order: "t, p, o" };
const sql = (expr: ExprSpec, dialect = DIALECT): string => exprSql(expr, dialect);

function itemsSql({ items, window }: SelectSpec, dialect = DIALECT): string {
  return items
    .map(({ name, expr }) => {
      const bound =
        window?.kind === "count" || window?.kind === "session"
          ? `${expr.kind === "window-bound" && expr.bound === "start" ? "min" : "max"}(t)`
          : "";
      const ms =
        expr.kind !== "window-bound"
          ? ""
          : bound === ""
            ? `window_${expr.bound}`
            : window?.kind === "session" && expr.bound === "end"
              ? `${bound} + ${window.gapMs}`
              : bound;
      return `${ms === "" ? sql(expr, dialect) : `strftime(make_timestamp_ms(${ms}), '%Y-%m-%dT%H:%M:%S.%gZ')`} AS ${name}`;
    })
    .join(", ");
}

function aggregateOf(spec: AggregateSpec, dialect: Dialect): string {
  const [value, second] = spec.args.map((arg) => sql(arg));
  const parts = dialect.order.split(", ");
  const place = parts.map((part) => `${part}: ${part}`).join(", ");
  const backwards = parts.map((part) => `${part}: -${part}`).join(", ");
  const and = (...conditions: string[]): string => {
    const all = [...conditions, ...(spec.filter === null ? [] : [sql(spec.filter)])];
    return all.length === 0 ? "" : ` FILTER (WHERE ${all.join(" AND ")})`;
  };
  const present = `${value} IS NOT NULL`;
  switch (spec.name) {
    case "COLLECT_LIST":
      return `coalesce(list(${value} ORDER BY ${dialect.order})${and()}, [])`;
    case "MIN_BY":
      return `arg_min(${value}, {b: ${second}, ${place}})${and(present, `${second} IS NOT NULL`)}`;
    case "MAX_BY":
      return `arg_max(${value}, {b: ${second}, ${backwards}})${and(present, `${second} IS NOT NULL`)}`;
    case "EARLIEST_BY_OFFSET":
      return `arg_min(${value}, {${place}})${and(present)}`;
    case "LATEST_BY_OFFSET":
      return `arg_max(${value}, {${place}})${and(present)}`;
    case "FIRST":
      return `arg_min(${value}, {first: t, ${place}})${and(present)}`;
    case "LAST":
      return `arg_max(${value}, {first: t, ${place}})${and(present)}`;
    case "TOPK":
      return `coalesce(max(${value}, ${second})${and(present)}, [])`;
    case "STRING_AGG":
      return `string_agg(${value}, ${second} ORDER BY ${dialect.order})${and()}`;
    default:
      return aggregateSql(spec, dialect);
  }
}

// --- windows -----------------------------------------------------------------------------------

/** Each row once for each of its windows; `open`: whether that window takes it. */
function windowsSql({ window, groupBy, distinct }: SelectSpec): { readonly rows: string; readonly open: string } | null {
  if (window === null) return { rows: "SELECT * FROM f", open: "TRUE" };
  const key = groupBy.map((key) => sql(key)).join(", ");
  if (window.kind === "count") {
    if (distinct) return null;
    const { sizeRows, advanceRows } = window;
    const numbered = `SELECT *, row_number() OVER (PARTITION BY ${key} ORDER BY p, o) - 1 AS rn FROM f`;
    const ids = `unnest(range(greatest(0, CAST(floor((rn - ${sizeRows}) / ${advanceRows}) AS BIGINT) + 1), CAST(floor(rn / ${advanceRows}) AS BIGINT) + 1)) AS id`;
    return { rows: `SELECT *, ${ids} FROM (${numbered})`, open: "id" };
  }
  if (window.kind === "session") {
    // Only where nothing is closed before all has come.
    if (window.graceMs < 1e9) return null;
    const begins = `SELECT *, coalesce(t - lag(t) OVER (PARTITION BY ${key} ORDER BY t) >= ${window.gapMs}, TRUE) AS begins FROM f`;
    return { rows: `SELECT *, sum(CAST(begins AS INT)) OVER (PARTITION BY ${key} ORDER BY t) AS id FROM (${begins})`, open: "id" };
  }
  if (window.timeZone !== null) return null;
  return { rows: `SELECT *, ${boundsSql(window)} FROM f`, open: `(window_end + ${window.graceMs} > st)` };
}

function boundsSql(window: TimedWindow): string {
  const { offsetMs } = window;
  const floor = (step: number): string => `(CAST(floor((t - ${offsetMs}) / ${step}) AS BIGINT) * ${step} + ${offsetMs})`;
  const { sizeMs } = window;
  if (window.kind === "tumbling") return `${floor(sizeMs)} AS window_start, ${floor(sizeMs)} + ${sizeMs} AS window_end`;
  const { advanceMs } = window;
  if (window.kind === "hopping") {
    const starts = `unnest(list_filter(range(${floor(advanceMs)} - ${Math.ceil(sizeMs / advanceMs) * advanceMs}, t + 1, ${advanceMs}), x -> x + ${sizeMs} > t))`;
    return `${starts} AS window_start, window_start + ${sizeMs} AS window_end`;
  }
  const ends = `unnest(list_filter(range(${floor(sizeMs)} + ${advanceMs}, ${floor(sizeMs)} + ${sizeMs + 1}, ${advanceMs}), x -> x > t))`;
  return `${floor(sizeMs)} AS window_start, ${ends} AS window_end`;
}

// --- joins -------------------------------------------------------------------------------------

/** Rows with all sides as structs, and of a stream joined with tables its place and its times. */
function joinSql(select: SelectSpec, time: TimeMode): string | null {
  const { from, join, groupBy } = select;
  const joins = joinsOf(select);
  if (joins.some(({ within }) => within !== null)) {
    const isPair = joins.length === 1 && groupBy.length === 0;
    return isPair && join?.within ? streamsSql(join, join.within, time) : null;
  }
  const isStream = from === "s";
  const sides = joins.map(({ type, right, on }, index) => {
    const [left, alias] = [on.of ?? "l", ALIASES[index + 1]];
    return `${type} JOIN (${latest(right)}) AS ${alias} ON ${left}.${on.left} = ${alias}.${on.right} AND ${left}.p = ${alias}.p`;
  });
  const place = isStream ? "l.p AS p, l.o AS o, l.t AS t, l.st AS st" : "0 AS p, 0 AS o, 0 AS t, 0 AS st";
  const names = ALIASES.slice(0, joins.length + 1).join(", ");
  return `SELECT ${names}, ${place} FROM (${isStream ? streamSql(from, time) : latest(from)}) AS l ${sides.join(" ")}`;
}

/** A pair is a row where neither record is late, and the one that came first was not over when the other came. */
function streamsSql({ type, on }: JoinSpec, { beforeMs, afterMs, graceMs }: NonNullable<JoinSpec["within"]>, time: TimeMode): string {
  const side = (input: number, over: number): string =>
    `SELECT *, ${input} AS input, t + ${over} AS over, max(ts) OVER (PARTITION BY p ORDER BY o) AS lt
      FROM (${timed(input === 0 ? "s" : "s2", time)})`;
  const all = `SELECT *, row_number() OVER (PARTITION BY p ORDER BY lt, input, o) AS place FROM
    (${side(0, afterMs + graceMs)} UNION ALL BY NAME ${side(1, beforeMs + graceMs)})`;
  const taken = `SELECT * FROM (SELECT *, max(t) OVER (PARTITION BY p ORDER BY place) AS st FROM (${all})) WHERE st <= over`;
  const near = `r.t BETWEEN l.t - ${beforeMs} AND l.t + ${afterMs}`;
  const alive = "CASE WHEN l.place < r.place THEN r.st <= l.over ELSE l.st <= r.over END";
  const sides = (input: number): string => `(SELECT * FROM (${taken}) WHERE input = ${input})`;
  const keys = `l.${on.left} = r.${on.right}`;
  return `SELECT l, r FROM ${sides(0)} AS l ${type} JOIN ${sides(1)} AS r ON ${keys} AND l.p = r.p AND ${near} AND ${alive}`;
}

import {
  type AggregateSpec,
  ALIASES,
  type CaseSpec,
  type EmitSpec,
  type ExprSpec,
  type JoinSpec,
  joinsOf,
  type SelectSpec,
  type SourceSpec,
  type StatementSpec,
  typeOf,
  type WindowSpec,
} from "./spec.ts";

/** A pipeline of some statements of a case; records that cannot be taken are skipped and counted. */
export function sqlOf(given: Pick<CaseSpec, "sources" | "statements">, statements = given.statements): string {
  const read = new Set(statements.flatMap(relationsOf));
  const sources = given.sources.filter(({ name }) => read.has(name)).map(declarationOf);
  const topics = given.statements.filter(
    ({ name, into }) => into === "topic" && (read.has(name) || statements.some((own) => own.name === name)),
  );
  const late = statements.flatMap(({ lateInto }) =>
    lateInto === null ? [] : [`CREATE STREAM ${lateInto} (x STRING) WITH (topic = '${lateInto}');`],
  );
  return [...sources, ...topics.map(topicDeclaration), ...late, "SET 'error.policy' = 'noop';", ...statements.map(statementSql)].join("\n");
}

/** Names of all that a statement reads. */
export function relationsOf({ stages, select, union }: StatementSpec): readonly string[] {
  const selects = [select, ...union, ...stages.map((stage) => stage.select)];
  return selects.flatMap((select) => [select.from, ...joinsOf(select).map(({ right }) => right)]);
}

function declarationOf({ name, kind, partitions, columns, keyColumn, timeColumn }: SourceSpec): string {
  const isKey = (column: string): string => (kind === "table" && column === keyColumn ? " PRIMARY KEY" : "");
  const key = keyColumn === null || kind === "table" ? "" : `, key = '${keyColumn}'`;
  const time = timeColumn === null ? "" : `, timestamp = '${timeColumn}'`;
  const list = columns.map((column) => `${column.name} ${column.type}${isKey(column.name)}`).join(", ");
  return `CREATE ${kind.toUpperCase()} ${name} (${list}) WITH (topic = '${name}', partitions = ${partitions}${key}${time});`;
}

/** A target that is not declared is a table. */
function topicDeclaration({ name, select }: StatementSpec): string {
  const columns = select.items.map((item) => `${item.name} ${typeOf(item.expr)}`).join(", ");
  return `CREATE STREAM ${name} (${columns}) WITH (topic = '${name}', partitions = 1);`;
}

function statementSql(statement: StatementSpec): string {
  const { name, stages, select, union, emit, lateInto, time = "event" } = statement;
  const within = stages.length === 0 ? "" : `WITH ${stages.map((stage) => `${stage.name} AS (${selectSql(stage.select)})`).join(", ")}\n`;
  const body = [select, ...union].map(selectSql).join("\nUNION ALL\n");
  const late = lateInto === null ? "" : ` LATE INTO ${lateInto}`;
  const sql = `${within}INSERT INTO ${name}\n${body}${late}${emit === null ? "" : ` ${emitSql(emit)}`};`;
  return time === "event" ? sql : `SET 'time' = '${time}';\n${sql}\nSET 'time' = 'event';`;
}

function emitSql(emit: EmitSpec): string {
  return emit.mode === "every" ? `EMIT EVERY ${duration(emit.everyMs)}` : `EMIT ${emit.mode.toUpperCase()}`;
}

export function selectSql(select: SelectSpec): string {
  const { from, join, unnest, where, window, groupBy, having, distinct, items } = select;
  const list = items.map(({ name, expr }) => `${exprSql(expr)} AS ${name}`).join(", ");
  return [
    `SELECT ${distinct ? "DISTINCT " : ""}${list}`,
    `FROM ${from}${join === null ? "" : " AS l"}`,
    ...joinsOf(select).map(joinSql),
    unnest === null ? "" : `CROSS JOIN UNNEST(${unnest.array}) AS ${unnest.name}`,
    where === null ? "" : `WHERE ${exprSql(where)}`,
    window === null ? "" : windowSql(window),
    groupBy.length === 0 ? "" : `GROUP BY ${groupBy.map((expr) => exprSql(expr)).join(", ")}`,
    having === null ? "" : `HAVING ${exprSql(having)}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function joinSql({ type, right, on, within }: JoinSpec, index: number): string {
  const near =
    within === null
      ? ""
      : ` WITHIN (${duration(within.beforeMs)}, ${duration(within.afterMs)})${within.graceMs === 0 ? "" : ` GRACE PERIOD ${duration(within.graceMs)}`}`;
  const alias = ALIASES[index + 1];
  return `${type} JOIN ${right} AS ${alias}${near} ON ${on.of ?? "l"}.${on.left} = ${alias}.${on.right}`;
}

export function windowSql(window: WindowSpec): string {
  switch (window.kind) {
    case "count": {
      const advance = window.advanceRows === window.sizeRows ? "" : `, ADVANCE BY ${window.advanceRows}`;
      return `WINDOW COUNT (SIZE ${window.sizeRows}${advance})`;
    }
    case "session":
      return `WINDOW SESSION (GAP ${duration(window.gapMs)}${graceSql(window.graceMs)})`;
    default: {
      const advance = window.kind === "tumbling" ? "" : `, ADVANCE BY ${duration(window.advanceMs)}`;
      const offset = window.offsetMs === 0 ? "" : `, OFFSET ${duration(window.offsetMs)}`;
      const zone = window.timeZone === null ? "" : `, TIME ZONE '${window.timeZone}'`;
      return `WINDOW ${window.kind.toUpperCase()} (SIZE ${duration(window.sizeMs)}${advance}${graceSql(window.graceMs)}${offset}${zone})`;
    }
  }
}

function graceSql(graceMs: number): string {
  return graceMs === 0 ? "" : `, GRACE PERIOD ${duration(graceMs)}`;
}

const UNITS = [
  [86_400_000, "DAYS"],
  [3_600_000, "HOURS"],
  [60_000, "MINUTES"],
  [1000, "SECONDS"],
] as const;

function duration(ms: number): string {
  const found = UNITS.find(([unitMs]) => ms % unitMs === 0 && ms > 0);
  return found === undefined ? `${ms} MILLISECONDS` : `${ms / found[0]} ${found[1]}`;
}

/** How one dialect writes what another writes differently. */
export interface Dialect {
  readonly aggregate: (spec: AggregateSpec, dialect: Dialect) => string;
  /** What OVER goes by: the place in the log. */
  readonly order: string;
}
const OWN: Dialect = { aggregate: aggregateSql, order: "_offset" };

export function exprSql(expr: ExprSpec, dialect = OWN): string {
  const sql = (operand: ExprSpec): string => exprSql(operand, dialect);
  switch (expr.kind) {
    case "column":
      return expr.of === null ? expr.name : `${expr.of}.${expr.name}`;
    case "literal":
      return literalSql(expr);
    case "binary":
      return `(${sql(expr.left)} ${expr.op} ${sql(expr.right)})`;
    case "not":
      return `(NOT ${sql(expr.operand)})`;
    case "is-null":
      return `(${sql(expr.operand)} IS ${expr.negated ? "NOT " : ""}NULL)`;
    case "in":
      return `(${sql(expr.operand)} IN (${expr.list.map(sql).join(", ")}))`;
    case "case":
      return `CASE WHEN ${sql(expr.when)} THEN ${sql(expr.then)}${expr.otherwise === null ? "" : ` ELSE ${sql(expr.otherwise)}`} END`;
    case "call":
      return `${expr.name}(${expr.args.map(sql).join(", ")})`;
    case "aggregate":
      return dialect.aggregate(expr, dialect);
    case "window-bound":
      return `window_${expr.bound}`;
    case "over": {
      const partition = expr.partitionBy.map(sql).join(", ");
      const frame = `ROWS BETWEEN ${expr.preceding} PRECEDING AND CURRENT ROW`;
      return `${dialect.aggregate(expr.aggregate, dialect)} OVER (PARTITION BY ${partition} ORDER BY ${dialect.order} ${frame})`;
    }
  }
}

export function aggregateSql({ name, args, distinct, filter }: AggregateSpec, dialect: Dialect): string {
  const list = args.length === 0 ? "*" : args.map((arg) => exprSql(arg, dialect)).join(", ");
  return `${name}(${distinct ? "DISTINCT " : ""}${list})${filter === null ? "" : ` FILTER (WHERE ${exprSql(filter, dialect)})`}`;
}

function literalSql({ type, value }: ExprSpec & { readonly kind: "literal" }): string {
  if (value === null) return `CAST(NULL AS ${type})`;
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (type === "TIMESTAMP") return `TIMESTAMP '${new Date(value).toISOString().replace("T", " ").slice(0, -1)}'`;
  return type === "DOUBLE" && Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Random statements of every kind, with empty spans, and random texts. */
import fc from "fast-check";
import type { Clause } from "../../grammar/ast.ts";
import { CLAUSE_NAMES } from "../../grammar/clause-table.ts";
import type {
  ColumnDefinition,
  ColumnRole,
  InsertStatement,
  Option,
  SelectStatement,
  ShowStatement,
  Statement,
} from "../../grammar/statement-ast.ts";
import { expr, ident, path, span, type } from "./expression-arbitraries.ts";
import { duration, formats, select, stages } from "./select-arbitraries.ts";

const at = fc.constant(span);
const flag = fc.boolean();
const kind = <K extends Statement["kind"]>(value: K): fc.Arbitrary<K> => fc.constant(value);
const anyText = fc.string({ unit: "binary" });
const positive = fc.integer({ min: 1, max: 1_000_000 });
const relationWord = fc.constantFrom("STREAM" as const, "TABLE" as const);

const value: fc.Arbitrary<Option["value"]> = fc.oneof(
  anyText,
  flag,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
);
const role: fc.Arbitrary<ColumnRole> = fc.oneof(
  fc.record({ kind: fc.constantFrom("PRIMARY KEY" as const, "KEY" as const, "HEADERS" as const), header: fc.constant(null), span: at }),
  fc.record({ kind: fc.constant("HEADER" as const), header: anyText, span: at }),
);
const column: fc.Arbitrary<ColumnDefinition> = fc.record({ name: ident, type, role: fc.option(role), span: at });
const columns = fc.array(column, { maxLength: 3 });
const options: fc.Arbitrary<Option[]> = fc.array(fc.record({ name: ident, value, span: at }), { maxLength: 3 });
const columnNames = fc.array(ident, { maxLength: 3 });
const row = fc.array(expr, { minLength: 1, maxLength: 3 });

const insert: fc.Arbitrary<InsertStatement> = fc.record({
  kind: kind("insert"),
  name: fc.option(fc.constantFrom("one", "hourly.by-device_1", "2", "Größe")),
  mode: fc.constantFrom("INSERT", "UPSERT", "UPDATE"),
  target: path,
  store: fc.option(formats, { freq: 3 }),
  select,
  span: at,
});
const selectStatement: fc.Arbitrary<SelectStatement> = fc.record({ kind: kind("select"), select, span: at });

const SHOWN: readonly ShowStatement["what"][] = [
  "CONNECTIONS",
  "FUNCTIONS",
  "PIPELINES",
  "SETTINGS",
  "STREAMS",
  "TABLES",
  "TOPICS",
  "VARIABLES",
];

/** Each kind once, so that none is forgotten. */
const statements: { readonly [K in Statement["kind"]]: fc.Arbitrary<Extract<Statement, { readonly kind: K }>> } = {
  insert,
  "insert-values": fc.record({
    kind: kind("insert-values"),
    mode: fc.constantFrom("INSERT", "UPSERT", "UPDATE"),
    target: path,
    columns: columnNames,
    rows: fc.array(row, { minLength: 1, maxLength: 2 }),
    span: at,
  }),
  select: selectStatement,
  with: fc.record({ kind: kind("with"), stages, span: at }),
  create: fc.record({
    kind: kind("create"),
    relation: relationWord,
    orReplace: flag,
    ifNotExists: flag,
    name: path,
    columns,
    options,
    select: fc.option(select),
    span: at,
  }),
  drop: fc.record({ kind: kind("drop"), relation: relationWord, ifExists: flag, name: path, deleteTopic: flag, span: at }),
  show: fc.record({ kind: kind("show"), what: fc.constantFrom(...SHOWN), extended: flag, span: at }),
  describe: fc.record({
    kind: kind("describe"),
    what: fc.constantFrom("RELATION", "CONNECTION", "FUNCTION", "PIPELINE"),
    name: path,
    extended: flag,
    span: at,
  }),
  explain: fc.record({ kind: kind("explain"), analyze: flag, statement: fc.oneof(insert, selectStatement), span: at }),
  set: fc.record({ kind: kind("set"), name: anyText, value, span: at }),
  unset: fc.record({ kind: kind("unset"), name: anyText, span: at }),
  define: fc.record({ kind: kind("define"), name: ident.map(({ name }) => name), value: anyText, span: at }),
  undefine: fc.record({ kind: kind("undefine"), name: ident.map(({ name }) => name), span: at }),
  pipeline: fc.oneof(
    fc.record({ kind: kind("pipeline"), command: fc.constantFrom("PAUSE", "RESUME", "RESTART"), name: fc.option(path), span: at }),
    fc.record({ kind: kind("pipeline"), command: fc.constant("DROP" as const), name: path, span: at }),
  ),
  print: fc.record({
    kind: kind("print"),
    topic: path,
    fromBeginning: flag,
    interval: fc.option(positive),
    limit: fc.option(positive),
    span: at,
  }),
  "assert-values": fc.record({ kind: kind("assert-values"), name: path, columns: columnNames, row, deleted: flag, span: at }),
  "assert-relation": fc.record({ kind: kind("assert-relation"), relation: relationWord, name: path, columns, options, span: at }),
  "assert-topic": fc.record({
    kind: kind("assert-topic"),
    exists: flag,
    name: path,
    options,
    timeout: fc.option(duration(0)),
    span: at,
  }),
};

export const statement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 12, arbitrary: statements.insert },
  { weight: 8, arbitrary: statements.select },
  ...Object.values(statements),
);

/** A tree without its places, and without how its names were quoted: what must survive printing. KCQL's clauses may have stood in any order. */
export function withoutSpans(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSpans);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => key !== "span" && key !== "textSpan" && key !== "quoted");
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, withoutSpans(key === "clauses" ? inCanonicalOrder(inner as Clause[]) : inner)]),
  );
}

const inCanonicalOrder = (clauses: readonly Clause[]): Clause[] =>
  clauses.toSorted((a, b) => CLAUSE_NAMES.indexOf(a.name) - CLAUSE_NAMES.indexOf(b.name));

/** Words, signs and rubbish. */
export const soup: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...(
          "SELECT FROM WHERE GROUP BY HAVING WINDOW TUMBLING SIZE MINUTE GRACE PERIOD EMIT CHANGES FINAL LIMIT PK WITHINDEXSUFFIX " +
          "BATCH TTL AUTOCREATE INSERT UPSERT INTO CREATE STREAM WITH SET EXPLAIN AND OR NOT IS NULL TRUE DISTINCT IN BETWEEN " +
          "LIKE ESCAPE CASE WHEN EXTRACT POSITION SUBSTRING TRIM FOR BOTH FILTER OVER PARTITION ORDER ROWS PRECEDING UNION ALL UNNEST " +
          "START AT LATEST EVERY LATE WITHIN USING LEFT CROSS HOPPING SESSION ADVANCE VALUES DROP DEFINE ASSERT TOPIC SHOW PRINT PAUSE " +
          "THEN ELSE END CAST AS JOIN STOREAS FORM GRUOP a b t INT ARRAY STRUCT COUNT 1 0 2.5 1m 2fa 'x' `q` \"d\" _{yyyy} " +
          "( ) ( ) , ; . .* * + - / % || = <> != < > <= >= :: := => -> ${x} [ ] { } ! & ' ` \" -- /* */ @name"
        ).split(" "),
        "\n",
        "-- @name x\n",
      ),
      fc.string({ maxLength: 3, unit: "binary" }),
    ),
    { maxLength: 40 },
  )
  .chain((words) => fc.constantFrom(" ", " ", "").map((separator) => words.join(separator)));

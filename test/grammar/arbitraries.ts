/** Random trees of the language, with empty spans. */
import fc from "fast-check";
import type { BinaryOp, Duration, Expr, Ident, Join, Path, Relation, Select, SelectItem, TypeRef, Window } from "../../grammar/ast.ts";
import type {
  ColumnDefinition,
  CreateStatement,
  InsertStatement,
  Option,
  SelectStatement,
  SetStatement,
  Statement,
} from "../../grammar/statement-ast.ts";

import { clauses } from "./clause-arbitraries.ts";

const span = { start: 0, end: 0 };

/** Words of all kinds, and anything at all. */
const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "deviceId", "Größe", "@timestamp", "_key", "_value", "window_start") },
  { weight: 2, arbitrary: fc.constantFrom("select", "FROM", "into", "as", "end", "not", "WithIndexSuffix", "distinct", "and") },
  { weight: 2, arbitrary: fc.constantFrom("size", "window", "batch", "limit", "stream", "left", "interval", "AUTOCREATE", "m", "s") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("my topic", "a.b", "1st", "a-b", "x`y", "``", "it's", '"', "--", "/*", ";", "2fa", "a--b", "日本"),
  },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 5, unit: "binary" }) },
);
const ident: fc.Arbitrary<Ident> = name.map((text) => ({ name: text, quoted: false, span }));
const path: fc.Arbitrary<Path> = fc.array(ident, { minLength: 1, maxLength: 4 }).map((parts) => ({ parts, span }));

const scalarType: fc.Arbitrary<TypeRef> = fc.record({
  name: fc.constantFrom("INT", "STRING", "DECIMAL", "SIZE", "ODD TYPE"),
  parameters: fc.array(fc.nat(99), { maxLength: 2 }),
  arguments: fc.constant([]),
  span: fc.constant(span),
});
const { type } = fc.letrec<{ type: TypeRef }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    scalarType,
    fc.tuple(fc.constantFrom("ARRAY", "MAP"), fc.array(tie("type"), { minLength: 1, maxLength: 2 })).map(
      ([typeName, types]): TypeRef => ({
        name: typeName,
        parameters: [],
        arguments: types.map((one) => ({ name: null, type: one })),
        span,
      }),
    ),
    fc
      .array(fc.record({ name: ident, type: tie("type") }), { minLength: 1, maxLength: 3 })
      .map((fields): TypeRef => ({ name: "STRUCT", parameters: [], arguments: fields, span })),
  ),
}));

const BINARY_OPS: readonly BinaryOp[] = [
  ..."OR AND = <> < <= > >= + - * / % ||".split(" ").map((op) => op as BinaryOp),
  "IS DISTINCT FROM",
  "IS NOT DISTINCT FROM",
];

const literal: fc.Arbitrary<Expr> = fc.oneof(
  fc.constant<Expr>({ kind: "null", span }),
  fc.boolean().map((value): Expr => ({ kind: "boolean", value, span })),
  fc.stringMatching(/^(\d{1,4}(\.\d{0,3})?|\.\d{1,3})(e[+-]?\d{1,2})?$/).map((text): Expr => ({ kind: "number", text, span })),
  fc.string({ maxLength: 6, unit: "binary" }).map((value): Expr => ({ kind: "string", value, span })),
  fc.constantFrom("TIMESTAMP", "DATE", "TIME").map((type): Expr => ({ kind: "typed", type, text: "2026-01-01", span })),
  fc
    .tuple(fc.constantFrom("1", "it's"), fc.constantFrom(null, "DAY", "MILLISECOND", "YEAR"))
    .map(([text, unit]): Expr => ({ kind: "interval", text, unit, span })),
);
const ref: fc.Arbitrary<Expr> = path.map((fieldPath) => ({ kind: "ref", path: fieldPath, span }));
const escapeMark: fc.Arbitrary<Expr | null> = fc
  .constantFrom<(string | null)[]>(null, "!", "'", "\\")
  .map((value) => (value === null ? null : { kind: "string", value, span }));

const callParts = {
  kind: fc.constant("call" as const),
  name: ident,
  filter: fc.constant(null),
  over: fc.constant(null),
  span: fc.constant(span),
};

export const { expr } = fc.letrec<{ expr: Expr }>((tie) => {
  const one = tie("expr");
  const list = (minLength: number): fc.Arbitrary<Expr[]> => fc.array(one, { minLength, maxLength: 3 });
  const negated = fc.boolean();
  const at = fc.constant(span);
  const kind = <K extends Expr["kind"]>(value: K): fc.Arbitrary<K> => fc.constant(value);
  return {
    expr: fc.oneof(
      { maxDepth: 5, depthSize: "small" },
      { weight: 3, arbitrary: literal },
      { weight: 3, arbitrary: ref },
      { weight: 6, arbitrary: fc.record({ kind: kind("binary"), op: fc.constantFrom(...BINARY_OPS), left: one, right: one, span: at }) },
      fc.record({ kind: kind("not"), operand: one, span: at }),
      fc.record({ kind: kind("negate"), operand: one, span: at }),
      fc.record({ kind: kind("is"), operand: one, what: fc.constantFrom("NULL", "TRUE", "FALSE"), negated, span: at }),
      fc.record({ kind: kind("between"), operand: one, low: one, high: one, negated, span: at }),
      fc.record({ kind: kind("in"), operand: one, list: list(1), negated, span: at }),
      fc
        .record({ op: fc.constantFrom("LIKE", "ILIKE", "RLIKE"), operand: one, pattern: one, escape: escapeMark, negated })
        .map((like): Expr => ({ ...like, kind: "like", escape: like.op === "RLIKE" ? null : like.escape, span })),
      fc.record({ kind: kind("index"), operand: one, index: one, span: at }),
      fc.record({ kind: kind("access"), operand: one, name: ident, span: at }),
      fc.record({ kind: kind("at-time-zone"), operand: one, zone: one, span: at }),
      fc.record({ kind: kind("array"), items: list(0), span: at }),
      fc.record({ kind: kind("map"), entries: fc.array(fc.record({ key: one, value: one }), { maxLength: 2 }), span: at }),
      fc.record({ kind: kind("struct"), fields: fc.array(fc.record({ name: ident, value: one }), { maxLength: 2 }), span: at }),
      fc.record({ ...callParts, args: list(1), star: fc.constant(false), distinct: fc.constant(false), filter: fc.option(one) }),
      fc
        .record({ parameters: fc.array(ident, { minLength: 1, maxLength: 3 }), body: one })
        .map((lambda): Expr => ({ kind: "lambda", ...lambda, span }))
        .chain((lambda) =>
          fc.record({ ...callParts, args: fc.constant([lambda]), star: fc.constant(false), distinct: fc.constant(false) }),
        ),
      fc.record({
        kind: kind("case"),
        operand: fc.option(one),
        branches: fc.array(fc.record({ when: one, then: one }), { minLength: 1, maxLength: 2 }),
        otherwise: fc.option(one),
        span: at,
      }),
      fc.record({ kind: kind("cast"), operand: one, type, safe: fc.boolean(), span: at }),
      fc.record({ ...callParts, args: list(0), star: fc.constant(false), distinct: fc.constant(false) }),
      fc.record({ ...callParts, args: list(1), star: fc.constant(false), distinct: fc.constant(true) }),
      fc.record({ ...callParts, args: fc.constant([]), star: fc.constant(true), distinct: fc.constant(false) }),
    ),
  };
});

const item: fc.Arbitrary<SelectItem> = fc.oneof(
  fc.record({ kind: fc.constant("star" as const), prefix: fc.option(path), span: fc.constant(span) }),
  fc.record({ kind: fc.constant("expr" as const), expr, alias: fc.option(ident), span: fc.constant(span) }),
);
const positive = fc.integer({ min: 1, max: 1_000_000 });
const duration = (min: number): fc.Arbitrary<Duration> =>
  fc.record({
    count: fc.integer({ min, max: 1_000 }),
    unit: fc.constantFrom("MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY"),
    span: fc.constant(span),
  });
const window: fc.Arbitrary<Window> = fc.record({
  kind: fc.constant("tumbling" as const),
  size: duration(1),
  grace: fc.option(duration(0)),
  offset: fc.option(duration(0)),
  timeZone: fc.option(fc.constantFrom("UTC", "it's")),
  retention: fc.option(duration(1)),
  span: fc.constant(span),
});
const relation: fc.Arbitrary<Relation> = fc.record({
  kind: fc.constant("relation" as const),
  path,
  alias: fc.option(ident),
  span: fc.constant(span),
});

const join: fc.Arbitrary<Join> = fc.oneof(
  fc.record({
    type: fc.constantFrom("INNER", "LEFT", "RIGHT", "FULL"),
    right: relation,
    on: expr,
    using: fc.constant([]),
    within: fc.option(fc.record({ before: duration(1), after: duration(1), grace: fc.option(duration(0)), span: fc.constant(span) })),
    span: fc.constant(span),
  }),
  fc
    .record({ operand: expr, alias: fc.option(ident), columns: fc.array(ident, { maxLength: 2 }) })
    .map((unnest): Join => ({ type: "CROSS", right: { kind: "unnest", ...unnest, span }, on: null, using: [], within: null, span })),
);

const nothing = {
  with: fc.constant([]),
  readAs: fc.constantFrom("STREAM", "TABLE", null),
  distinct: fc.boolean(),
  joins: fc.array(join, { maxLength: 2 }),
  formats: fc.constant(null),
  partitionBy: fc.array(expr, { maxLength: 2 }),
  eventTime: fc.option(expr),
  startAt: fc.constant(null),
  late: fc.option(path),
  union: fc.constant([]),
} as const;
const select: fc.Arbitrary<Select> = fc.record({
  ...nothing,
  items: fc.array(item, { minLength: 1, maxLength: 4 }),
  from: relation,
  where: fc.option(expr),
  window: fc.option(window),
  groupBy: fc.array(expr, { maxLength: 3 }),
  having: fc.option(expr),
  emit: fc.option(fc.record({ mode: fc.constantFrom("CHANGES", "FINAL"), every: fc.constant(null), span: fc.constant(span) })),
  limit: fc.option(fc.record({ count: positive, span: fc.constant(span) })),
  clauses: clauses(path),
  span: fc.constant(span),
});

const value: fc.Arbitrary<Option["value"]> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
);
const selectStatement: fc.Arbitrary<SelectStatement> = select.map((one) => ({ kind: "select", select: one, span }));
const insert: fc.Arbitrary<InsertStatement> = fc.record({
  kind: fc.constant("insert" as const),
  name: fc.option(fc.constantFrom("one", "hourly.by-device_1", "2", "Größe")),
  mode: fc.constantFrom("INSERT", "UPSERT"),
  target: path,
  store: fc.constant(null),
  select,
  span: fc.constant(span),
});
const column: fc.Arbitrary<ColumnDefinition> = fc.record({ name: ident, type, role: fc.constant(null), span: fc.constant(span) });
const option: fc.Arbitrary<Option> = fc.record({ name: ident, value, span: fc.constant(span) });
const createStream: fc.Arbitrary<CreateStatement> = fc.record({
  kind: fc.constant("create" as const),
  relation: fc.constant("STREAM" as const),
  orReplace: fc.constant(false),
  ifNotExists: fc.constant(false),
  select: fc.constant(null),
  name: path,
  columns: fc.array(column, { maxLength: 3 }),
  options: fc.array(option, { maxLength: 3 }),
  span: fc.constant(span),
});
const set: fc.Arbitrary<SetStatement> = fc.record({
  kind: fc.constant("set" as const),
  name: fc.string({ unit: "binary" }),
  value,
  span: fc.constant(span),
});

export const statement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 3, arbitrary: insert },
  { weight: 2, arbitrary: selectStatement },
  createStream,
  set,
  fc.oneof(insert, selectStatement).map((inner): Statement => ({ kind: "explain", analyze: false, statement: inner, span })),
);

/** A tree without its places, and without how its names were quoted: what must survive printing. */
export function withoutSpans(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSpans);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => key !== "span" && key !== "textSpan" && key !== "quoted");
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutSpans(inner)]));
}

/** Words, signs and rubbish. */
export const soup: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...(
          "SELECT FROM WHERE GROUP BY HAVING WINDOW TUMBLING SIZE MINUTE GRACE PERIOD EMIT CHANGES FINAL LIMIT PK WITHINDEXSUFFIX " +
          "BATCH TTL AUTOCREATE INSERT UPSERT INTO CREATE STREAM WITH SET EXPLAIN AND OR NOT IS NULL TRUE DISTINCT IN BETWEEN " +
          "LIKE ESCAPE CASE WHEN " +
          "THEN ELSE END CAST AS JOIN STOREAS FORM GRUOP a b t INT ARRAY STRUCT COUNT 1 0 2.5 1m 2fa 'x' `q` \"d\" _{yyyy} " +
          "( ) ( ) , ; . .* * + - / % || = <> != < > <= >= :: [ ] { } ! & ' ` \" -- /* */ @name"
        ).split(" "),
        "\n",
        "-- @name x\n",
      ),
      fc.string({ maxLength: 3, unit: "binary" }),
    ),
    { maxLength: 40 },
  )
  .chain((words) => fc.constantFrom(" ", " ", "").map((separator) => words.join(separator)));

/** Random expressions, names and types, with empty spans. */
import fc from "fast-check";
import type { BinaryOp, Expr, Frame, FrameBound, Ident, OrderItem, Over, Path, TypeRef } from "../../grammar/ast.ts";

export const span = { start: 0, end: 0 };

/** Words of all kinds, and anything at all. */
const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "deviceId", "Größe", "@timestamp", "_key", "_value", "window_start") },
  { weight: 2, arbitrary: fc.constantFrom("select", "FROM", "into", "as", "end", "not", "WithIndexSuffix", "distinct", "and") },
  { weight: 2, arbitrary: fc.constantFrom("size", "window", "batch", "limit", "stream", "left", "interval", "AUTOCREATE", "m", "s") },
  { weight: 1, arbitrary: fc.constantFrom("pipeline", "current", "day", "for", "unbounded") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("my topic", "a.b", "1st", "a-b", "x`y", "``", "it's", '"', "--", "/*", ";", "2fa", "a--b", "日本"),
  },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 5, unit: "binary" }) },
);
export const ident: fc.Arbitrary<Ident> = name.map((text) => ({ name: text, quoted: false, span }));
export const path: fc.Arbitrary<Path> = fc.array(ident, { minLength: 1, maxLength: 4 }).map((parts) => ({ parts, span }));

const scalarType: fc.Arbitrary<TypeRef> = fc.record({
  name: fc.constantFrom("INT", "STRING", "DECIMAL", "SIZE", "ODD TYPE"),
  parameters: fc.array(fc.nat(99), { maxLength: 2 }),
  arguments: fc.constant([]),
  span: fc.constant(span),
});
export const { type } = fc.letrec<{ type: TypeRef }>((tie) => ({
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

export const literal: fc.Arbitrary<Expr> = fc.oneof(
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

const over = (one: fc.Arbitrary<Expr>): fc.Arbitrary<Over> => {
  const at = fc.constant(span);
  const direction = fc.constantFrom("PRECEDING" as const, "FOLLOWING" as const);
  const bound: fc.Arbitrary<FrameBound> = fc.oneof(
    fc.constant<FrameBound>({ direction: "CURRENT ROW", distance: null, span }),
    fc.record({ direction, distance: fc.option(one), span: at }),
  );
  const item: fc.Arbitrary<OrderItem> = fc.record({
    expr: one,
    descending: fc.boolean(),
    nulls: fc.constantFrom("FIRST", "LAST", null),
    span: at,
  });
  const frame: fc.Arbitrary<Frame> = fc.record({
    unit: fc.constantFrom("ROWS", "RANGE"),
    start: bound,
    end: fc.option(bound),
    span: at,
  });
  return fc.record({
    partitionBy: fc.array(one, { maxLength: 2 }),
    orderBy: fc.array(item, { maxLength: 2 }),
    frame: fc.option(frame),
    span: at,
  });
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
      fc.record({ ...callParts, args: list(0), star: fc.constant(false), distinct: fc.constant(false), over: over(one) }),
      fc.record({
        ...callParts,
        args: list(1),
        star: fc.constant(false),
        distinct: fc.constant(false),
        nulls: fc.constantFrom("IGNORE", "RESPECT"),
        over: fc.option(over(one)),
      }),
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

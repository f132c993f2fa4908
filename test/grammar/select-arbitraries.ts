/** Random SELECTs, with empty spans. */
import fc from "fast-check";
import type { Duration, Formats, FromItem, Join, Relation, Select, SelectItem, Stage, StartAt, Window, Within } from "../../grammar/ast.ts";
import { clauseSpec } from "../../grammar/clause-table.ts";
import { clauses } from "./clause-arbitraries.ts";
import { expr, ident, literal, path, span } from "./expression-arbitraries.ts";

const at = fc.constant(span);
const nothing = fc.constant(null);
const none = fc.constant([]);

const item: fc.Arbitrary<SelectItem> = fc.oneof(
  fc.record({ kind: fc.constant("star" as const), prefix: fc.option(path), span: at }),
  fc.record({ kind: fc.constant("expr" as const), expr, alias: fc.option(ident), span: at }),
);
const positive = fc.integer({ min: 1, max: 1_000_000 });
export const duration = (min: number): fc.Arbitrary<Duration> =>
  fc.record({
    count: fc.integer({ min, max: 1_000 }),
    unit: fc.constantFrom("MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK"),
    span: at,
  });

const windowOptions = {
  grace: fc.option(duration(0)),
  offset: fc.option(duration(0)),
  timeZone: fc.option(fc.constantFrom("UTC", "it's")),
  retention: fc.option(duration(1)),
  span: at,
};
const window: fc.Arbitrary<Window> = fc.oneof(
  fc.record({ kind: fc.constantFrom("tumbling", "sliding"), size: duration(1), ...windowOptions }),
  fc.record({ kind: fc.constantFrom("hopping", "cumulating"), size: duration(1), advance: duration(1), ...windowOptions }),
  fc.record({ kind: fc.constant("session" as const), gap: duration(1), ...windowOptions }),
  fc.record({
    kind: fc.constant("count" as const),
    size: positive,
    advance: fc.option(positive),
    grace: nothing,
    offset: nothing,
    timeZone: nothing,
    retention: nothing,
    span: at,
  }),
);

const relation: fc.Arbitrary<Relation> = fc.record({ kind: fc.constant("relation" as const), path, alias: fc.option(ident), span: at });
const within: fc.Arbitrary<Within> = fc.record({
  before: duration(1),
  after: duration(1),
  grace: fc.option(duration(0)),
  span: at,
});
const joinOf = (right: fc.Arbitrary<FromItem>): fc.Arbitrary<Join> => {
  const conditioned = { type: fc.constantFrom("INNER" as const, "LEFT" as const, "RIGHT" as const, "FULL" as const), right, span: at };
  return fc.oneof(
    fc.record({ ...conditioned, on: expr, using: none, within: fc.option(within) }),
    fc.record({ ...conditioned, on: nothing, using: fc.array(ident, { minLength: 1, maxLength: 2 }), within: fc.option(within) }),
    fc.record({ type: fc.constant("CROSS" as const), right, on: nothing, using: none, within: nothing, span: at }),
    fc
      .record({ operand: expr, alias: fc.option(ident), columns: fc.array(ident, { maxLength: 2 }) })
      .map((unnest): Join => ({ type: "CROSS", right: { kind: "unnest", ...unnest, span }, on: null, using: [], within: null, span })),
  );
};

const format = fc.constantFrom("JSON", "AVRO", "ODD ONE", "IT'S");
/** At least one of the two. */
export const formats: fc.Arbitrary<Formats> = fc
  .record({ key: fc.option(format), value: fc.option(format), span: at })
  .filter(({ key, value }) => key !== null || value !== null);
const startAt: fc.Arbitrary<StartAt> = fc.oneof(
  fc.constantFrom<StartAt[]>({ position: "EARLIEST", time: null, span }, { position: "LATEST", time: null, span }),
  literal.filter(({ kind }) => kind !== "interval").map((time): StartAt => ({ position: "TIME", time, span })),
);

/** A SELECT without what belongs to the whole of a UNION. */
const memberOf = (from: fc.Arbitrary<FromItem>): fc.Arbitrary<Select> =>
  fc.record({
    with: none,
    readAs: fc.constantFrom("STREAM", "TABLE", null),
    distinct: fc.boolean(),
    items: fc.array(item, { minLength: 1, maxLength: 4 }),
    from,
    joins: fc.array(joinOf(from), { maxLength: 2 }),
    formats: fc.option(formats, { freq: 4 }),
    where: fc.option(expr),
    window: fc.option(window),
    groupBy: fc.array(expr, { maxLength: 3 }),
    having: fc.option(expr),
    partitionBy: fc.array(expr, { maxLength: 2 }),
    eventTime: fc.option(expr),
    startAt: nothing,
    late: nothing,
    emit: nothing,
    limit: nothing,
    union: none,
    clauses: none,
    span: at,
  });

const rare = { freq: 4 } as const; // of five, one is there
export const { select, stages } = fc.letrec<{ select: Select; stages: Stage[]; from: FromItem }>((tie) => {
  const derived = fc.record({ kind: fc.constant("derived" as const), select: tie("select"), alias: fc.option(ident), span: at });
  const stage = fc.record({ name: ident, select: tie("select"), span: at });
  const whole = {
    startAt: fc.option(startAt),
    late: fc.option(path),
    emit: fc.option(
      fc.oneof(
        fc.record({ mode: fc.constantFrom("CHANGES" as const, "FINAL" as const), every: nothing, span: at }),
        fc.record({ mode: fc.constant("EVERY" as const), every: duration(1), span: at }),
      ),
    ),
    limit: fc.option(fc.record({ count: positive, span: at })),
    clauses: clauses(path),
  };
  const member = memberOf(tie("from"));
  const first = fc
    .tuple(member, fc.record(whole))
    .map(([one, ofTheWhole]): Select => ({ ...one, ...ofTheWhole }))
    .map((one): Select => (one.clauses.some(({ name }) => clauseSpec(name).group === "partitions") ? { ...one, partitionBy: [] } : one));
  return {
    from: fc.oneof({ maxDepth: 3, withCrossShrink: true }, { weight: 6, arbitrary: relation }, derived),
    stages: fc.array(stage, { minLength: 1, maxLength: 2 }),
    select: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { weight: 4, arbitrary: first },
      fc
        .tuple(first, fc.array(member, { maxLength: 2 }), fc.option(tie("stages"), rare))
        .map(([one, union, before]): Select => ({ ...one, union, with: before ?? [] })),
    ),
  };
});

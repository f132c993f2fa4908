import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SeededRandom, seeds } from "../property/random.ts";
import { randomCase } from "./case-generator.ts";
import { rowsDifference } from "./compare.ts";
import { COUNT_ALL, condition } from "./expression-generator.ts";
import { featuresOf, runs } from "./features.ts";
import { sqlOf } from "./print-sql.ts";
import type { Document } from "./reference.ts";
import { type Found, runCase } from "./run-case.ts";
import { type CaseSpec, type ExprSpec, isAggregated, isScattered, type SelectSpec, type StatementSpec, type WindowSpec } from "./spec.ts";

const DAY_MS = 86_400_000;
/** Longer than all times of a case are apart. */
const FOREVER_MS = 1e6 * DAY_MS;

type Of = (statement: StatementSpec, sources: CaseSpec["sources"]) => boolean;

/** A random case with one statement of some kind, reading nothing that cannot be read. */
function caseOf(seed: number, is: Of): { readonly given: CaseSpec; readonly statement: StatementSpec; readonly random: SeededRandom } {
  const accepts = (statement: StatementSpec, sources: CaseSpec["sources"]): boolean =>
    featuresOf(statement, sources).every(runs) && is(statement, sources);
  for (let next = seed; ; next++) {
    const given = randomCase(next, { statements: 1, accepts });
    const [statement] = given.statements;
    if (statement !== undefined) return { given, statement, random: new SeededRandom(seed) };
  }
}

const isPlain: Of = ({ stages, union, select }) => stages.length === 0 && union.length === 0 && select.from === "s" && select.join === null;

/** A row of it is more than what its record says. */
const looksBack = ({ select }: StatementSpec): boolean => select.items.some(({ expr }) => expr.kind === "over");

async function outcomes(given: CaseSpec, statements: readonly StatementSpec[]): Promise<readonly Found[]> {
  const named = statements.map((statement, index): StatementSpec => {
    const name = `t${index}`;
    return { ...statement, name, into: "table", lateInto: null };
  });
  const own = { ...given, statements: named, closes: true };
  const ran = await runCase(own, 1);
  expect(ran.errors, sqlOf(own)).toEqual([]);
  return named.map(({ name }) => must(ran.statements.get(name)));
}

const withSelect = (statement: StatementSpec, select: Partial<SelectSpec>): StatementSpec => ({
  ...statement,
  select: { ...statement.select, ...select },
});

/** Without the bounds of its windows, which the other one does not have. */
function withoutBounds(statement: StatementSpec): StatementSpec {
  return withSelect(statement, { items: statement.select.items.filter(({ expr }) => expr.kind !== "window-bound") });
}

async function expectSame(given: CaseSpec, a: StatementSpec, b: StatementSpec): Promise<void> {
  const [first, second] = await outcomes(given, [a, b]);
  expect(rowsDifference(must(first).rows, must(second).rows), sqlOf({ ...given, statements: [a, b] })).toBe(null);
  const { in: taken, applied, filtered, late, deadLettered } = must(first).counters;
  expect(must(second).counters).toMatchObject({ in: taken, applied, filtered, late, deadLettered });
}

/** Windows that overlap begin at the same local times every day. */
function beginsDaily(window: WindowSpec | null): boolean {
  if (window?.kind !== "tumbling" || window.timeZone === null) return true;
  return DAY_MS % window.sizeMs === 0 || window.sizeMs % DAY_MS === 0;
}

describe("statements that mean the same", () => {
  const windowed =
    (kind: WindowSpec["kind"]): Of =>
    (statement, sources) =>
      isPlain(statement, sources) && statement.select.window?.kind === kind;

  it.each(seeds([], 12))("tumbling, and hopping by its size: seed %i", async (seed) => {
    const { given, statement } = caseOf(seed, (own, sources) => windowed("tumbling")(own, sources) && beginsDaily(own.select.window));
    const window = statement.select.window as WindowSpec & { kind: "tumbling" };
    await expectSame(given, statement, withSelect(statement, { window: { ...window, kind: "hopping", advanceMs: window.sizeMs } }));
  });

  it.each(seeds([], 12))("tumbling, and cumulating in one step: seed %i", async (seed) => {
    const { given, statement } = caseOf(seed, windowed("tumbling"));
    const window = statement.select.window as WindowSpec & { kind: "tumbling" };
    await expectSame(given, statement, withSelect(statement, { window: { ...window, kind: "cumulating", advanceMs: window.sizeMs } }));
  });

  // Sessions and windows of rows lie in one partition.
  const grouped: Of = (statement, sources) =>
    isPlain(statement, sources) &&
    statement.select.groupBy.length > 0 &&
    statement.select.window === null &&
    !isScattered(statement.select, sources);

  it.runIf(runs("session")).each(seeds([], 12))("no window, and a session without end: seed %i", async (seed) => {
    const { given, statement } = caseOf(seed, grouped);
    await expectSame(given, statement, withSelect(statement, { window: { kind: "session", gapMs: FOREVER_MS, graceMs: 0 } }));
  });

  it.runIf(runs("count")).each(seeds([], 12))("no window, and one of more rows than there are: seed %i", async (seed) => {
    const { given, statement } = caseOf(seed, grouped);
    await expectSame(given, statement, withSelect(statement, { window: { kind: "count", sizeRows: 1000, advanceRows: 1000 } }));
  });

  it.each(seeds([], 12))("no window, and the only one: seed %i", async (seed) => {
    const { given, statement } = caseOf(seed, (own, sources) => grouped(own, sources) && own.emit?.mode !== "every");
    const window: WindowSpec = { kind: "tumbling", sizeMs: FOREVER_MS, graceMs: FOREVER_MS, offsetMs: FOREVER_MS / 2, timeZone: null };
    await expectSame(given, statement, withSelect(withoutBounds(statement), { window }));
  });
});

describe("a condition", () => {
  /** Where it is true, where it is false, where it is neither. */
  const parts = (own: ExprSpec, where: ExprSpec | null): readonly ExprSpec[] =>
    [own, { kind: "not", operand: own } as const, { kind: "is-null", operand: own, negated: false } as const].map((part) =>
      where === null ? part : { kind: "binary", op: "AND", type: "BOOLEAN", left: where, right: part },
    );
  const COLUMNS = [
    { name: "k", type: "STRING", of: null },
    { name: "n", type: "BIGINT", of: null },
    { name: "tag", type: "STRING", of: null },
  ] as const;

  it.each(seeds([], 16))("takes each row in one of three ways: seed %i", async (seed) => {
    const { given, statement, random } = caseOf(
      seed,
      (own, sources) => isPlain(own, sources) && !looksBack(own) && !isAggregated(own.select) && own.select.unnest === null,
    );
    const own = condition(COLUMNS, random);
    const split = parts(own, statement.select.where).map((where) => withSelect(statement, { where }));
    const united: StatementSpec = { ...must(split[0]), union: split.slice(1).map(({ select }) => select) };
    const [whole, ...rest] = await outcomes(given, [statement, ...split, ...(split.length > 0 ? [united] : [])]);
    const rows = rest.slice(0, 3).flatMap((found) => found.rows);
    const about = sqlOf({ ...given, statements: [statement, ...split] });
    expect(rowsDifference(must(whole).rows, rows), about).toBe(null);
    expect(rowsDifference(must(whole).rows, must(rest[3]).rows), about).toBe(null);
  });

  it.each(seeds([], 16))("splits counts and sums into parts that add up: seed %i", async (seed) => {
    const is: Of = (own, sources) =>
      isPlain(own, sources) && own.select.groupBy.length === 1 && own.select.having === null && !own.select.distinct;
    const { given, statement, random } = caseOf(
      seed,
      (own, sources) => is(own, sources) && own.select.window?.kind !== "session" && own.select.window?.kind !== "count",
    );
    const sum: ExprSpec = {
      kind: "aggregate",
      name: "SUM",
      args: [{ kind: "column", name: "n", type: "BIGINT", of: null }],
      distinct: false,
      filter: null,
    };
    const items = [
      { name: "g", expr: must(statement.select.groupBy[0]) },
      ...(statement.select.window === null
        ? []
        : [
            { name: "ws", expr: { kind: "window-bound", bound: "start" } as const },
            { name: "we", expr: { kind: "window-bound", bound: "end" } as const },
          ]),
      { name: "count", expr: COUNT_ALL },
      { name: "sum", expr: sum },
    ];
    const base = withSelect(statement, { items });
    const split = parts(condition(COLUMNS, random), base.select.where).map((where) => withSelect(base, { where }));
    const [whole, ...rest] = await outcomes(given, [base, ...split]);
    const added = addedUp(rest.flatMap(({ rows }) => rows));
    expect(rowsDifference(addedUp(must(whole).rows), added), sqlOf({ ...given, statements: [base, ...split] })).toBe(null);
  });
});

/** Counts and sums of all rows of one group and window. */
function addedUp(rows: readonly Document[]): readonly Document[] {
  const groups = new Map<string, { count: number; sum: number }>();
  for (const { count, sum, ...key } of rows) {
    const text = JSON.stringify(key);
    const group = groups.get(text) ?? { count: 0, sum: 0 };
    groups.set(text, { count: group.count + Number(count), sum: group.sum + Number(sum ?? 0) });
  }
  return [...groups].map(([key, sums]) => ({ key, ...sums }));
}

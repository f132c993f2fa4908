import { relationsOf } from "./print-sql.ts";
import { type CaseSpec, type ExprSpec, type SourceSpec, type StatementSpec, typeOf } from "./spec.ts";

/** How often a smaller case is tried at most. */
const TRIES_MAX = 600;
/** And for how long: runs that do not end take their time. */
const SHRINKING_MS_MAX = 60_000;

/** A smaller case that fails too, by taking away what can be: statements, runs, records, clauses, parts of expressions. */
export async function shrink(given: CaseSpec, fails: (smaller: CaseSpec) => Promise<boolean>): Promise<CaseSpec> {
  let best = given;
  let tries = 0;
  const end = Date.now() + SHRINKING_MS_MAX;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const step of STEPS) {
      // What was taken away once is tried again at the same place, which holds something else now.
      for (let index = 0; ; ) {
        const candidate = step(best)[index];
        if (candidate === undefined) break;
        if (++tries > TRIES_MAX || Date.now() > end) return best;
        if (await fails(candidate)) {
          best = candidate;
          isSmaller = true;
        } else index++;
      }
    }
  }
  return best;
}

const STEPS: readonly ((given: CaseSpec) => readonly CaseSpec[])[] = [
  fewerStatements,
  (given) =>
    given.runs.length === 1
      ? []
      : [{ ...given, runs: given.runs.slice(-1) }, ...given.runs.slice(1).map((_, run) => withoutRun(given, run))],
  (given) => fewerRecords(given, 1),
  (given) => fewerRecords(given, 2),
  (given) => fewerRecords(given, 8),
  simplerStatements,
  (given) => fewerRecords(given, Number.POSITIVE_INFINITY),
  onePartition,
  fewerCells,
  (given) => (given.closes ? [] : [{ ...given, closes: true }]),
];

function fewerStatements(given: CaseSpec): readonly CaseSpec[] {
  if (given.statements.length === 1) return [];
  return given.statements
    .map((left) => ({
      ...given,
      statements: given.statements.filter((statement) => statement !== left && !relationsOf(statement).includes(left.name)),
    }))
    .filter(({ statements }) => statements.length > 0);
}

function withoutRun(given: CaseSpec, run: number): CaseSpec {
  return { ...given, runs: given.runs.filter((_, index) => index !== run) };
}

// --- records -----------------------------------------------------------------------------------

/** Without one of so many parts of a source's records. */
function fewerRecords(given: CaseSpec, parts: number): readonly CaseSpec[] {
  return given.sources.flatMap(({ records }, source) => {
    const size = Math.max(1, Math.ceil(records.length / parts));
    return Array.from({ length: Math.ceil(records.length / size) }, (_, part) =>
      withoutRecords(given, source, part * size, (part + 1) * size),
    );
  });
}

function withoutRecords(given: CaseSpec, source: number, from: number, to: number): CaseSpec {
  const left = (count: number): number => count - Math.max(0, Math.min(count, to) - from);
  return {
    ...given,
    sources: given.sources.map((own, index) =>
      index === source ? { ...own, records: own.records.filter((_, row) => row < from || row >= to) } : own,
    ),
    runs: given.runs.map((counts) => counts.map((count, index) => (index === source ? left(count) : count))),
  };
}

function onePartition(given: CaseSpec): readonly CaseSpec[] {
  const joined = (source: SourceSpec): SourceSpec => ({
    ...source,
    partitions: 1,
    records: source.records.map((record) => ({ ...record, partition: 0 })),
  });
  return given.sources.every(({ partitions }) => partitions === 1) ? [] : [{ ...given, sources: given.sources.map(joined) }];
}

/** Without a column in all records at once. */
function fewerCells(given: CaseSpec): readonly CaseSpec[] {
  return given.sources.flatMap((source, index) => {
    const removable = source.columns.filter(
      ({ name }) => name !== source.keyColumn && source.records.some(({ values }) => values !== null && name in values),
    );
    return removable.map(({ name }) => {
      const records = source.records.map((record) => {
        if (record.values === null) return record;
        const { [name]: _, ...values } = record.values;
        return { ...record, values };
      });
      return { ...given, sources: given.sources.map((own, at) => (at === index ? { ...source, records } : own)) };
    });
  });
}

// --- statements --------------------------------------------------------------------------------

function simplerStatements(given: CaseSpec): readonly CaseSpec[] {
  return given.statements.flatMap((statement, index) =>
    simpler(statement).map((own) => ({ ...given, statements: given.statements.map((other, at) => (at === index ? own : other)) })),
  );
}

function simpler(statement: StatementSpec): readonly StatementSpec[] {
  const { select, union, stages, emit, lateInto } = statement;
  const found: StatementSpec[] = [];
  const withSelect = (own: Partial<StatementSpec["select"]>): void => {
    found.push({ ...statement, select: { ...select, ...own } });
  };
  if (union.length > 0) found.push({ ...statement, union: union.slice(1) }, { ...statement, union: union.slice(0, -1) });
  if (lateInto !== null) found.push({ ...statement, lateInto: null });
  if (emit !== null) found.push({ ...statement, emit: null });
  const [stage] = stages;
  if (stage !== undefined) found.push({ ...statement, stages: [], select: { ...select, from: stage.select.from } });
  if (select.where !== null) withSelect({ where: null });
  if (select.having !== null) withSelect({ having: null });
  if (select.unnest !== null) withSelect({ unnest: null });
  if (select.items.length > 1) for (const item of select.items) withSelect({ items: select.items.filter((other) => other !== item) });
  for (const expr of select.groupBy) withSelect({ groupBy: select.groupBy.filter((other) => other !== expr) });
  const { window } = select;
  if (window !== null && "graceMs" in window && window.graceMs > 0) withSelect({ window: { ...window, graceMs: 0 } });
  if (window !== null && "offsetMs" in window && window.offsetMs > 0) withSelect({ window: { ...window, offsetMs: 0 } });
  if (window !== null && "timeZone" in window && window.timeZone !== null) withSelect({ window: { ...window, timeZone: null } });
  return [...found, ...simplerExpressions(statement)];
}

type Json = { [name: string]: Json } | Json[] | string | number | boolean | null;

const isExpr = (value: Json): value is Json & ExprSpec =>
  typeof value === "object" && value !== null && !Array.isArray(value) && "kind" in value && EXPRS.has(value["kind"] as string);
const EXPRS: ReadonlySet<string> = new Set(["binary", "not", "is-null", "in", "case", "call", "aggregate"]);

/** With a part of an expression in the place of the whole; equal expressions, as of a grouping and its column, at once. */
function simplerExpressions(statement: StatementSpec): readonly StatementSpec[] {
  const exprs = new Map<string, ExprSpec>();
  const collect = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    if (isExpr(value)) exprs.set(JSON.stringify(value), value);
    for (const inner of Object.values(value)) collect(inner);
  };
  collect(statement as unknown as Json);
  return [...exprs].flatMap(([text, expr]) =>
    simplerForms(expr).map((form) => JSON.parse(JSON.stringify(statement).replaceAll(text, JSON.stringify(form))) as StatementSpec),
  );
}

function simplerForms(expr: ExprSpec): readonly ExprSpec[] {
  if (expr.kind === "aggregate")
    return [...(expr.filter === null ? [] : [{ ...expr, filter: null }]), ...(expr.distinct ? [{ ...expr, distinct: false }] : [])];
  const parts = Object.values(expr).flatMap((part: unknown) => (Array.isArray(part) ? part : [part])) as readonly unknown[];
  return parts.filter(
    (part): part is ExprSpec => typeof part === "object" && part !== null && "kind" in part && typeOf(part as ExprSpec) === typeOf(expr),
  );
}

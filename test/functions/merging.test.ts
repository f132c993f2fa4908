import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { exactForms } from "../../src/functions/aggregate/exact.ts";
import type { Collector } from "../../src/functions/collector.ts";
import { AGGREGATE_FUNCTIONS, accumulatorOf, collectorsOf, isOfCells, OBJECT_AGGREGATES } from "../../src/functions/registry.ts";
import type { Accumulator, Cells } from "../../src/functions/spec.ts";
import type { BoundExpr } from "../../src/model/expression.ts";
import type { AggregateHandling, BoundAggregate } from "../../src/model/statement.ts";
import { ANY, BIGINT, BOOLEAN, DATE, type DataType, DOUBLE, INT, STRING, TIMESTAMP } from "../../src/model/type.ts";
import type { Value } from "../../src/model/value.ts";
import { GroupObjects } from "../../src/state/group-objects.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const DECIMAL: DataType = { kind: "decimal", precision: 10, scale: 2 };

/** Not so near to each other, or to zero, that the last digit decides whether there is a variance or a product (seeds 2 and 3). */
const double = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.integer({ min: -64e6, max: 64e6 }).map((value) => value / 64),
);
const VALUES: Partial<Readonly<Record<DataType["kind"], fc.Arbitrary<Value>>>> = {
  any: double,
  bigint: fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.maxSafeInteger(),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).filter((value) => !Number.isSafeInteger(Number(value))),
  ),
  boolean: fc.boolean(),
  date: fc.integer({ min: -1000, max: 30_000 }),
  decimal: fc.bigInt(-(10n ** 10n), 10n ** 10n),
  double,
  int: fc.integer({ min: -5, max: 5 }),
  string: fc.string({ maxLength: 2 }),
  timestamp: fc.nat(50),
};

interface Use {
  readonly name: string;
  readonly types: readonly DataType[];
  readonly literals?: readonly (number | undefined)[];
  readonly distinct?: true;
  readonly timed?: true;
}

/** Every aggregate, with all kinds of arguments that are computed in another way. */
const USES: readonly Use[] = [
  ...AGGREGATE_FUNCTIONS.flatMap(({ name, parameter, variants = {} }) => {
    const types = parameter === "comparable" ? [DOUBLE, TIMESTAMP, DATE] : [DOUBLE, ...("any" in variants ? [ANY] : [])];
    return [...types, ...("bigint" in variants ? [BIGINT] : []), ...("int" in variants ? [INT] : [])].map((type) => ({
      name,
      types: [type],
    }));
  }),
  ...exactForms.flatMap(({ name }) => {
    const isExtreme = name === "min" || name === "max";
    const distinct = isExtreme ? [] : [DOUBLE, BIGINT, DECIMAL].map((type) => ({ name, types: [type], distinct: true as const }));
    return [{ name, types: [isExtreme ? STRING : DECIMAL] }, ...distinct];
  }),
  ...OBJECT_AGGREGATES.flatMap((spec): Use[] => {
    const given = spec.parameters.filter(({ optional }) => optional !== true || spec.name.endsWith("offset")).slice(0, 2);
    const types = given.map(({ type, literal }): DataType => {
      if (literal === true) return spec.name.startsWith("approx") || spec.name.startsWith("quantile") ? DOUBLE : INT;
      if (type === "boolean") return BOOLEAN;
      if (type === "text" || type === "string") return STRING;
      if (type === "any") return STRING;
      return typeof type === "object" && type.kind === "bigint" ? BIGINT : DOUBLE;
    });
    // The count of topk is declared as one of further values.
    const literals = given.map(({ literal, name }) => (name === "share" ? 0.3 : literal || name === "further_or_count" ? 3 : undefined));
    const use = { name: spec.name, types, literals, ...(spec.timed === true ? { timed: true as const } : {}) };
    return [use, { ...use, distinct: true }];
  }),
];

function boundOf({ name, types, literals = [], distinct, timed }: Use, handling?: AggregateHandling): BoundAggregate {
  const args = [...types, ...(timed === true ? [TIMESTAMP, BIGINT] : [])].map((type, index): BoundExpr => {
    const value = literals[index];
    return value === undefined ? { kind: "field", type, index } : { kind: "literal", type, value };
  });
  const [argument = null, ...more] = args;
  const aggregate = { name, argument, more, distinct: distinct === true, filter: null, type: must(types[0]), text: name };
  return handling === undefined ? aggregate : { ...aggregate, handling };
}

/** Values of rows; time and offset follow where the aggregate is one of times. */
function rowsOf({ types, literals = [], timed }: Use): fc.Arbitrary<readonly (readonly Value[])[]> {
  const values = types.map((type, index) => {
    const literal = literals[index];
    return literal === undefined ? must(VALUES[type.kind]) : fc.constant(literal);
  });
  const rows = fc.array(fc.tuple(...values, fc.nat(20)), { maxLength: 40 });
  return rows.map((all) => all.map((row, offset) => (timed === true ? [...row, offset] : row.slice(0, -1))));
}

/** States of one aggregate by part, whichever way it is computed. */
interface Parts {
  add(part: number, row: readonly Value[], offset: number): void;
  retract(part: number, row: readonly Value[], offset: number): void;
  merge(part: number, other: number): void;
  result(part: number): unknown;
  restart(): Parts;
}

function partsOf(aggregate: BoundAggregate): Parts {
  return isOfCells(aggregate) ? new CellParts(must(accumulatorOf(aggregate))) : new ObjectParts(must(collectorsOf([aggregate])[0]));
}

class CellParts implements Parts {
  private readonly spec: Accumulator;
  private readonly cells: Map<number, number[]>;

  constructor(spec: Accumulator, cells = new Map<number, number[]>()) {
    this.spec = spec;
    this.cells = cells;
  }

  private of(part: number): number[] {
    const known = this.cells.get(part) ?? [...this.spec.initial];
    this.cells.set(part, known);
    return known;
  }

  add(part: number, [value]: readonly Value[]): void {
    run(this.spec.step(target, "value"))(this.of(part), [], value);
  }

  retract(part: number, [value]: readonly Value[]): void {
    run(must(this.spec.retract)(target, "value"))(this.of(part), [], value);
  }

  merge(part: number, other: number): void {
    run(this.spec.merge(target, source))(this.of(part), this.of(other), undefined);
  }

  result(part: number): unknown {
    const cells = this.of(part);
    const refused = this.spec.refuse?.(target).when ?? "false";
    const { value, isNull } = this.spec.finish(target);
    return run(`return ${refused} ? "refused" : ${isNull} ? null : ${value};`)(cells, [], undefined);
  }

  restart(): Parts {
    return this;
  }
}

const target: Cells = (index) => `c[${index}]`;
const source: Cells = (index) => `o[${index}]`;
const run = (text: string) =>
  new Function("c", "o", "value", text) as (cells: number[], other: readonly number[], value: unknown) => unknown;

class ObjectParts implements Parts {
  private readonly collector: Collector;
  private readonly groups: GroupObjects;

  constructor(collector: Collector, groups = new GroupObjects([collector])) {
    this.collector = collector;
    this.groups = groups;
  }

  private given(row: readonly Value[], offset: number): readonly Value[] {
    return this.collector.positioned === true ? [...row, offset] : row;
  }

  add(part: number, row: readonly Value[], offset: number): void {
    this.groups.add(0, part, ...this.given(row, offset));
  }

  retract(part: number, row: readonly Value[], offset: number): void {
    this.groups.retract(0, part, ...this.given(row, offset));
  }

  merge(part: number, other: number): void {
    this.groups.merge(part, this.groups, other);
  }

  result(part: number): unknown {
    try {
      return this.groups.result(0, part);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return "refused";
    }
  }

  restart(): Parts {
    const next = new GroupObjects([this.collector]);
    for (let part = 0; part < 8; part++) next.load(part, this.groups.save(part));
    return new ObjectParts(this.collector, next);
  }
}

/** Doubles differ in their last bits where they are added up in another order. */
function expectClose(name: string, actual: unknown, expected: unknown): void {
  if (typeof actual === "number" && typeof expected === "number") {
    const tolerance = (name === "corr" || name.startsWith("regr") ? 1e-5 : 1e-9) * Math.max(1, Math.abs(expected), 1e6);
    if (Math.abs(actual - expected) <= tolerance) return;
  }
  expect(actual).toEqual(expected);
}

function expectNear(actual: unknown, expected: unknown): void {
  if (typeof actual !== "number" || typeof expected !== "number") expect(actual).toEqual(expected);
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
}

const label = ({ name, types, distinct }: Use): string =>
  `${name}(${distinct ? "DISTINCT " : ""}${types.map(({ kind }) => kind).join(", ")})`;
const labelled = USES.map((use) => ({ use, label: label(use) }));

describe(`parts of a group (SEED=${seed})`, () => {
  it.each(labelled)("$label of parts put together is that of all rows", ({ use }) => {
    fc.assert(
      fc.property(rowsOf(use), fc.array(fc.nat(3), { maxLength: 40 }), fc.boolean(), (rows, places, restarts) => {
        const whole = partsOf(boundOf(use));
        let parts = partsOf(boundOf(use, "merged"));
        for (const [offset, row] of rows.entries()) {
          whole.add(0, row, offset);
          parts.add(1 + (places[offset] ?? 0), row, offset);
        }
        if (restarts) parts = parts.restart();
        for (const part of [1, 2, 3, 4]) parts.merge(0, part);
        const [actual, expected] = [parts.result(0), whole.result(0)];
        if (isApproximate(use, rows.length)) return;
        expectClose(use.name, actual, expected);
        // What was merged goes on by itself.
        const before = parts.restart().result(0);
        for (const [offset, row] of rows.entries()) parts.add(1, row, 100 + offset);
        expect(parts.result(0)).toEqual(before);
      }),
      { seed, numRuns: 60 },
    );
  });

  it.each(labelled)("$label of which rows were taken back is that of the others", ({ use }) => {
    fc.assert(
      fc.property(rowsOf(use), fc.array(fc.boolean(), { maxLength: 40 }), fc.nat(9), (rows, gone, cut) => {
        const expected = partsOf(boundOf(use, "retracted"));
        const left = partsOf(boundOf(use));
        let parts = partsOf(boundOf(use, "retracted"));
        const pending: number[] = [];
        for (const [offset, row] of rows.entries()) {
          parts.add(0, row, offset);
          if (gone[offset]) pending.push(offset);
          else {
            expected.add(0, row, offset);
            left.add(0, row, offset);
          }
          if (offset % (cut + 1) === 0) parts = parts.restart();
          while (pending.length > cut) {
            const [first] = pending.splice(0, 1) as [number];
            parts.retract(0, must(rows[first]), first);
          }
        }
        for (const offset of pending) parts.retract(0, must(rows[offset]), offset);
        // A product is rounded in the order in which its values first came, and so is a mean of values beyond 2^53 (seeds 12, 21).
        if (use.name === "product" || use.name === "avg") expectNear(parts.result(0), expected.result(0));
        else expect(parts.result(0)).toEqual(expected.result(0));
        // What can take rows back counts exactly; the sketch takes two values for one where their hashes meet (seed 113151).
        const isSketched = use.name === "approx_count_distinct";
        if (!isSketched && !isApproximate(use, rows.length)) expectClose(use.name, parts.result(0), left.result(0));
      }),
      { seed, numRuns: 60 },
    );
  });
});

describe("what was large", () => {
  it.each(["sum", "avg", "var_samp", "stddev_pop"])("%s of doubles has nothing left of it once it was taken back", (name) => {
    const parts = partsOf(boundOf({ name, types: [DOUBLE] }, "retracted"));
    const without = partsOf(boundOf({ name, types: [DOUBLE] }, "retracted"));
    for (const [offset, value] of [0.1, 1e150, 0.2, -3e18, 0.7].entries()) {
      parts.add(0, [value], offset);
      if (Math.abs(value) < 1) without.add(0, [value], offset);
    }
    parts.retract(0, [1e150], 1);
    parts.retract(0, [-3e18], 3);
    expect(parts.result(0)).toBe(without.result(0));
    const sum = 0.1 + 0.2 + 0.7;
    const squares = 0.01 + 0.04 + 0.49 - (sum * sum) / 3;
    expect(parts.result(0)).toBeCloseTo(
      { sum, avg: sum / 3, var_samp: squares / 2, stddev_pop: Math.sqrt(squares / 3) }[name] as number,
      12,
    );
  });
});

/** Products grow beyond any tolerance, and sketches are estimates; those of few values are not. */
function isApproximate({ name }: Use, rows: number): boolean {
  return name === "product" || (name.startsWith("approx") && rows > 20);
}

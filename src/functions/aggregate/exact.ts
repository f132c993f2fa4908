import { doubleOfDecimal } from "../../model/decimal.ts";
import type { ExactNumber } from "../../model/exact-number.ts";
import { exactNumber } from "../../model/exact-number.ts";
import { BIGINT, type DataType, DOUBLE } from "../../model/type.ts";
import type { ObjectValue, Value } from "../../model/value.ts";
import { type Collector, type ObjectAggregate, plain } from "../collector.ts";
import { comparatorOf } from "../comparator.ts";
import { countedValues } from "../counted-values.ts";
import { addExactly, type ExactSum, nearestDouble } from "../exact-sum.ts";
import { column } from "../example-rows.ts";
import { T } from "../spec.ts";
import { TOO_LARGE } from "./sum.ts";

/** Forms of the aggregates of cells for what no cell holds: decimals, texts, and values of which each counts once. */
export const exactForms: readonly ObjectAggregate[] = [
  {
    name: "sum",
    synonyms: [],
    parameters: [{ name: "value", type: "numeric" }],
    result: ([type]) => sumType(type as DataType),
    doc: "The sum of decimals is exact.",
    examples: [
      { sql: "sum(CAST(v AS DECIMAL(10, 2)))", rows: column(["1.10", "2.25", null]), result: 3.35 },
      { sql: "sum(DISTINCT v)", rows: column([3, 4, 3]), result: 7 },
    ],
    collector: ([type]) =>
      type?.kind === "decimal" || type?.kind === "bigint" || type?.kind === "int" ? integerSum(type) : doubleSum((sum) => sum),
    retracting: ([type]) => {
      if (type?.kind === "decimal" || type?.kind === "bigint" || type?.kind === "int") return integerTotal(type);
      return doubleTotal((sum) => sum, type?.kind === "any");
    },
  },
  {
    name: "avg",
    synonyms: ["mean"],
    parameters: [{ name: "value", type: "numeric" }],
    result: DOUBLE,
    doc: "The mean of decimals as a double.",
    examples: [{ sql: "avg(CAST(v AS DECIMAL(10, 2)))", rows: column(["1.10", "2.20", null]), result: 1.65 }],
    collector: ([type]) => (type?.kind === "decimal" ? decimalMean(type.scale) : doubleSum((sum, count) => sum / count)),
    retracting: ([type]) => (type?.kind === "decimal" ? decimalMean(type.scale) : doubleTotal((sum, count) => sum / count, false)),
  },
  extreme("min", "The least text, time or array.", -1, "attic"),
  extreme("max", "The greatest text, time or array.", 1, "hall"),
];

const PRECISION_MAX = 38;

function sumType(type: DataType): DataType {
  if (type.kind === "decimal") return { kind: "decimal", precision: PRECISION_MAX, scale: type.scale };
  return type.kind === "int" || type.kind === "bigint" ? BIGINT : DOUBLE;
}

function integerSum(type: DataType): Collector<{ sum: bigint | null }> {
  return plain<{ sum: bigint | null }>({
    create: () => ({ sum: null }),
    add: (state, value) => {
      state.sum = (state.sum ?? 0n) + BigInt(value as ExactNumber);
      return 0;
    },
    merge: (state, { sum }) => {
      if (sum !== null) state.sum = (state.sum ?? 0n) + sum;
      return 0;
    },
    result: ({ sum }) => (sum === null || type.kind === "decimal" ? sum : exactNumber(sum)),
  });
}

function doubleSum(finish: (sum: number, count: number) => number): Collector<{ sum: number; count: number }> {
  return plain<{ sum: number; count: number }>({
    create: () => ({ sum: 0, count: 0 }),
    add: (state, value) => {
      state.sum += Number(value);
      state.count++;
      return 0;
    },
    merge: (state, { sum, count }) => {
      state.sum += sum;
      state.count += count;
      return 0;
    },
    result: ({ sum, count }) => (count === 0 ? null : finish(sum, count)),
  });
}

/** As `integerSum`, of which values can be taken back. */
function integerTotal(type: DataType): Collector {
  const put = (state: { sum: bigint; count: number }, value: Value | undefined, sign: 1 | -1): number => {
    state.sum += BigInt(sign) * BigInt(value as ExactNumber);
    state.count += sign;
    return 0;
  };
  return plain<{ sum: bigint; count: number }>({
    create: () => ({ sum: 0n, count: 0 }),
    add: (state, value) => put(state, value, 1),
    retract: (state, value) => put(state, value, -1),
    merge: (state, { sum, count }) => {
      state.sum += sum;
      state.count += count;
      return 0;
    },
    result: ({ sum, count }) => (count === 0 ? null : type.kind === "decimal" ? sum : exactNumber(sum)),
  }) as Collector;
}

interface DoubleTotal {
  readonly sum: ExactSum;
  count: number;
  /** How many of them are no whole numbers. */
  fractions: number;
}

/** A sum without loss, of which values can be taken back. Of values whose type nobody knows one of integers is refused beyond 2^53. */
function doubleTotal(finish: (sum: number, count: number) => number, ofUnknown: boolean): Collector {
  const put = (state: DoubleTotal, value: number, sign: 1 | -1): number => {
    addExactly(state.sum, sign * value);
    state.count += sign;
    if (!Number.isInteger(value)) state.fractions += sign;
    return 0;
  };
  return plain<DoubleTotal & ObjectValue>({
    create: () => ({ sum: [], count: 0, fractions: 0 }),
    add: (state, value) => put(state, Number(value), 1),
    retract: (state, value) => put(state, Number(value), -1),
    merge: (state, { sum, count, fractions }) => {
      for (const part of sum) addExactly(state.sum, part);
      state.count += count;
      state.fractions += fractions;
      return 0;
    },
    result: ({ sum, count, fractions }) => {
      const total = nearestDouble(sum);
      if (ofUnknown && fractions === 0 && Math.abs(total) > Number.MAX_SAFE_INTEGER) throw new RangeError(TOO_LARGE);
      return count === 0 ? null : finish(total, count);
    },
  }) as Collector;
}

function decimalMean(scale: number): Collector<{ sum: bigint; count: number }> {
  return plain<{ sum: bigint; count: number }>({
    create: () => ({ sum: 0n, count: 0 }),
    add: (state, value) => {
      state.sum += value as bigint;
      state.count++;
      return 0;
    },
    retract: (state, value) => {
      state.sum -= value as bigint;
      state.count--;
      return 0;
    },
    merge: (state, { sum, count }) => {
      state.sum += sum;
      state.count += count;
      return 0;
    },
    result: ({ sum, count }) => (count === 0 ? null : doubleOfDecimal(sum, scale) / count),
  });
}

function extreme(name: string, doc: string, sign: 1 | -1, result: string): ObjectAggregate {
  return {
    name,
    synonyms: [],
    parameters: [{ name: "value", type: T }],
    result: T,
    doc,
    examples: [{ sql: `${name}(CAST(v AS STRING))`, rows: column(["hall", null, "attic"]), result }],
    collector: ([type]) => {
      const compare = comparatorOf(type as DataType);
      const isBetter = (value: Value, best: Value): boolean => best === null || (value !== null && compare(value, best) * sign > 0);
      return plain<{ best: Value }>({
        create: () => ({ best: null }),
        add: (state, value = null) => {
          if (isBetter(value, state.best)) state.best = value;
          return 0;
        },
        merge: (state, { best }) => {
          if (isBetter(best, state.best)) state.best = best;
          return 0;
        },
        result: ({ best }) => best,
      });
    },
    retracting: ([type]) => {
      const compare = comparatorOf(type as DataType);
      return countedValues((values) =>
        values.reduce<Value>((best, { value }) => (best === null || compare(value, best) * sign > 0 ? value : best), null),
      ) as Collector;
    },
  };
}

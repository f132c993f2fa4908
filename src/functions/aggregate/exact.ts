import { doubleOfDecimal } from "../../model/decimal.ts";
import type { ExactNumber } from "../../model/exact-number.ts";
import { exactNumber } from "../../model/exact-number.ts";
import { BIGINT, type DataType, DOUBLE } from "../../model/type.ts";
import type { Value } from "../../model/value.ts";
import { type Collector, type ObjectAggregate, plain } from "../collector.ts";
import { comparatorOf } from "../comparator.ts";
import { column } from "../example-rows.ts";
import { T } from "../spec.ts";

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
  },
  {
    name: "avg",
    synonyms: ["mean"],
    parameters: [{ name: "value", type: "numeric" }],
    result: DOUBLE,
    doc: "The mean of decimals as a double.",
    examples: [{ sql: "avg(CAST(v AS DECIMAL(10, 2)))", rows: column(["1.10", "2.20", null]), result: 1.65 }],
    collector: ([type]) => (type?.kind === "decimal" ? decimalMean(type.scale) : doubleSum((sum, count) => sum / count)),
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
    result: ({ sum, count }) => (count === 0 ? null : finish(sum, count)),
  });
}

function decimalMean(scale: number): Collector<{ sum: bigint; count: number }> {
  return plain<{ sum: bigint; count: number }>({
    create: () => ({ sum: 0n, count: 0 }),
    add: (state, value) => {
      state.sum += value as bigint;
      state.count++;
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
      return plain<{ best: Value }>({
        create: () => ({ best: null }),
        add: (state, value = null) => {
          if (state.best === null || (value !== null && compare(value, state.best) * sign > 0)) state.best = value;
          return 0;
        },
        result: ({ best }) => best,
      });
    },
  };
}

import { DOUBLE } from "../../model/type.ts";
import type { Collector } from "../collector.ts";
import { countedValues } from "../counted-values.ts";
import { column } from "../example-rows.ts";
import type { AggregateFunction, Cells } from "../spec.ts";
import { exactMoments } from "./pairs.ts";

/** Cells: number of values, their mean, sum of squared distances from it (Welford), which stays exact where values are large and close. */
const squares = {
  parameter: "number",
  star: false,
  result: () => DOUBLE,
  initial: [0, 0, 0],
  step: (cell: Cells, value: string) =>
    `{ const d = ${value} - ${cell(1)}; ${cell(0)}++; ${cell(1)} += d / ${cell(0)}; ${cell(2)} += d * (${value} - ${cell(1)}); }`,
  // Chan, Golub and LeVeque (1979).
  merge: (cell: Cells, other: Cells) =>
    `if (${other(0)} > 0) { const d = ${other(1)} - ${cell(1)}, n = ${cell(0)} + ${other(0)}, share = ${other(0)} / n; ` +
    `${cell(2)} += ${other(2)} + d * d * ${cell(0)} * share; ${cell(1)} += d * share; ${cell(0)} = n; }`,
} as const;

const SAMPLE = column([2, 4, null, 4, 6]);

/** Of a sample: with one value less in the divisor, and NULL of a single value. */
export const varianceFunctions: readonly AggregateFunction[] = [
  {
    ...squares,
    name: "var_samp",
    synonyms: ["variance"],
    doc: "The variance of a sample, NULL of less than two values.",
    examples: [{ sql: "var_samp(v)", rows: SAMPLE, result: 2.6666666666666665 }],
    finish: (cell) => ({ value: `(${cell(2)} / (${cell(0)} - 1))`, isNull: `${cell(0)} < 2` }),
    retracting: () => exactMoments(({ n, xx }) => (n < 2 ? null : xx / (n - 1))),
  },
  {
    ...squares,
    name: "var_pop",
    synonyms: [],
    doc: "The variance of all values.",
    examples: [{ sql: "var_pop(v)", rows: SAMPLE, result: 2 }],
    finish: (cell) => ({ value: `(${cell(2)} / ${cell(0)})`, isNull: `${cell(0)} === 0` }),
    retracting: () => exactMoments(({ n, xx }) => (n === 0 ? null : xx / n)),
  },
  {
    ...squares,
    name: "stddev_samp",
    synonyms: ["stddev", "stddev_sample"],
    doc: "The standard deviation of a sample, NULL of less than two values.",
    differs: "ksqlDB's STDDEV_SAMPLE of one value is 0.",
    examples: [
      { sql: "stddev_samp(v)", rows: SAMPLE, result: 1.632993161855452 },
      { sql: "stddev_samp(v)", rows: column([1]), result: null },
    ],
    finish: (cell) => ({ value: `Math.sqrt(${cell(2)} / (${cell(0)} - 1))`, isNull: `${cell(0)} < 2` }),
    retracting: () => exactMoments(({ n, xx }) => (n < 2 ? null : Math.sqrt(xx / (n - 1)))),
  },
  {
    ...squares,
    name: "stddev_pop",
    synonyms: [],
    doc: "The standard deviation of all values.",
    examples: [{ sql: "stddev_pop(v)", rows: SAMPLE, result: Math.SQRT2 }],
    finish: (cell) => ({ value: `Math.sqrt(${cell(2)} / ${cell(0)})`, isNull: `${cell(0)} === 0` }),
    retracting: () => exactMoments(({ n, xx }) => (n === 0 ? null : Math.sqrt(xx / n))),
  },
  {
    name: "product",
    synonyms: [],
    parameter: "number",
    star: false,
    result: () => DOUBLE,
    doc: "The product of the values that are not null.",
    examples: [{ sql: "product(v)", rows: column([2, 3, null]), result: 6 }],
    initial: [1, 0],
    step: (cell, value) => `${cell(0)} *= ${value}; ${cell(1)}++;`,
    merge: (cell, other) => `${cell(0)} *= ${other(0)}; ${cell(1)} += ${other(1)};`,
    finish: (cell) => ({ value: cell(0), isNull: `${cell(1)} === 0` }),
    retracting: () =>
      countedValues((values) =>
        values.length === 0 ? null : values.reduce((product, { value, count }) => product * (value as number) ** count, 1),
      ) as Collector,
  },
];

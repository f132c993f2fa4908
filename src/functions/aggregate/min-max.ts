import { type DataType, DOUBLE } from "../../model/type.ts";
import { column } from "../example-rows.ts";
import type { Accumulator, AggregateFunction, Cells } from "../spec.ts";

/** One cell: the extreme so far. NaN stands for "no value yet", which no record can hold. */
export const min: AggregateFunction = {
  ...extreme("<"),
  name: "min",
  doc: "The least value that is not null, NULL if there is none; of numbers, timestamps and dates.",
  examples: [
    { sql: "min(v)", rows: column([22, null, 21.5]), result: 21.5 },
    { sql: "min(v)", rows: column([null]), result: null },
  ],
};

export const max: AggregateFunction = {
  ...extreme(">"),
  name: "max",
  doc: "The greatest value that is not null, NULL if there is none; of numbers, timestamps and dates.",
  examples: [
    { sql: "max(v)", rows: column([-22, null, -21.5]), result: -21.5 },
    { sql: "max(v)", rows: column([]), result: null },
  ],
};

function extreme(comparison: "<" | ">") {
  return {
    synonyms: [],
    parameter: "comparable",
    star: false,
    result: (argument: DataType | null) => (argument === null || argument.kind === "any" ? DOUBLE : argument),
    initial: [Number.NaN],
    step: (cell: Cells, value: string) => `if (${value} ${comparison} ${cell(0)} || ${cell(0)} !== ${cell(0)}) ${cell(0)} = ${value};`,
    merge: (cell: Cells, other: Cells) =>
      `if (${other(0)} ${comparison} ${cell(0)} || ${cell(0)} !== ${cell(0)}) ${cell(0)} = ${other(0)};`,
    finish: (cell: Cells) => ({ value: cell(0), isNull: `${cell(0)} !== ${cell(0)}` }),
    variants: { bigint: extremeInteger(comparison) },
  } as const;
}

/** Cells: the nearest double of the extreme, and what is left of it: together an integer of 64 bits. */
function extremeInteger(comparison: "<" | ">"): Accumulator {
  return {
    initial: [Number.NaN, 0],
    step: (cell, value) =>
      `{ const high = Number(${value}), low = typeof ${value} === "bigint" ? Number(${value} - BigInt(high)) : 0; ` +
      `if (high ${comparison} ${cell(0)} || ${cell(0)} !== ${cell(0)} || (high === ${cell(0)} && low ${comparison} ${cell(1)})) ` +
      `{ ${cell(0)} = high; ${cell(1)} = low; } }`,
    merge: (cell, other) =>
      `if (${other(0)} ${comparison} ${cell(0)} || ${cell(0)} !== ${cell(0)} || ` +
      `(${other(0)} === ${cell(0)} && ${other(1)} ${comparison} ${cell(1)})) { ${cell(0)} = ${other(0)}; ${cell(1)} = ${other(1)}; }`,
    finish: (cell) => ({
      value: `(Number.isSafeInteger(${cell(0)}) ? ${cell(0)} : BigInt(${cell(0)}) + BigInt(${cell(1)}))`,
      isNull: `${cell(0)} !== ${cell(0)}`,
    }),
  };
}

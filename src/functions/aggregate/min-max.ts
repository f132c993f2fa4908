import { type DataType, DOUBLE } from "../../model/type.ts";
import type { AggregateFunction } from "../spec.ts";

/** One cell: the extreme so far. NaN stands for "no value yet", which no record can hold. */
export const min: AggregateFunction = {
  ...extreme("<"),
  name: "min",
  doc: "The least value that is not null, NULL if there is none; of numbers, timestamps and dates.",
  examples: [
    { values: [22, null, 21.5], result: 21.5 },
    { values: [null], result: null },
  ],
};

export const max: AggregateFunction = {
  ...extreme(">"),
  name: "max",
  doc: "The greatest value that is not null, NULL if there is none; of numbers, timestamps and dates.",
  examples: [
    { values: [-22, null, -21.5], result: -21.5 },
    { values: [], result: null },
  ],
};

function extreme(comparison: "<" | ">") {
  return {
    synonyms: [],
    parameter: "comparable",
    star: false,
    result: (argument: DataType | null) => (argument === null || argument.kind === "any" ? DOUBLE : argument),
    initial: [Number.NaN],
    step: (cell: (index: number) => string, value: string) =>
      `if (${value} ${comparison} ${cell(0)} || ${cell(0)} !== ${cell(0)}) ${cell(0)} = ${value};`,
    finish: (cell: (index: number) => string) => ({ value: cell(0), isNull: `${cell(0)} !== ${cell(0)}` }),
  } as const;
}

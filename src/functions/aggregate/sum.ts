import { BIGINT, DOUBLE } from "../../model/type.ts";
import type { AggregateFunction } from "../spec.ts";

/** Cells: sum, number of values. One plain addition per value in log order, so that every run gives the same last bit. */
export const sum: AggregateFunction = {
  name: "sum",
  synonyms: [],
  parameter: "number",
  star: false,
  result: (argument) => (argument?.kind === "int" || argument?.kind === "bigint" ? BIGINT : DOUBLE),
  doc: "The sum of the values that are not null, NULL if there are none; integers are exact up to 2^53.",
  examples: [
    { values: [21.5, null, 22], result: 43.5 },
    { values: [null], result: null },
  ],
  initial: [0, 0],
  step: (cell, value) => `${cell(0)} += ${value}; ${cell(1)}++;`,
  finish: (cell) => ({ value: cell(0), isNull: `${cell(1)} === 0` }),
};

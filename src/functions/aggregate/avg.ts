import { DOUBLE } from "../../model/type.ts";
import { column } from "../example-rows.ts";
import type { AggregateFunction } from "../spec.ts";
import { addCells } from "./sum.ts";

/** Cells: sum, number of values. */
export const avg: AggregateFunction = {
  name: "avg",
  synonyms: ["mean"],
  parameter: "number",
  star: false,
  result: () => DOUBLE,
  doc: "The mean of the values that are not null, NULL if there are none.",
  examples: [
    { sql: "avg(v)", rows: column([21, null, 22]), result: 21.5 },
    { sql: "avg(v)", rows: column([]), result: null },
  ],
  initial: [0, 0],
  step: (cell, value) => `${cell(0)} += ${value}; ${cell(1)}++;`,
  merge: addCells,
  finish: (cell) => ({ value: `(${cell(0)} / ${cell(1)})`, isNull: `${cell(1)} === 0` }),
};

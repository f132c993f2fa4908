import { BIGINT } from "../../model/type.ts";
import { column } from "../example-rows.ts";
import type { AggregateFunction } from "../spec.ts";

export const count: AggregateFunction = {
  name: "count",
  synonyms: [],
  parameter: "any",
  star: true,
  result: () => BIGINT,
  doc: "The number of rows; with an argument, of rows where it is not null.",
  examples: [
    { sql: "count(v)", rows: column([21.5, null, 22]), result: 2 },
    { sql: "count(v)", rows: column([]), result: 0 },
  ],
  initial: [0],
  step: (cell) => `${cell(0)}++;`,
  merge: (cell, other) => `${cell(0)} += ${other(0)};`,
  retract: (cell) => `${cell(0)}--;`,
  finish: (cell) => ({ value: cell(0), isNull: "false" }),
};

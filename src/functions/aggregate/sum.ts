import { BIGINT, DOUBLE } from "../../model/type.ts";
import { column } from "../example-rows.ts";
import type { Accumulator, AggregateFunction, Cells } from "../spec.ts";

/** Of two cells that are totals. */
export const addCells = (cell: Cells, other: Cells): string => `${cell(0)} += ${other(0)}; ${cell(1)} += ${other(1)};`;

/** Cells: sum, number of values. One plain addition per value in log order, so that every run gives the same last bit. */
const doubles: Accumulator = {
  initial: [0, 0],
  step: (cell, value) => `${cell(0)} += ${value}; ${cell(1)}++;`,
  merge: addCells,
  finish: (cell) => ({ value: cell(0), isNull: `${cell(1)} === 0` }),
};

/** Why a total of integers of unknown type is refused. */
export const TOO_LARGE =
  "the total of these integers is beyond 2^53: of a field declared BIGINT it is exact, of CAST(… AS DOUBLE) the nearest double";

const BEYOND = `> ${Number.MAX_SAFE_INTEGER}`;

/** A third cell takes what additions beyond 2^53 lose. */
const integers: Accumulator = {
  initial: [0, 0, 0],
  step: (cell, value) =>
    `{ const sum = ${cell(0)} + Number(${value}); ` +
    `if (typeof ${value} === "bigint" || Math.abs(sum) ${BEYOND}) ` +
    `${cell(2)} += Number(BigInt(${cell(0)}) + BigInt(${value}) - BigInt(sum)); ` +
    `${cell(0)} = sum; ${cell(1)}++; }`,
  merge: (cell, other) =>
    `{ const sum = ${cell(0)} + ${other(0)}; ` +
    `if (Math.abs(sum) ${BEYOND}) ${cell(2)} += Number(BigInt(${cell(0)}) + BigInt(${other(0)}) - BigInt(sum)); ` +
    `${cell(0)} = sum; ${cell(1)} += ${other(1)}; ${cell(2)} += ${other(2)}; }`,
  retract: (cell, value) =>
    `{ const sum = ${cell(0)} - Number(${value}); ` +
    `if (typeof ${value} === "bigint" || Math.abs(sum) ${BEYOND}) ` +
    `${cell(2)} += Number(BigInt(${cell(0)}) - BigInt(${value}) - BigInt(sum)); ` +
    `${cell(0)} = sum; ${cell(1)}--; }`,
  finish: (cell) => ({
    value: `(Number.isSafeInteger(${cell(0)} + ${cell(2)}) ? ${cell(0)} + ${cell(2)} : BigInt(${cell(0)}) + BigInt(${cell(2)}))`,
    isNull: `${cell(1)} === 0`,
  }),
};

/** As of doubles; a total of integers that leaves their range is marked by NaN, which no further value heals. */
const unknown: Accumulator = {
  ...doubles,
  step: (cell, value) =>
    `{ const sum = ${cell(0)} + ${value}; ` +
    `${cell(0)} = Math.abs(sum) ${BEYOND} && Number.isSafeInteger(${cell(0)}) && Number.isSafeInteger(${value}) ? NaN : sum; ` +
    `${cell(1)}++; }`,
  merge: (cell, other) =>
    `{ const sum = ${cell(0)} + ${other(0)}; ` +
    `${cell(0)} = Math.abs(sum) ${BEYOND} && Number.isSafeInteger(${cell(0)}) && Number.isSafeInteger(${other(0)}) ? NaN : sum; ` +
    `${cell(1)} += ${other(1)}; }`,
  refuse: (cell) => ({
    when: `${cell(0)} !== ${cell(0)}`,
    why: TOO_LARGE,
  }),
};

export const sum: AggregateFunction = {
  ...doubles,
  name: "sum",
  synonyms: [],
  parameter: "number",
  star: false,
  result: (argument) => (argument?.kind === "int" || argument?.kind === "bigint" ? BIGINT : DOUBLE),
  doc: "The sum of the values that are not null, NULL if there are none; of integers it is exact.",
  examples: [
    { sql: "sum(v)", rows: column([21.5, null, 22]), result: 43.5 },
    { sql: "sum(v)", rows: column([null]), result: null },
  ],
  variants: { int: integers, bigint: integers, any: unknown },
};

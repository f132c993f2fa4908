import { DOUBLE } from "../../model/type.ts";
import { number, optional } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

/** Roots, powers and logarithms. */
export const logarithmFunctions: readonly ScalarFunction[] = [
  {
    name: "exp",
    synonyms: [],
    parameters: [number()],
    result: DOUBLE,
    doc: "e to the power of the number.",
    examples: [{ sql: "exp(0)", result: 1 }],
    implement: Math.exp,
  },
  {
    name: "ln",
    synonyms: [],
    parameters: [number()],
    result: DOUBLE,
    doc: "The natural logarithm of a positive number.",
    examples: [{ sql: "ln(1)", result: 0 }],
    implement: (value: number) => Math.log(positive(value)),
  },
  {
    name: "log",
    synonyms: [],
    parameters: [number("base_or_number"), optional(number())],
    result: DOUBLE,
    doc: "The logarithm of a positive number: to base 10 of one argument, else to the base that comes first.",
    differs: "As in DuckDB; ksqlDB's `LOG(x)` is `ln(x)` here.",
    examples: [
      { sql: "log(1000)", result: 3 },
      { sql: "log(2, 8)", result: 3 },
    ],
    implement: (first: number, second?: number) => {
      if (second === undefined) return Math.log10(positive(first));
      if (positive(first) === 1) throw new RangeError("1 is no base of logarithms");
      // Of the common bases the exact functions, where the quotient of two logarithms would be a bit off.
      if (first === 2) return Math.log2(positive(second));
      return first === 10 ? Math.log10(positive(second)) : Math.log(positive(second)) / Math.log(first);
    },
  },
  {
    name: "log2",
    synonyms: [],
    parameters: [number()],
    result: DOUBLE,
    doc: "The logarithm of a positive number to base 2.",
    examples: [{ sql: "log2(8)", result: 3 }],
    implement: (value: number) => Math.log2(positive(value)),
  },
  {
    name: "log10",
    synonyms: [],
    parameters: [number()],
    result: DOUBLE,
    doc: "The logarithm of a positive number to base 10.",
    examples: [{ sql: "log10(1000)", result: 3 }],
    implement: (value: number) => Math.log10(positive(value)),
  },
  {
    name: "cbrt",
    synonyms: [],
    parameters: [number()],
    result: DOUBLE,
    doc: "The cube root.",
    examples: [{ sql: "cbrt(27)", result: 3 }],
    implement: Math.cbrt,
  },
];

function positive(value: number): number {
  if (value > 0) return value;
  throw new RangeError(`${value} has no logarithm`);
}

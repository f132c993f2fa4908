import { isNumber } from "../../model/exact-number.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { BIGINT, BOOLEAN, type DataType, DOUBLE, INT, isNumeric } from "../../model/type.ts";
import { compareText } from "../compare-text.ts";
import { integer, number, optional } from "../parameters.ts";
import type { ScalarFunction, Value } from "../spec.ts";

export const numberFunctions: readonly ScalarFunction[] = [
  {
    name: "abs",
    synonyms: [],
    parameters: [{ name: "number", type: "number" }],
    result: sameNumber,
    doc: "The number without its sign.",
    examples: [{ sql: "abs(-3.5)", result: 3.5 }],
    implement: (number: number) => Math.abs(number),
  },
  {
    name: "round",
    synonyms: [],
    parameters: [
      { name: "number", type: "number" },
      { name: "digits", type: "integer", optional: true },
    ],
    result: sameNumber,
    doc: "The nearest number with so many digits after the point (0 if not given); halves go away from zero.",
    examples: [
      { sql: "round(21.46, 1)", result: 21.5 },
      { sql: "round(-2.5)", result: -3 },
      { sql: "round(1250, -2)", result: 1300 },
    ],
    implement: roundTo,
  },
  {
    name: "floor",
    synonyms: [],
    parameters: [{ name: "number", type: "number" }],
    result: sameNumber,
    doc: "The largest whole number that is not above the number.",
    examples: [{ sql: "floor(-2.5)", result: -3 }],
    implement: (number: number) => Math.floor(number),
  },
  {
    name: "ceil",
    synonyms: ["ceiling"],
    parameters: [{ name: "number", type: "number" }],
    result: sameNumber,
    doc: "The smallest whole number that is not below the number.",
    examples: [{ sql: "ceil(2.1)", result: 3 }],
    implement: (number: number) => Math.ceil(number),
  },
  {
    name: "sqrt",
    synonyms: [],
    parameters: [{ name: "number", type: "number" }],
    result: DOUBLE,
    doc: "The square root; a negative number is an error.",
    examples: [{ sql: "sqrt(2.25)", result: 1.5 }],
    implement: (number: number) => {
      if (number < 0) throw new RangeError("the square root of a negative number");
      return Math.sqrt(number);
    },
  },
  {
    name: "power",
    synonyms: ["pow"],
    parameters: [
      { name: "base", type: "number" },
      { name: "exponent", type: "number" },
    ],
    result: DOUBLE,
    doc: "The base to the power of the exponent.",
    examples: [{ sql: "power(2, 10)", result: 1024 }],
    implement: (base: number, exponent: number) => base ** exponent,
  },
  {
    name: "mod",
    synonyms: [],
    parameters: [
      { name: "dividend", type: "number" },
      { name: "divisor", type: "number" },
    ],
    result: (types) => (types.every(isInteger) ? BIGINT : DOUBLE),
    doc: "The remainder of a division, with the dividend's sign; the same as `%`.",
    examples: [
      { sql: "mod(-7, 3)", result: -1 },
      { sql: "mod(7, 0)", result: null },
    ],
    implement: null,
    rewrite: ([left, right], type) => ({ kind: "binary", type, op: "%", left: left as BoundExpr, right: right as BoundExpr }),
  },
  {
    name: "sign",
    synonyms: [],
    parameters: [{ name: "number", type: "number" }],
    result: INT,
    doc: "-1, 0 or 1 for a negative number, zero and a positive number.",
    examples: [{ sql: "sign(-21.5)", result: -1 }],
    implement: (number: number) => (number > 0 ? 1 : number < 0 ? -1 : 0),
  },
  {
    name: "trunc",
    synonyms: ["truncate"],
    parameters: [number(), optional(integer("digits"))],
    result: sameNumber,
    doc: "The number without its digits behind the point, or behind so many digits.",
    examples: [
      { sql: "trunc(-2.7)", result: -2 },
      { sql: "trunc(2.789, 1)", result: 2.7, duckdb: null },
    ],
    implement: truncateTo,
  },
  {
    name: "even",
    synonyms: [],
    parameters: [number()],
    result: DOUBLE,
    doc: "The next even whole number, away from zero.",
    examples: [{ sql: "even(2.9)", result: 4 }],
    implement: (value: number) => Math.sign(value) * Math.ceil(Math.abs(value) / 2) * 2,
  },
  {
    name: "gcd",
    synonyms: ["greatest_common_divisor"],
    parameters: [integer("a"), integer("b")],
    result: BIGINT,
    doc: "The greatest whole number that divides both.",
    examples: [{ sql: "gcd(42, 57)", result: 3 }],
    implement: commonDivisor,
  },
  {
    name: "lcm",
    synonyms: ["least_common_multiple"],
    parameters: [integer("a"), integer("b")],
    result: BIGINT,
    doc: "The least whole number that both divide.",
    examples: [{ sql: "lcm(42, 57)", result: 798 }],
    implement: (a: number, b: number) => {
      if (a === 0 || b === 0) return 0;
      const result = Math.abs(a / commonDivisor(a, b)) * Math.abs(b);
      if (!Number.isSafeInteger(result)) throw new RangeError("the result is beyond 2^53");
      return result;
    },
  },
  {
    name: "isnan",
    synonyms: [],
    parameters: [number()],
    result: BOOLEAN,
    doc: "Whether the value is not a number, the result of a computation that has none.",
    examples: [{ sql: "isnan(1)", result: false, duckdb: "isnan(1::DOUBLE)" }],
    implement: (value: number) => Number.isNaN(value),
  },
  {
    name: "isfinite",
    synonyms: [],
    parameters: [number()],
    result: BOOLEAN,
    doc: "Whether the value is a number and not infinite.",
    examples: [{ sql: "isfinite(1)", result: true, duckdb: "isfinite(1::DOUBLE)" }],
    implement: (value: number) => Number.isFinite(value),
  },
  {
    name: "greatest",
    synonyms: [],
    parameters: [{ name: "value", type: "same", repeated: true }],
    result: (types) => types[0] as DataType,
    doc: "The greatest of the values; nulls are left out.",
    examples: [
      { sql: "greatest(3, NULL, 7)", result: 7 },
      { sql: "greatest('a', 'b')", result: "b" },
    ],
    nullable: true,
    implement: (...values: Value[]) => extreme(values, 1),
  },
  {
    name: "least",
    synonyms: [],
    parameters: [{ name: "value", type: "same", repeated: true }],
    result: (types) => types[0] as DataType,
    doc: "The least of the values; nulls are left out.",
    examples: [{ sql: "least(3, NULL, 7)", result: 3 }],
    nullable: true,
    implement: (...values: Value[]) => extreme(values, -1),
  },
];

function isInteger(type: DataType): boolean {
  return type.kind === "int" || type.kind === "bigint";
}

/** Integers stay integers; what is known at run time only counts as a double. */
function sameNumber(types: readonly DataType[]): DataType {
  const type = types[0] as DataType;
  return isNumeric(type) ? type : DOUBLE;
}

function roundTo(number: number, digits = 0): number {
  const factor = 10 ** Math.abs(digits);
  if (digits >= 0) {
    const scaled = roundHalf(number * factor);
    // Beyond the range of doubles the number has no such digits: it is round already.
    return Number.isFinite(scaled) ? scaled / factor : number;
  }
  return Number.isFinite(factor) ? roundHalf(number / factor) * factor : 0;
}

/** Away from zero at halves. `Math.round(x + 0.5)` forms would round 0.49999999999999994 up. */
function roundHalf(number: number): number {
  const size = Math.abs(number);
  const whole = Math.floor(size);
  const rounded = size - whole >= 0.5 ? whole + 1 : whole;
  return number < 0 ? -rounded : rounded;
}

function truncateTo(number: number, digits = 0): number {
  const factor = 10 ** Math.abs(digits);
  if (digits < 0) return Number.isFinite(factor) ? Math.trunc(number / factor) * factor : 0;
  const scaled = number * factor;
  if (!Number.isFinite(scaled)) return number;
  // 2.3 * 10 is a bit less than 23: what rounds to the number itself has no further digits.
  const nearest = Math.round(scaled);
  return (nearest / factor === number ? nearest : Math.trunc(scaled)) / factor;
}

function commonDivisor(a: number, b: number): number {
  let [larger, smaller] = [Math.abs(a), Math.abs(b)];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

function extreme(values: readonly Value[], direction: 1 | -1): Value {
  let best: Value = null;
  for (const value of values) {
    if (value !== null && (best === null || compare(value, best) * direction > 0)) best = value;
  }
  return best;
}

/** `same` arguments have one type; a field of unknown type that does not fit fails its row. */
function compare(left: Value, right: Value): number {
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  if (isNumber(left) && isNumber(right)) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left !== typeof right) throw new RangeError("values of different types cannot be compared");
  return Number(left) - Number(right);
}

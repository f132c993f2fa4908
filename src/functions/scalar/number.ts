import { type ExactNumber, isNumber } from "../../model/exact-number.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { BIGINT, BOOLEAN, type DataType, DECIMAL_DIGITS_MAX, DOUBLE, INT } from "../../model/type.ts";
import { compareText } from "../compare-text.ts";
import { integer, number, optional } from "../parameters.ts";
import type { ScalarFunction, Value } from "../spec.ts";
import { magnitude, rounded, roundedType, sameNumber } from "./rounding.ts";

export const numberFunctions: readonly ScalarFunction[] = [
  {
    name: "abs",
    synonyms: [],
    parameters: [{ name: "number", type: "numeric" }],
    result: sameNumber,
    doc: "The number without its sign.",
    examples: [{ sql: "abs(-3.5)", result: 3.5 }],
    implement: null,
    specialize: magnitude,
  },
  {
    name: "round",
    synonyms: [],
    parameters: [
      { name: "number", type: "numeric" },
      { name: "digits", type: "integer", optional: true },
    ],
    result: roundedType,
    doc: "The nearest number with so many digits after the point (0 if not given); halves go away from zero.",
    examples: [
      { sql: "round(21.46, 1)", result: 21.5 },
      { sql: "round(-2.5)", result: -3 },
      { sql: "round(1250, -2)", result: 1300 },
      { sql: "round(CAST('1.005' AS DECIMAL(6, 3)), 2)", result: 1.01 },
    ],
    implement: null,
    specialize: rounded("half"),
  },
  {
    name: "floor",
    synonyms: [],
    parameters: [{ name: "number", type: "numeric" }],
    result: roundedType,
    doc: "The largest whole number that is not above the number.",
    examples: [{ sql: "floor(-2.5)", result: -3 }],
    implement: null,
    specialize: rounded("down"),
  },
  {
    name: "ceil",
    synonyms: ["ceiling"],
    parameters: [{ name: "number", type: "numeric" }],
    result: roundedType,
    doc: "The smallest whole number that is not below the number.",
    examples: [{ sql: "ceil(2.1)", result: 3 }],
    implement: null,
    specialize: rounded("up"),
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
      { name: "dividend", type: "numeric" },
      { name: "divisor", type: "numeric" },
    ],
    result: remainderType,
    doc: "The remainder of a division, with the dividend's sign; the same as `%`.",
    examples: [
      { sql: "mod(-7, 3)", result: -1 },
      { sql: "mod(7, 0)", result: null },
    ],
    implement: null,
    rewrite: ([left, right], type) => ({ kind: "binary", type, op: "%", left: beside(left, type), right: beside(right, type) }),
  },
  {
    name: "sign",
    synonyms: [],
    parameters: [{ name: "number", type: "numeric" }],
    result: INT,
    doc: "-1, 0 or 1 for a negative number, zero and a positive number.",
    examples: [{ sql: "sign(-21.5)", result: -1 }],
    implement: (value: ExactNumber) => (value > 0 ? 1 : value < 0 ? -1 : 0),
  },
  {
    name: "trunc",
    synonyms: ["truncate"],
    parameters: [{ name: "number", type: "numeric" }, optional(integer("digits"))],
    result: roundedType,
    doc: "The number without its digits behind the point, or behind so many digits.",
    examples: [
      { sql: "trunc(-2.7)", result: -2 },
      { sql: "trunc(2.789, 1)", result: 2.7, duckdb: null },
    ],
    implement: null,
    specialize: rounded("to zero"),
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

/** As of `%`. */
function remainderType(types: readonly DataType[]): DataType {
  if (types.every(({ kind }) => kind === "int" || kind === "bigint")) return BIGINT;
  const decimals = types.map((type) => (type.kind === "decimal" ? type : { precision: 19, scale: 0 }));
  if (!types.every(({ kind }) => kind === "int" || kind === "bigint" || kind === "decimal")) return DOUBLE;
  const scale = Math.max(...decimals.map((type) => type.scale));
  const whole = Math.max(...decimals.map((type) => type.precision - type.scale));
  return { kind: "decimal", precision: Math.min(whole + scale, DECIMAL_DIGITS_MAX), scale };
}

/** A decimal beside a double is a double. */
function beside(operand: BoundExpr | undefined, { kind }: DataType): BoundExpr {
  const given = operand as BoundExpr;
  return given.type.kind === "decimal" && kind === "double" ? { kind: "cast", type: DOUBLE, operand: given, safe: false } : given;
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

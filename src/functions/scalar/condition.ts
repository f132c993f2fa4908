import { isNumber } from "../../model/exact-number.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { type DataType, NULL, STRING, typeName } from "../../model/type.ts";
import { any, text } from "../parameters.ts";
import type { ScalarFunction, Value } from "../spec.ts";

/** Numbers are the same where their values are, as a double and as a BigInt. */
function isSame(left: Value, right: Value): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: compares a number and a BigInt by their values
  return isNumber(left) && isNumber(right) ? left == right : left === right;
}

export const conditionFunctions: readonly ScalarFunction[] = [
  {
    name: "coalesce",
    synonyms: ["ifnull", "nvl"],
    parameters: [{ name: "value", type: "same", repeated: true }],
    result: (types) => types[0] as DataType,
    doc: "The first value that is not null; later ones are not evaluated.",
    examples: [
      { sql: "coalesce(NULL, 'unknown')", result: "unknown" },
      { sql: "ifnull(NULL, 0)", result: 0 },
    ],
    nullable: true,
    lazy: true,
    implement: (...values: Value[]) => values.find((value) => value !== null) ?? null,
  },
  {
    name: "nullif",
    synonyms: [],
    parameters: [
      { name: "value", type: "same" },
      { name: "other", type: "same" },
    ],
    result: (types) => types[0] as DataType,
    doc: "NULL where both values are equal, else the first one.",
    examples: [
      { sql: "nullif(-999, -999)", result: null },
      { sql: "nullif('a', 'b')", result: "a" },
    ],
    nullable: true,
    implement: (value: Value, other: Value) => (isSame(value, other) ? null : value),
  },
  {
    name: "as_value",
    synonyms: [],
    parameters: [any()],
    result: ([type]) => type as DataType,
    doc: "The value itself.",
    examples: [{ sql: "as_value('hall')", result: "hall", duckdb: null }],
    implement: null,
    rewrite: ([value]) => value as BoundExpr,
  },
  {
    name: "typeof",
    synonyms: [],
    parameters: [any()],
    result: STRING,
    doc: "The type of the value, as far as it is known without looking at records.",
    examples: [
      { sql: "typeof('a')", result: "STRING", duckdb: null },
      { sql: "typeof(deviceId)", result: "ANY", duckdb: null },
    ],
    nullable: true,
    implement: null,
    rewrite: ([value]) => ({ kind: "literal", type: STRING, value: typeName((value as BoundExpr).type) }),
  },
  {
    name: "error",
    synonyms: [],
    parameters: [text("message")],
    result: NULL,
    doc: "Refuses the record with that message: for what must never happen, within CASE.",
    examples: [{ sql: "CASE WHEN 1 = 2 THEN error('impossible') ELSE 'fine' END", result: "fine" }],
    implement: (message: string) => {
      throw new RangeError(message);
    },
  },
  {
    name: "if",
    synonyms: ["iff"],
    parameters: [
      { name: "condition", type: "boolean" },
      { name: "then", type: "same" },
      { name: "otherwise", type: "same" },
    ],
    result: (types) => types[1] as DataType,
    doc: "The second value where the condition is true, else (false or null) the third; a short `CASE`.",
    examples: [
      { sql: "if(21 > 20, 'warm', 'cold')", result: "warm" },
      { sql: "if(NULL, 1, 2)", result: 2 },
    ],
    implement: null,
    rewrite: ([when, then, otherwise], type) => ({
      kind: "case",
      type,
      branches: [{ when: when as BoundExpr, then: then as BoundExpr }],
      otherwise: otherwise as BoundExpr,
    }),
  },
];

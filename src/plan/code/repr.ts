import type { DataType } from "../../model/type.ts";

/**
 * How a value of a type stands in generated code. Timestamps and dates are numbers (ms since 1970);
 * `exact` is a number too, or a BigInt for an integer beyond ±(2^53 − 1). `any` is whatever JSON held, with objects and
 * arrays parsed. SQL NULL is a flag beside the value.
 */
export type Repr = "number" | "exact" | "string" | "boolean" | "any";

export function reprOf(type: DataType): Repr {
  switch (type.kind) {
    case "int":
    case "double":
    case "timestamp":
    case "date":
      return "number";
    case "bigint":
    case "decimal":
      return "exact";
    case "string":
    case "time":
    case "bytes":
    case "interval":
      return "string";
    case "boolean":
      return "boolean";
    case "any":
    case "null":
    case "array":
    case "map":
    case "struct":
      return "any";
  }
}

/** What stands in the value where the flag says null: of the right JavaScript type, so that code stays monomorphic. */
export function dummyOf(repr: Repr): string {
  switch (repr) {
    case "number":
    case "exact":
      return "0";
    case "string":
      return '""';
    case "boolean":
      return "false";
    case "any":
      return "null";
  }
}

const EXPECTED: Partial<Record<DataType["kind"], string>> = {
  int: "an integer",
  bigint: "an integer of 64 bits",
  double: "a number",
  decimal: "a number",
  timestamp: "a timestamp (ISO 8601 text or epoch milliseconds)",
  date: "a date (yyyy-MM-dd)",
  string: "a string",
  boolean: "a boolean",
  array: "an array",
  map: "an object",
  struct: "an object",
};

/** What a value of unknown type is read as where that representation is wanted. */
export function typeRead(want: Exclude<Repr, "any">): DataType {
  return { kind: want === "number" || want === "exact" ? "double" : want };
}

/** A test, as text, whether a value of unknown type stands in the representation. */
export function isRepr(value: string, want: Exclude<Repr, "any">): string {
  return want === "exact" ? `(typeof ${value} === "number" || typeof ${value} === "bigint")` : `typeof ${value} === "${want}"`;
}

/** "a number", for messages. */
export function expectedOf(type: DataType): string {
  return EXPECTED[type.kind] ?? "a value";
}

import type { DataType } from "../../model/type.ts";

/**
 * How a value of a type stands in generated code. Timestamps and dates are numbers (ms since 1970);
 * `any` is whatever JSON held, with objects and arrays parsed. SQL NULL is a flag beside the value.
 */
export type Repr = "number" | "string" | "boolean" | "any";

export function reprOf(type: DataType): Repr {
  switch (type.kind) {
    case "int":
    case "bigint":
    case "double":
    case "decimal":
    case "timestamp":
    case "date":
      return "number";
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
  bigint: "an integer",
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

/** "a number", for messages. */
export function expectedOf(type: DataType): string {
  return EXPECTED[type.kind] ?? "a value";
}

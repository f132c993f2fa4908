import { type DataType, typeName } from "../../model/type.ts";

/**
 * How a value of a type stands in generated code (`src/model/value.ts`). `exact` is a number, or a BigInt for an integer beyond
 * ±(2^53 − 1); `decimal` is a BigInt always; `object` is a value of BYTES, INTERVAL or a nested type; `any` is whatever JSON held,
 * with objects and arrays parsed. SQL NULL is a flag beside the value.
 */
export type Repr = "number" | "exact" | "decimal" | "string" | "boolean" | "object" | "any";

export function reprOf(type: DataType): Repr {
  switch (type.kind) {
    case "int":
    case "double":
    case "timestamp":
    case "date":
    case "time":
      return "number";
    case "bigint":
      return "exact";
    case "decimal":
      return "decimal";
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    case "bytes":
    case "interval":
    case "array":
    case "map":
    case "struct":
      return "object";
    case "any":
    case "null":
      return "any";
  }
}

/** What stands in the value where the flag says null: of the right JavaScript type, so that code stays monomorphic. */
export function dummyOf(repr: Repr): string {
  switch (repr) {
    case "number":
    case "exact":
      return "0";
    case "decimal":
      return "0n";
    case "string":
      return '""';
    case "boolean":
      return "false";
    case "object":
    case "any":
      return "null";
  }
}

const EXPECTED: Partial<Record<DataType["kind"], string>> = {
  int: "an integer",
  bigint: "an integer of 64 bits",
  double: "a number",
  timestamp: "a timestamp (ISO 8601 text or epoch milliseconds)",
  date: "a date (yyyy-MM-dd)",
  time: "a time (HH:mm:ss)",
  interval: "an interval (P1DT2H, or 1 day 2 hours)",
  bytes: "bytes in base64",
  string: "a string",
  boolean: "a boolean",
};

/** What a value of unknown type is read as where that representation is wanted. */
export function typeRead(want: "number" | "exact" | "string" | "boolean"): DataType {
  return { kind: want === "number" || want === "exact" ? "double" : want };
}

/** A test, as text, whether a value of unknown type stands in the representation. */
export function isRepr(value: string, want: "number" | "exact" | "string" | "boolean"): string {
  return want === "exact" ? `(typeof ${value} === "number" || typeof ${value} === "bigint")` : `typeof ${value} === "${want}"`;
}

/** "a number", for messages. */
export function expectedOf(type: DataType): string {
  const name = EXPECTED[type.kind];
  if (name !== undefined) return name;
  return type.kind === "any" || type.kind === "null" ? "a value" : typeName(type);
}

/** Types of SQL values. `any` is a field of a schemaless stream: its type is known per record only. */
export type DataType =
  | { readonly kind: ScalarKind }
  | DecimalType
  | { readonly kind: "array"; readonly element: DataType }
  | { readonly kind: "map"; readonly value: DataType }
  | { readonly kind: "struct"; readonly fields: readonly StructField[] };

/** Exact numbers: `precision` digits, of which `scale` follow the point. */
export interface DecimalType {
  readonly kind: "decimal";
  readonly precision: number;
  readonly scale: number;
}

export const DECIMAL_DIGITS_MAX = 38;

export type ScalarKind =
  | "any"
  | "null"
  | "boolean"
  | "int"
  | "bigint"
  | "double"
  | "string"
  | "bytes"
  | "timestamp"
  | "date"
  | "time"
  | "interval";

export interface StructField {
  readonly name: string;
  readonly type: DataType;
}

const scalar = (kind: ScalarKind): DataType => ({ kind });

export const ANY = scalar("any");
export const NULL = scalar("null");
export const BOOLEAN = scalar("boolean");
export const INT = scalar("int");
export const BIGINT = scalar("bigint");
export const DOUBLE = scalar("double");
export const STRING = scalar("string");
export const BYTES = scalar("bytes");
/** Milliseconds since 1970, UTC; in JSON and indexes ISO 8601 with milliseconds. */
export const TIMESTAMP = scalar("timestamp");
export const DATE = scalar("date");
export const TIME = scalar("time");
export const INTERVAL = scalar("interval");

export function isNumeric(type: DataType): boolean {
  return type.kind === "int" || type.kind === "bigint" || type.kind === "double" || type.kind === "decimal";
}

export function isNested(type: DataType): boolean {
  return type.kind === "array" || type.kind === "map" || type.kind === "struct";
}

/** SQL spelling, as in diagnostics and EXPLAIN. */
export function typeName(type: DataType): string {
  switch (type.kind) {
    case "decimal":
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case "array":
      return `ARRAY<${typeName(type.element)}>`;
    case "map":
      return `MAP<STRING, ${typeName(type.value)}>`;
    case "struct":
      return `STRUCT<${type.fields.map((field) => `${field.name} ${typeName(field.type)}`).join(", ")}>`;
    default:
      return type.kind.toUpperCase();
  }
}

import type { DataType, ScalarKind, StructField } from "../../model/type.ts";
import type { CqlType, NativeType, UdtType } from "./cql-type.ts";
import { matchName } from "./match-name.ts";

const CREATED_AS: Partial<Record<ScalarKind, NativeType>> = {
  boolean: "boolean",
  int: "int",
  bigint: "bigint",
  double: "double",
  string: "text",
  bytes: "blob",
  timestamp: "timestamp",
  date: "date",
  time: "time",
};

/** The CQL type of a column that AUTOCREATE makes; null where the SQL type has none. */
export function createdCqlType(type: DataType): string | null {
  switch (type.kind) {
    case "decimal":
      return "decimal";
    // Frozen: a whole value is one cell, so that a version replaces it as one.
    case "array": {
      const element = createdCqlType(type.element);
      return element === null ? null : `frozen<list<${element}>>`;
    }
    case "map": {
      const value = createdCqlType(type.value);
      return value === null ? null : `frozen<map<text, ${value}>>`;
    }
    case "struct":
      return null;
    default:
      return CREATED_AS[type.kind] ?? null;
  }
}

const WHOLE_NUMBERS: readonly NativeType[] = ["int", "bigint", "varint", "smallint", "tinyint", "decimal", "double", "float"];
const TEXTS: readonly NativeType[] = ["text", "varchar", "ascii"];

/**
 * Whole numbers go into every numeric column: a value out of the column's range is that row's error.
 * Texts go where only text says it (uuid, inet); instants and dates need CAST, or every row would be a guess.
 */
const HELD_BY: Partial<Record<ScalarKind | "decimal", readonly NativeType[]>> = {
  boolean: ["boolean"],
  int: WHOLE_NUMBERS,
  bigint: WHOLE_NUMBERS,
  double: ["double", "float", "decimal"],
  decimal: ["decimal", "double", "float"],
  string: [...TEXTS, "uuid", "timeuuid", "inet"],
  bytes: ["blob"],
  timestamp: ["timestamp", ...TEXTS],
  date: ["date", ...TEXTS],
  time: ["time", ...TEXTS],
  interval: TEXTS,
};

/** Whether a column can take values of an SQL type; of `any` each value is looked at when it comes. */
export function canHold(column: CqlType, type: DataType): boolean {
  if (column.kind === "other") return false;
  switch (type.kind) {
    case "any":
    case "null":
      return true;
    case "array":
      if (column.kind === "tuple") return column.elements.every((element) => canHold(element, type.element));
      return (column.kind === "list" || column.kind === "set") && canHold(column.element, type.element);
    case "map":
      return column.kind === "map" && canHold(column.value, type.value);
    case "struct":
      if (column.kind === "udt") return type.fields.every((field) => fieldCanHold(column, field));
      return column.kind === "map" && type.fields.every((field) => canHold(column.value, field.type));
    default:
      return column.kind === "native" && (HELD_BY[type.kind]?.includes(column.name) ?? false);
  }
}

function fieldCanHold({ fields }: UdtType, { name, type }: StructField): boolean {
  const own = matchName(
    name,
    fields.map((field) => field.name),
  );
  const field = fields.find((candidate) => candidate.name === own);
  return field !== undefined && canHold(field.type, type);
}

import { type DataType, typeName } from "../../model/type.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { isRecord } from "./server-error.ts";

type Field = Readonly<Record<string, unknown>>;
type Columns = RouteTarget["columns"];

/** Lucene takes terms of 32,766 bytes; longer texts stay in the document, only not searchable, instead of being refused. */
const KEYWORD_CHARACTERS_MAX = 8191;

/** `properties` of a mapping for the columns; those whose type is known per record only are left to Elasticsearch. */
export function propertiesOf(columns: Columns): Record<string, Field> {
  const known = columns.map(({ name, type }): [string, Field | null] => [name, fieldOf(type)]);
  return Object.fromEntries(known.filter((entry): entry is [string, Field] => entry[1] !== null));
}

function fieldOf(type: DataType): Field | null {
  switch (type.kind) {
    case "boolean":
      return { type: "boolean" };
    case "int":
    case "bigint":
      return { type: "long" };
    case "double":
    case "decimal":
      return { type: "double" };
    case "string":
    case "time":
      return { type: "keyword", ignore_above: KEYWORD_CHARACTERS_MAX };
    case "timestamp":
    case "date":
      return { type: "date" };
    case "array":
      return fieldOf(type.element);
    case "struct":
      return { type: "object", properties: propertiesOf(type.fields) };
    default:
      return null;
  }
}

type Family = "whole" | "floating" | "text" | "date" | "boolean" | "object";

const FAMILIES: Readonly<Record<string, Family>> = {
  long: "whole",
  integer: "whole",
  short: "whole",
  byte: "whole",
  unsigned_long: "whole",
  double: "floating",
  float: "floating",
  half_float: "floating",
  scaled_float: "floating",
  keyword: "text",
  text: "text",
  wildcard: "text",
  match_only_text: "text",
  date: "date",
  date_nanos: "date",
  boolean: "boolean",
  object: "object",
  nested: "object",
  flattened: "object",
};

/** The families of fields that take values of a type without refusing or cutting them; null: not to be judged here. */
function familiesFor(type: DataType): readonly Family[] | null {
  switch (type.kind) {
    case "boolean":
      return ["boolean", "text"];
    case "int":
    case "bigint":
      return ["whole", "floating", "text", "date"];
    case "double":
    case "decimal":
      return ["floating", "text"];
    // Texts with dates in them are common, and what is no date is refused row by row.
    case "string":
      return ["text", "date"];
    case "time":
      return ["text"];
    case "timestamp":
    case "date":
      return ["date", "text"];
    case "map":
    case "struct":
      return ["object"];
    case "array":
      return familiesFor(type.element);
    default:
      return null;
  }
}

/** What in a mapping would refuse or damage the columns, one sentence each; empty where all fits. */
export function mappingConflicts(mapping: Field, columns: Columns): readonly string[] {
  const properties = isRecord(mapping.properties) ? mapping.properties : {};
  return columns.flatMap(({ name, type }) => {
    const field = properties[name];
    if (!isRecord(field)) return mapping.dynamic === "strict" ? [`column ${name} is not in the strict mapping`] : [];
    // A field with properties and no type is an object.
    const fieldType = typeof field.type === "string" ? field.type : "object";
    const family = FAMILIES[fieldType];
    const allowed = familiesFor(type);
    if (family === undefined || allowed === null) return [];
    return allowed.includes(family) ? [] : [`column ${name} is ${typeName(type)}, but the field is mapped as ${fieldType}`];
  });
}

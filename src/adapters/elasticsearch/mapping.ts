import type { DataType } from "../../model/type.ts";
import type { RouteTarget } from "../../ports/sink.ts";

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

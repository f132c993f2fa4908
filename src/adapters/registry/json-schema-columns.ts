import { ANY, BIGINT, BOOLEAN, DATE, type DataType, DOUBLE, NULL, STRING, type StructField, TIME, TIMESTAMP } from "../../model/type.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Deeper, or in a circle, fields are `any`. */
const DEPTH_MAX = 32;

/** The fields that a JSON Schema describes at its top; null: it describes no object. `references`: other schemas, by their names. */
export function jsonSchemaColumns(schema: unknown, references: ReadonlyMap<string, unknown>): readonly StructField[] | null {
  const type = new JsonSchemaTypes(schema, references).typeOf(schema, 0);
  return type.kind === "struct" ? type.fields : null;
}

class JsonSchemaTypes {
  private readonly root: unknown;
  private readonly references: ReadonlyMap<string, unknown>;

  constructor(root: unknown, references: ReadonlyMap<string, unknown>) {
    this.root = root;
    this.references = references;
  }

  typeOf(schema: unknown, depth: number): DataType {
    if (!isSchema(schema) || depth > DEPTH_MAX) return ANY;
    const { $ref: reference, allOf, anyOf, oneOf, type } = schema;
    if (typeof reference === "string") return this.typeOfReference(reference, depth);
    if (Array.isArray(allOf)) return combined([...allOf, withoutKey(schema, "allOf")].map((part) => this.typeOf(part, depth + 1)));
    const choices = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : null;
    if (choices !== null) return alternatives(choices.map((choice) => this.typeOf(choice, depth + 1)));
    const names = Array.isArray(type) ? type : [type ?? impliedType(schema)];
    return alternatives(names.map((name) => this.typeOfName(name, schema, depth)));
  }

  private typeOfName(name: unknown, schema: Schema, depth: number): DataType {
    switch (name) {
      case "null":
        return NULL;
      case "boolean":
        return BOOLEAN;
      case "integer":
        return BIGINT;
      case "number":
        return DOUBLE;
      case "string":
        return TEXT_FORMATS[String(schema.format)] ?? STRING;
      case "array":
        return { kind: "array", element: this.typeOf(schema.items, depth + 1) };
      case "object":
        return this.typeOfObject(schema, depth);
      default:
        return ANY;
    }
  }

  private typeOfObject({ properties, additionalProperties }: Schema, depth: number): DataType {
    if (!isSchema(properties)) return { kind: "map", value: this.typeOf(additionalProperties, depth + 1) };
    return { kind: "struct", fields: Object.entries(properties).map(([name, field]) => ({ name, type: this.typeOf(field, depth + 1) })) };
  }

  /** `#/definitions/room` of the schema itself; else another schema, or a part of it. */
  private typeOfReference(reference: string, depth: number): DataType {
    const [name = "", pointer = ""] = reference.split("#");
    let found = name === "" ? this.root : this.references.get(name);
    for (const step of pointer.split("/").slice(1)) {
      const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
      found = isSchema(found) && Object.hasOwn(found, key) ? found[key] : undefined;
    }
    if (name === "" || found === undefined) return this.typeOf(found, depth + 1);
    return new JsonSchemaTypes(this.references.get(name), this.references).typeOf(found, depth + 1);
  }
}

/** How instants and the like are written in JSON. */
const TEXT_FORMATS: Readonly<Record<string, DataType>> = { "date-time": TIMESTAMP, date: DATE, time: TIME };

function impliedType({ properties, items, enum: values, const: only }: Schema): string | null {
  if (properties !== undefined) return "object";
  if (items !== undefined) return "array";
  const known = Array.isArray(values) ? values : [only];
  return known.every((value) => typeof value === "string") ? "string" : null;
}

/** The one type that values of all of them have, null left aside where there is another; `any` where there are several. */
function alternatives(types: readonly DataType[]): DataType {
  const [first, ...others] = types.filter(({ kind }) => kind !== "null");
  if (first === undefined) return NULL;
  if (others.every((other) => JSON.stringify(other) === JSON.stringify(first))) return first;
  const areNumbers = [first, ...others].every(({ kind }) => kind === "bigint" || kind === "double");
  return areNumbers ? DOUBLE : ANY;
}

/** All at once: objects put their fields together. */
function combined(types: readonly DataType[]): DataType {
  const fields = types.flatMap((type) => (type.kind === "struct" ? type.fields : []));
  if (fields.length > 0) return { kind: "struct", fields: [...new Map(fields.map((field) => [field.name, field])).values()] };
  return types.find(({ kind }) => kind !== "any" && kind !== "map") ?? ANY;
}

function withoutKey(schema: Schema, key: string): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

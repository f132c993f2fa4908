import {
  ANY,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  type DataType,
  DECIMAL_DIGITS_MAX,
  DOUBLE,
  INT,
  NULL,
  STRING,
  type StructField,
  TIME,
  TIMESTAMP,
} from "../../model/type.ts";

type Schema = Readonly<Record<string, unknown>>;

const PRIMITIVES: Readonly<Record<string, DataType>> = {
  null: NULL,
  boolean: BOOLEAN,
  int: INT,
  long: BIGINT,
  float: DOUBLE,
  double: DOUBLE,
  bytes: BYTES,
  string: STRING,
};

const LOGICAL: Readonly<Record<string, DataType>> = {
  date: DATE,
  "time-millis": TIME,
  "time-micros": TIME,
  "timestamp-millis": TIMESTAMP,
  "timestamp-micros": TIMESTAMP,
  "timestamp-nanos": TIMESTAMP,
  "local-timestamp-millis": TIMESTAMP,
  "local-timestamp-micros": TIMESTAMP,
  uuid: STRING,
};

/** The fields of an Avro record; null: the schema is another kind. `references`: schemas whose names it uses. */
export function avroColumns(schema: unknown, references: readonly unknown[]): readonly StructField[] | null {
  const types = new AvroTypes();
  for (const reference of references) types.typeOf(reference, "");
  const type = types.typeOf(schema, "");
  return type.kind === "struct" ? type.fields : null;
}

/** Types by the names that schemas have given them so far. */
class AvroTypes {
  private readonly named = new Map<string, DataType>();

  typeOf(schema: unknown, namespace: string): DataType {
    if (typeof schema === "string") return PRIMITIVES[schema] ?? this.named.get(fullName(schema, namespace)) ?? ANY;
    if (Array.isArray(schema)) return this.union(schema, namespace);
    if (typeof schema !== "object" || schema === null) return ANY;
    return this.complex(schema as Schema, namespace);
  }

  private complex(schema: Schema, outer: string): DataType {
    const logical = logicalType(schema);
    const namespace = typeof schema.namespace === "string" ? schema.namespace : outer;
    switch (schema.type) {
      case "array":
        return { kind: "array", element: this.typeOf(schema.items, outer) };
      case "map":
        return { kind: "map", value: this.typeOf(schema.values, outer) };
      case "record":
      case "error":
        return this.record(schema, namespace);
      case "enum":
        return this.name(schema, namespace, STRING);
      case "fixed":
        return this.name(schema, namespace, logical ?? BYTES);
      default:
        return logical ?? this.typeOf(schema.type, outer);
    }
  }

  private record(schema: Schema, namespace: string): DataType {
    const own = fullName(String(schema.name), namespace);
    const inner = own.slice(0, Math.max(own.lastIndexOf("."), 0));
    // Within itself, a record is nobody knows how deep.
    this.named.set(own, ANY);
    const fields = (Array.isArray(schema.fields) ? (schema.fields as readonly Schema[]) : []).map((field) => ({
      name: String(field.name),
      type: this.typeOf(field.type, inner),
    }));
    return this.name(schema, namespace, { kind: "struct", fields });
  }

  private name(schema: Schema, namespace: string, type: DataType): DataType {
    this.named.set(fullName(String(schema.name), namespace), type);
    return type;
  }

  /** Of null and one other it is the other. */
  private union(members: readonly unknown[], namespace: string): DataType {
    const types = members.map((member) => this.typeOf(member, namespace)).filter(({ kind }) => kind !== "null");
    return types.length === 1 ? (types[0] as DataType) : ANY;
  }
}

function logicalType({ logicalType: logical, precision, scale = 0 }: Schema): DataType | null {
  if (logical !== "decimal") return LOGICAL[String(logical)] ?? null;
  const digits = Number(precision);
  return digits >= 1 && digits <= DECIMAL_DIGITS_MAX ? { kind: "decimal", precision: digits, scale: Number(scale) } : null;
}

function fullName(name: string, namespace: string): string {
  return name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
}

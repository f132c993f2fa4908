import type { ForeignTable, ForeignType } from "./foreign-table.ts";
import type { Shielded } from "./shield.ts";

export interface Declaration {
  /** `CREATE STREAM …` in our own language, to be parsed. */
  readonly text: string;
  /** What the declaration does not say any more. */
  readonly notes: readonly string[];
}

export class NoCounterpart extends Error {}

const TYPES: Readonly<Record<string, readonly string[]>> = {
  STRING: [
    ..."CHAR VARCHAR NCHAR NVARCHAR VARCHAR2 TEXT TINYTEXT MEDIUMTEXT LONGTEXT NTEXT STRING CLOB UUID UNIQUEIDENTIFIER ENUM SET".split(" "),
    ..."CHARACTER BPCHAR CITEXT XML INET".split(" "),
    "CHARACTER VARYING",
  ],
  INT: "TINYINT SMALLINT MEDIUMINT INT INTEGER INT2 INT4 SERIAL SMALLSERIAL YEAR".split(" "),
  BIGINT: "BIGINT INT8 INT64 BIGSERIAL LONG".split(" "),
  DOUBLE: ["FLOAT", "REAL", "DOUBLE", "DOUBLE PRECISION", "FLOAT4", "FLOAT8", "FLOAT64"],
  BOOLEAN: ["BOOL", "BOOLEAN", "BIT"],
  TIMESTAMP: "TIMESTAMP TIMESTAMPTZ DATETIME DATETIME2 DATETIMEOFFSET SMALLDATETIME TIMESTAMP_LTZ TIMESTAMP_TZ TIMESTAMP_NTZ".split(" "),
  DATE: ["DATE"],
  TIME: ["TIME", "TIMETZ"],
  BYTES: "BYTEA BYTES BLOB TINYBLOB MEDIUMBLOB LONGBLOB BINARY VARBINARY IMAGE".split(" "),
};

const BY_FOREIGN = new Map(Object.entries(TYPES).flatMap(([own, foreign]) => foreign.map((name) => [name, own] as const)));

/** Numbers of digits and decimals where the dialect leaves them out. */
const DECIMALS: Readonly<Record<string, readonly [number, number]>> = {
  DECIMAL: [38, 9],
  NUMERIC: [38, 9],
  DEC: [38, 9],
  BIGNUMERIC: [38, 9],
  NUMBER: [38, 0],
  MONEY: [19, 4],
  SMALLMONEY: [10, 4],
};
const UNSIGNED: Readonly<Record<string, string>> = { INT: "BIGINT", BIGINT: "DECIMAL(20, 0)" };
const DOCUMENTS = ["JSON", "JSONB", "VARIANT"];

/** A table as the stream of its rows. Throws NoCounterpart for a type that there is none for. */
export function declareStream(table: ForeignTable, dialect: string, shielded: Shielded): Declaration {
  const notes: string[] = [];
  const nameOf = (name: string): string => shielded.names.get(name) ?? name;
  const quote = (name: string): string => `\`${nameOf(name).replaceAll("`", "``")}\``;
  const typeOf = (type: ForeignType, column: string): string => {
    if (type.arrays > 0) return `ARRAY<${typeOf({ ...type, arrays: type.arrays - 1 }, column)}>`;
    if (type.name === "ARRAY" && type.members[0] !== undefined) return `ARRAY<${typeOf(type.members[0].type, column)}>`;
    if (type.name === "STRUCT")
      return `STRUCT<${type.members.map(({ name, type: inner }) => `${quote(name ?? "")} ${typeOf(inner, column)}`).join(", ")}>`;
    return scalarType(type, column);
  };
  const scalarType = (type: ForeignType, column: string): string => {
    const digits = DECIMALS[type.name];
    if (digits !== undefined) {
      if (type.parameters.length > 0) return `DECIMAL(${type.parameters[0]}, ${type.parameters[1] ?? 0})`;
      if (!type.name.includes("MONEY")) notes.push(`${column}: ${type.name} without digits is DECIMAL(${digits.join(", ")})`);
      return `DECIMAL(${digits.join(", ")})`;
    }
    if (DOCUMENTS.includes(type.name)) {
      notes.push(`${column}: ${type.name} is STRING; leave the column out where records hold an object`);
      return "STRING";
    }
    const own = dialect === "sqlite" && type.name.startsWith("INT") ? "BIGINT" : BY_FOREIGN.get(type.name);
    if (own === undefined) throw new NoCounterpart(`${column}: the type ${type.name} has no counterpart`);
    return type.unsigned ? (UNSIGNED[own] ?? own) : own;
  };
  const columns = table.columns.map(({ name, type }) => `${quote(name)} ${typeOf(type, nameOf(name))}`);
  const options = [...keyOption(table, nameOf, notes), ...topicOptions(table, shielded, notes)];
  for (const what of table.leftOut) notes.push(`${what === "" ? "a constraint" : what.toLowerCase()} says nothing of a stream`);
  const written = options.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`).join(", ");
  const text = `CREATE STREAM ${table.path.map(quote).join(".")} (${columns.join(", ")})${written === "" ? "" : ` WITH (${written})`}`;
  return { text, notes };
}

type Options = readonly (readonly [string, string])[];

function keyOption({ primaryKey }: ForeignTable, nameOf: (name: string) => string, notes: string[]): Options {
  const [first, ...others] = primaryKey;
  if (first === undefined) return [];
  if (others.length === 0) return [["key", nameOf(first)]];
  const columns = primaryKey.map(nameOf).join(", ");
  notes.push(`the primary key has several columns (${columns}): WITH (key = …) takes one that is the record key`);
  return [];
}

/** Of Flink's options those that say where the rows are. */
const OPTIONS: Readonly<Record<string, string>> = {
  topic: "topic",
  format: "format",
  "value.format": "format",
  "key.format": "key_format",
  "key.fields": "key",
};

function topicOptions({ options, primaryKey }: ForeignTable, { strings }: Shielded, notes: string[]): Options {
  const found = options.map(({ name, value }) => [strings.get(name) ?? name, strings.get(value) ?? value] as const);
  return found.flatMap(([name, value]) => {
    const own = OPTIONS[name];
    if (own === "key" && (primaryKey.length > 0 || /[;,]/.test(value))) return [];
    if (own !== undefined) return [[own, value] as const];
    if (name !== "connector") notes.push(`the option ${name} has no counterpart`);
    return [];
  });
}

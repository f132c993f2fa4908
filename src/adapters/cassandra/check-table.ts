import type { Client } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { TargetFinding } from "../../ports/connection.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { type TableName, tableName } from "./cql.ts";
import { parseCqlType } from "./cql-type.ts";
import { matchName } from "./match-name.ts";
import { tableDefinition } from "./prepare-table.ts";
import { listTables } from "./relations.ts";
import type { CassandraSettings } from "./settings.ts";
import { tableMismatches } from "./table-mismatches.ts";
import { readTableSchema, type TableSchema } from "./table-schema.ts";
import { createdCqlType } from "./type-mapping.ts";

/** What the table of a route has against it, or why it cannot be made. */
export async function checkTable(client: Client, settings: CassandraSettings, target: RouteTarget): Promise<readonly TargetFinding[]> {
  const name = tableName(target.name, settings.keyspace);
  if (name === null) {
    return [missing(`${target.name} cannot be the name of a table`, "name it keyspace.table, or set the connection's keyspace")];
  }
  const schema = await readTableSchema(client, name);
  if (schema === null) return missingTable(client, name, target);
  return tableMismatches(target, target.options.autoevolve ? withNewColumns(schema, target) : schema);
}

async function missingTable(client: Client, name: TableName, target: RouteTarget): Promise<readonly TargetFinding[]> {
  const wanted = `${name.keyspace}.${name.table}`;
  const definition = definitionOf(name, target);
  const unknown = { name: wanted, among: (await listTables(client)).map((table) => table.name) };
  if (target.autocreate) {
    const made = { ...missing(`table ${wanted} does not exist yet and will be made`, null), severity: "warning" as const, unknown };
    return definition instanceof SluiceError ? [mismatch(definition)] : [made];
  }
  const refused = definition instanceof SluiceError;
  const hint = refused ? `create it (AUTOCREATE cannot: ${definition.message})` : `add AUTOCREATE, or create it:\n${definition}`;
  return [{ ...missing(`table ${wanted} does not exist`, hint), unknown }];
}

function definitionOf(name: TableName, target: RouteTarget): string | SluiceError {
  try {
    return tableDefinition(name, target);
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
}

/** AUTOEVOLVE adds what the table lacks: those columns fit. */
function withNewColumns(schema: TableSchema, target: RouteTarget): TableSchema {
  const names = schema.columns.map(({ name }) => name);
  const added = target.columns.filter(({ name }) => matchName(name, names) === null);
  return { ...schema, columns: [...schema.columns, ...added.map(({ name, type }) => newColumn(name, type))] };
}

function newColumn(name: string, type: RouteTarget["columns"][number]["type"]): TableSchema["columns"][number] {
  const typeText = createdCqlType(type) ?? "text";
  return { name, typeText, type: parseCqlType(typeText), kind: "regular" };
}

function missing(message: string, hint: string | null): TargetFinding {
  return { severity: "error", code: "TARGET_MISSING", column: null, message, hint };
}

function mismatch({ message, hint }: SluiceError): TargetFinding {
  return { severity: "error", code: "TARGET_MISMATCH", column: null, message, hint };
}

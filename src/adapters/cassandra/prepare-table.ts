import type { Client, QueryOptions } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import { type DataType, typeName } from "../../model/type.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { addColumns, type ColumnDefinition, createKeyspace, createTable, type TableName, tableName } from "./cql.ts";
import { matchName } from "./match-name.ts";
import { runSchemaChange, type SchemaChanges } from "./schema-changes.ts";
import type { CassandraSettings } from "./settings.ts";
import { ID_COLUMN } from "./table-mismatches.ts";
import { findKeyspace, readTableSchema, type TableSchema } from "./table-schema.ts";
import { createdCqlType } from "./type-mapping.ts";

/** The table of a route, made where it is missing and may be made, with the columns that AUTOEVOLVE adds. */
export async function prepareTable(
  client: Client,
  settings: CassandraSettings,
  changes: SchemaChanges,
  target: RouteTarget,
): Promise<TableSchema> {
  const name = tableName(target.name, settings.keyspace);
  if (name === null) {
    const hint = "name it keyspace.table, of letters, digits and _; the connection's setting keyspace is the default for names without one";
    throw new SluiceError("TARGET_MISSING", `${target.name} cannot be the name of a table`, { hint });
  }
  const existing = await readTableSchema(client, name);
  if (existing !== null && lacking(existing, target).length === 0) return existing;
  if (existing === null && !target.autocreate) throw missing(name, target);
  return changes.inTurn(client, async (at) => {
    const table = (await readTableSchema(client, name, at)) ?? (await makeTable(client, settings, name, target, at));
    return withNewColumns(client, table, target, at);
  });
}

/** Another process may make the same at the same time: what failed may be there. */
async function makeTable(
  client: Client,
  settings: CassandraSettings,
  name: TableName,
  target: RouteTarget,
  at: QueryOptions,
): Promise<TableSchema> {
  const keyspace = await findKeyspace(client, name.keyspace, at);
  const definition = tableDefinition({ ...name, keyspace: keyspace ?? name.keyspace }, target);
  // Not IF NOT EXISTS alone: a role may have the right to make tables in a keyspace, and none to make keyspaces.
  if (keyspace === null) {
    await runSchemaChange(client, createKeyspace(name.keyspace, settings.replication ?? replicationOf(client, settings)), at);
  }
  const failure = await runSchemaChange(client, definition, at).catch((error: unknown) => error);
  const created = await readTableSchema(client, name, at);
  if (created !== null) return created;
  throw failure ?? new SluiceError("CONNECTION_FAILED", `table ${target.name} was created, but is not there yet`);
}

/** The columns of the statement that the table has to get. */
function lacking(schema: TableSchema, target: RouteTarget): RouteTarget["columns"] {
  if (!target.options.autoevolve) return [];
  const names = schema.columns.map((column) => column.name);
  return target.columns.filter(({ name }) => matchName(name, names) === null);
}

/** AUTOEVOLVE. Another process may add the same columns at the same time. */
async function withNewColumns(client: Client, table: TableSchema, target: RouteTarget, at: QueryOptions): Promise<TableSchema> {
  const added = lacking(table, target);
  if (added.length === 0) return table;
  const statement = addColumns(
    table.name,
    added.map((column) => definitionOf(target, column)),
  );
  const failure = await runSchemaChange(client, statement, at).catch((error: unknown) => error);
  const changed = await readTableSchema(client, table.name, at);
  if (failure !== undefined && (changed === null || lacking(changed, target).length > 0)) throw failure;
  return changed ?? table;
}

/** The CREATE TABLE text for a route; TARGET_MISMATCH names the column that has no CQL type. */
export function tableDefinition(name: TableName, target: RouteTarget): string {
  if (target.columns.length === 0) {
    const hint = "name the columns in the SELECT list, declare the stream, or create the table yourself";
    throw new SluiceError(
      "TARGET_MISMATCH",
      `table ${target.name} cannot be created: SELECT * of a schemaless stream has no known columns`,
      { hint },
    );
  }
  const columns = target.columns.map((column) => definitionOf(target, column));
  if (target.keyColumns.length === 0) return createTable(name, [{ name: ID_COLUMN, type: "text" }, ...columns], [ID_COLUMN]);
  const unselected = target.keyColumns.find((key) => !columns.some((column) => column.name === key));
  if (unselected !== undefined) {
    const hint = `add ${unselected} to the SELECT list`;
    throw new SluiceError("TARGET_MISMATCH", `table ${target.name} cannot be created: key column "${unselected}" is not selected`, {
      hint,
    });
  }
  return createTable(name, columns, target.keyColumns);
}

function definitionOf(target: RouteTarget, column: { readonly name: string; readonly type: DataType }): ColumnDefinition {
  const type = createdCqlType(column.type);
  if (type !== null) return { name: column.name, type };
  const problem = `column "${column.name}" of type ${typeName(column.type)} has no CQL type`;
  const hint = hasStruct(column.type)
    ? `write CAST(… AS STRING) AS ${column.name} for its JSON, or create the table yourself, with a user-defined type for the STRUCT`
    : `write CAST(… AS STRING) AS ${column.name} (or another type), or declare the field's type with CREATE STREAM`;
  throw new SluiceError("TARGET_MISMATCH", `table ${target.name} cannot have the ${problem}`, { hint });
}

function hasStruct(type: DataType): boolean {
  if (type.kind === "array") return hasStruct(type.element);
  return type.kind === "struct" || (type.kind === "map" && hasStruct(type.value));
}

function missing(name: TableName, target: RouteTarget): SluiceError {
  let hint: string;
  try {
    hint = `add AUTOCREATE, or create it:\n${tableDefinition(name, target)}`;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    hint = `create it (AUTOCREATE cannot: ${error.message})`;
  }
  return new SluiceError("TARGET_MISSING", `table ${name.keyspace}.${name.table} does not exist`, { hint });
}

const REPLICAS = 3;

/** Where nothing is said: three replicas in the local data centre, or as many as it has nodes. */
function replicationOf(client: Client, settings: CassandraSettings): Readonly<Record<string, string>> {
  const nodes = client.hosts.values().filter((host) => host.datacenter === settings.localDataCenter).length;
  return { class: "NetworkTopologyStrategy", [settings.localDataCenter]: String(Math.max(1, Math.min(REPLICAS, nodes))) };
}

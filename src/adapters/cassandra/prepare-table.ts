import type { Client } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import { type DataType, typeName } from "../../model/type.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { addColumns, type ColumnDefinition, createKeyspace, createTable, type TableName, tableName } from "./cql.ts";
import { failureOf, sluiceError } from "./driver-error.ts";
import type { CassandraSettings } from "./settings.ts";
import { ID_COLUMN } from "./table-mismatches.ts";
import { findKeyspace, matchName, readTableSchema, type TableSchema } from "./table-schema.ts";
import { createdCqlType } from "./type-mapping.ts";

/** The table of a route, made where it is missing and may be made. */
export async function prepareTable(client: Client, settings: CassandraSettings, target: RouteTarget): Promise<TableSchema> {
  const name = tableName(target.name, settings.keyspace);
  if (name === null) {
    const hint = "name it keyspace.table, of letters, digits and _; the connection's setting keyspace is the default for names without one";
    throw new SluiceError("TARGET_MISSING", `${target.name} cannot be the name of a table`, { hint });
  }
  const existing = await readTableSchema(client, name);
  if (existing !== null) return target.options.autoevolve ? withNewColumns(client, existing, target) : existing;
  if (!target.autocreate) throw missing(name, target);
  const keyspace = await findKeyspace(client, name.keyspace);
  const definition = tableDefinition({ ...name, keyspace: keyspace ?? name.keyspace }, target);
  // Not IF NOT EXISTS alone: a role may have the right to make tables in a keyspace, and none to make keyspaces.
  if (keyspace === null) {
    await runSchemaChange(client, createKeyspace(name.keyspace, settings.replication ?? replicationOf(client, settings)));
  }
  await runSchemaChange(client, definition);
  const created = await readTableSchema(client, name);
  if (created === null) throw new SluiceError("TARGET_MISSING", `table ${target.name} was created, but is not there`);
  return created;
}

/** AUTOEVOLVE: the columns of the statement that the table lacks. Another process may add the same at the same time. */
async function withNewColumns(client: Client, table: TableSchema, target: RouteTarget): Promise<TableSchema> {
  const lacking = (schema: TableSchema): RouteTarget["columns"] => {
    const names = schema.columns.map((column) => column.name);
    return target.columns.filter(({ name }) => matchName(name, names) === null);
  };
  const added = lacking(table);
  if (added.length === 0) return table;
  const statement = addColumns(
    table.name,
    added.map((column) => definitionOf(target, column)),
  );
  const failure = await runSchemaChange(client, statement).catch((error: unknown) => error);
  const changed = await readTableSchema(client, table.name);
  if (failure !== undefined && (changed === null || lacking(changed).length > 0)) throw failure;
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
  const hint = `write CAST(… AS STRING) AS ${column.name} (or another type), or declare the field's type with CREATE STREAM`;
  throw new SluiceError("TARGET_MISMATCH", `table ${target.name} cannot have the ${problem}`, { hint });
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

/** Runs a DDL statement; the driver waits until all nodes that are up have the new schema: a write to another node would fail before. */
async function runSchemaChange(client: Client, statement: string): Promise<void> {
  const result = await client.execute(statement).catch((error: unknown) => {
    const failure = failureOf(error);
    if (failure.kind !== "refused") throw sluiceError(error);
    throw new SluiceError("TARGET_MISMATCH", `${failure.error.message}; the statement was:\n${statement}`, { cause: error });
  });
  // The driver's type description lacks the field.
  const { isSchemaInAgreement } = result.info as { readonly isSchemaInAgreement?: boolean };
  if (isSchemaInAgreement !== false) return;
  const hint = "see nodetool describecluster; nodes with another schema version must be restarted";
  throw new SluiceError("CONNECTION_FAILED", "the nodes do not agree on the schema", { hint });
}

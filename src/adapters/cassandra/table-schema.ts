import type { Client, QueryOptions, types } from "cassandra-driver";
import type { TableName } from "./cql.ts";
import { type CqlType, parseCqlType, type UserTypes } from "./cql-type.ts";
import { matchName } from "./match-name.ts";

export interface TableColumn {
  readonly name: string;
  /** As CQL spells it, for messages. */
  readonly typeText: string;
  readonly type: CqlType;
  readonly kind: "partition_key" | "clustering" | "static" | "regular";
}

/** A table as the cluster describes it. */
export interface TableSchema {
  readonly name: TableName;
  /** The primary key in its order, then the others by name. */
  readonly columns: readonly TableColumn[];
}

const KIND_ORDER: readonly TableColumn["kind"][] = ["partition_key", "clustering", "static", "regular"];

/**
 * Asks the cluster itself, because the driver's copy of the schema lags behind. Names match exactly or else in another
 * case where only one does, since CQL folds what is not quoted. null: there is no such table (views are none), or it is just being
 * made and has no columns yet. `at`: which node is asked.
 */
export async function readTableSchema(client: Client, wanted: TableName, at: QueryOptions = {}): Promise<TableSchema | null> {
  const keyspace = await findKeyspace(client, wanted.keyspace, at);
  if (keyspace === null) return null;
  const tables = await select(client, "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", [keyspace], at);
  const table = matchName(wanted.table, namesOf(tables, "table_name"));
  if (table === null) return null;
  const columns = await select(
    client,
    "SELECT column_name, kind, position, type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?",
    [keyspace, table],
    at,
  );
  if (columns.rowLength === 0) return null;
  const order = (row: types.Row): number => KIND_ORDER.indexOf(row.get("kind")) * 1000 + Number(row.get("position"));
  const rows = columns.rows.toSorted((a, b) => order(a) - order(b));
  const userTypes = await readUserTypes(client, keyspace, at);
  return { name: { keyspace, table }, columns: rows.map((row) => columnOf(row, userTypes)) };
}

/** After the columns: a type that a column has is there before it. */
async function readUserTypes(client: Client, keyspace: string, at: QueryOptions): Promise<UserTypes> {
  const query = "SELECT type_name, field_names, field_types FROM system_schema.types WHERE keyspace_name = ?";
  const { rows } = await select(client, query, [keyspace], at);
  return new Map(
    rows.map((row) => {
      const typeTexts: readonly string[] = row.get("field_types");
      const names: readonly string[] = row.get("field_names");
      return [String(row.get("type_name")), names.map((name, index) => ({ name, typeText: typeTexts[index] as string }))];
    }),
  );
}

/** The keyspace that is meant, by the same rule; null where there is none. */
export async function findKeyspace(client: Client, wanted: string, at: QueryOptions = {}): Promise<string | null> {
  const keyspaces = await client.execute("SELECT keyspace_name FROM system_schema.keyspaces", [], at);
  return matchName(wanted, namesOf(keyspaces, "keyspace_name"));
}

function columnOf(row: types.Row, userTypes: UserTypes): TableColumn {
  const typeText = String(row.get("type"));
  return { name: String(row.get("column_name")), typeText, type: parseCqlType(typeText, userTypes), kind: row.get("kind") };
}

function namesOf(result: types.ResultSet, column: string): readonly string[] {
  return result.rows.map((row) => String(row.get(column)));
}

function select(client: Client, query: string, params: readonly string[], at: QueryOptions): Promise<types.ResultSet> {
  return client.execute(query, [...params], { ...at, prepare: true, isIdempotent: true });
}

import type { Client } from "cassandra-driver";
import type { RelationInfo } from "../../ports/connection.ts";
import { sluiceError } from "./driver-error.ts";

const SYSTEM_KEYSPACES: ReadonlySet<string> = new Set([
  "system",
  "system_auth",
  "system_cluster_metadata",
  "system_distributed",
  "system_schema",
  "system_traces",
  "system_views",
  "system_virtual_schema",
]);

/** All tables but the cluster's own, as `keyspace.table`, sorted. */
export async function listTables(client: Client): Promise<readonly RelationInfo[]> {
  const names: string[] = [];
  try {
    for await (const row of await client.execute("SELECT keyspace_name, table_name FROM system_schema.tables")) {
      if (!SYSTEM_KEYSPACES.has(row.get("keyspace_name"))) names.push(`${row.get("keyspace_name")}.${row.get("table_name")}`);
    }
  } catch (error) {
    throw sluiceError(error);
  }
  return names.sort().map((name) => ({ name, kind: "table" }));
}

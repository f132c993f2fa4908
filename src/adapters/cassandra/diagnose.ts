import type { Client } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { Finding } from "../../ports/connection.ts";
import { quoteName } from "./cql.ts";
import { sluiceError } from "./driver-error.ts";
import type { CassandraSettings } from "./settings.ts";

/** What `sluice doctor` says of the connection. Writes nothing. Never rejects. */
export async function diagnose(connect: () => Promise<Client>, settings: CassandraSettings): Promise<readonly Finding[]> {
  let client: Client;
  try {
    client = await connect();
  } catch (error) {
    const advice = error instanceof SluiceError ? error.hint : null;
    return [bad("server", error instanceof Error ? error.message : String(error), advice ?? "See the server's log.")];
  }
  const checks = [
    finding("server", () => server(client, settings)),
    finding("keyspace", () => keyspace(client, settings)),
    finding("rights", () => rights(client, settings)),
    finding("durability", () => durability(client)),
  ];
  return Promise.all(checks);
}

async function finding(check: string, run: () => Promise<Finding>): Promise<Finding> {
  try {
    return await run();
  } catch (error) {
    const { message, hint } = sluiceError(error);
    return bad(check, message, hint ?? "See the server's log.");
  }
}

async function server(client: Client, settings: CassandraSettings): Promise<Finding> {
  const result = await client.execute("SELECT release_version, cluster_name FROM system.local");
  const row = result.first();
  const nodes = client.hosts.values().filter((host) => host.datacenter === settings.localDataCenter);
  const down = nodes.filter((host) => !host.isUp()).map((host) => host.address);
  const version = `cluster "${row.get("cluster_name")}", version ${row.get("release_version")}`;
  const detail = `${version}, ${nodes.length} nodes in ${settings.localDataCenter}`;
  if (down.length === 0) return good("server", detail);
  return bad("server", `${detail}; down: ${down.join(", ")}`, "Start them: with too few nodes writes wait for their consistency level.");
}

async function keyspace(client: Client, settings: CassandraSettings): Promise<Finding> {
  if (settings.keyspace === null) return good("keyspace", "no default: tables are named keyspace.table");
  const result = await client.execute("SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?", [settings.keyspace], {
    prepare: true,
  });
  if (result.rowLength === 0) {
    return bad("keyspace", `${settings.keyspace} does not exist`, "AUTOCREATE makes it with the first table; else CREATE KEYSPACE.");
  }
  const replication: ReadonlyMap<string, string> = result.first().get("replication");
  return good("keyspace", `${settings.keyspace}, ${[...replication].map(([name, value]) => `${name} ${value}`).join(", ")}`);
}

/** Whether what a node acknowledges outlives it. One alone that loses some may be meant so: it is said, and is no fault. */
async function durability(client: Client): Promise<Finding> {
  const query = "SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'";
  const result = await client.execute(query).catch(() => null);
  const sync: unknown = result?.first()?.get("value");
  if (typeof sync !== "string") return good("durability", "the server does not let its settings be read");
  const loses = "a node that is killed loses what it acknowledged last, unless other replicas have it";
  return good("durability", `commitlog_sync is ${sync}${sync === "periodic" ? `: ${loses}` : ""}`);
}

/** What the role may do, as far as the server lets it look. */
async function rights(client: Client, settings: CassandraSettings): Promise<Finding> {
  if (settings.credentials === null) return good("rights", "not logged in: whatever the server allows to everybody");
  const role = settings.credentials.username;
  try {
    const roles = await client.execute("SELECT is_superuser FROM system_auth.roles WHERE role = ?", [role], { prepare: true });
    if (roles.first()?.get("is_superuser") === true) return good("rights", `${role} is a superuser`);
  } catch {
    // Only superusers may look; the role's own permissions are still listed below.
  }
  const listed = await listPermissions(client, role);
  if (listed === null) return good("rights", "the server does not limit rights, or does not let them be listed");
  const modifies = listed.filter((entry) => entry.permission === "MODIFY").map((entry) => entry.resource);
  if (modifies.length === 0) {
    return bad("rights", `${role} may not write to any table`, `GRANT MODIFY, SELECT ON KEYSPACE … TO ${quoteName(role)}`);
  }
  const creates = listed.some((entry) => entry.permission === "CREATE");
  return good("rights", `${role} may write to ${modifies.join(", ")}${creates ? "" : "; AUTOCREATE needs GRANT CREATE"}`);
}

async function listPermissions(client: Client, role: string): Promise<readonly { permission: string; resource: string }[] | null> {
  try {
    const result = await client.execute(`LIST ALL PERMISSIONS OF ${quoteName(role)}`);
    return result.rows.map((row) => ({ permission: String(row.get("permission")), resource: String(row.get("resource")) }));
  } catch {
    return null;
  }
}

function good(check: string, detail: string): Finding {
  return { check, ok: true, detail, advice: null };
}

function bad(check: string, detail: string, advice: string): Finding {
  return { check, ok: false, detail, advice };
}

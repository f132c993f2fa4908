import type { Client } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Connection, ConnectionConfig, Finding, RelationInfo, TargetFinding, TroubleListener } from "../../ports/connection.ts";
import type { Lookup, LookupTarget } from "../../ports/lookup.ts";
import type { Random } from "../../ports/random.ts";
import type { RouteTarget, Sink } from "../../ports/sink.ts";
import { CassandraClient } from "./cassandra-client.ts";
import { openCassandraSink } from "./cassandra-sink.ts";
import { checkTable } from "./check-table.ts";
import { tableName } from "./cql.ts";
import { diagnose } from "./diagnose.ts";
import { sluiceError } from "./driver-error.ts";
import { Openings } from "./openings.ts";
import { readTable } from "./read-table.ts";
import { listTables } from "./relations.ts";
import { SchemaChanges } from "./schema-changes.ts";
import { type CassandraSettings, readSettings } from "./settings.ts";
import { TableLookup } from "./table-lookup.ts";

export interface CassandraEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly onTrouble: TroubleListener;
}

/** A connection to a Cassandra cluster of version 4 or later. Throws CONFIG_INVALID; no I/O before the first use. */
export function openCassandra(config: ConnectionConfig, environment: CassandraEnvironment): Connection {
  return new CassandraConnection(config, environment);
}

class CassandraConnection implements Connection {
  readonly config: ConnectionConfig;
  readonly source = null;
  readonly keptState = null;
  private readonly settings: CassandraSettings;
  private readonly client: CassandraClient;
  private readonly connect = (): Promise<Client> => this.client.connected();
  private readonly changes: SchemaChanges;
  private readonly openings: Openings;
  private readonly clock: Clock;

  constructor(config: ConnectionConfig, environment: CassandraEnvironment) {
    this.config = config;
    this.clock = environment.clock;
    this.openings = new Openings(environment.clock, (message) => environment.onTrouble(config.name, message));
    this.settings = readSettings(config);
    this.changes = new SchemaChanges(this.settings.localDataCenter);
    this.client = new CassandraClient(config, this.settings, environment.onTrouble);
  }

  openSink(target: RouteTarget): Promise<Sink> {
    return this.openings.watch(target.name, async () => {
      try {
        const client = await this.connect();
        const { settings, changes, clock } = this;
        return await openCassandraSink({ client, settings, changes, clock }, target);
      } catch (error) {
        throw sluiceError(error);
      }
    });
  }

  async checkTarget(target: RouteTarget): Promise<readonly TargetFinding[]> {
    try {
      return await checkTable(await this.connect(), this.settings, target);
    } catch (error) {
      throw sluiceError(error);
    }
  }

  openStateLog(): null {
    return null;
  }

  /** null where the name cannot be a table's; a table that does not exist rejects the first step of the iteration with TARGET_MISSING. */
  readTable(name: string, signal: AbortSignal): AsyncIterable<RecordSlices> | null {
    const table = tableName(name, this.settings.keyspace);
    if (table === null) return null;
    return readTable(this.connect, table, signal);
  }

  async openLookup(target: LookupTarget): Promise<Lookup> {
    const table = tableName(target.name, this.settings.keyspace);
    if (table === null)
      throw new SluiceError("TARGET_MISSING", `${target.name} cannot be the name of a table`, { hint: "write keyspace.table" });
    return TableLookup.open(await this.connect(), table, target);
  }

  async listRelations(): Promise<readonly RelationInfo[]> {
    return listTables(await this.connect());
  }

  diagnose(): Promise<readonly Finding[]> {
    return diagnose(this.connect, this.settings);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

import type { Client, types } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { ChangeBatch } from "../../model/change.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Origin, RouteTarget, Sink, WriteResult } from "../../ports/sink.ts";
import { deleteRow, insertRow } from "./cql.ts";
import { prepareTable } from "./prepare-table.ts";
import { RowBinder } from "./row-binder.ts";
import { layRow } from "./row-layout.ts";
import { type SchemaChanges, untilServed } from "./schema-changes.ts";
import { type CassandraSettings, CONSISTENCIES } from "./settings.ts";
import { type TableRoute, TableWrite } from "./table-write.ts";

/**
 * Writes the changes of one route. The version of a change is the write time of its cells (`USING TIMESTAMP`), so that a
 * repeat changes nothing and an older version never covers a newer one. Cassandra does not say which of the two it did:
 * the outcome is `written` for both, never `superseded`.
 */
export class CassandraSink implements Sink {
  private readonly route: TableRoute;

  constructor(route: TableRoute) {
    this.route = route;
  }

  write(batch: ChangeBatch, _origin: Origin, signal: AbortSignal, stopsAtRefusal = false): Promise<WriteResult> {
    return new TableWrite(this.route, batch, signal, stopsAtRefusal).run();
  }

  async close(): Promise<void> {}
}

/** Cassandra's own limit: 20 years. */
const TTL_SECONDS_MAX = 630_720_000;

export interface SinkEnvironment {
  readonly client: Client;
  readonly settings: CassandraSettings;
  readonly changes: SchemaChanges;
  readonly clock: Clock;
}

/** Checks the table, makes it where it may, and gives its sink. */
export async function openCassandraSink(
  { client, settings, changes, clock }: SinkEnvironment,
  target: RouteTarget,
): Promise<CassandraSink> {
  checkClauses(target);
  const schema = await prepareTable(client, settings, changes, target);
  const layout = layRow(target, schema);
  const columns = layout.columns.map((column) => column.name);
  const { ttlSeconds } = target;
  const statements = {
    insert: insertRow(schema.name, columns, ttlSeconds !== null),
    delete: deleteRow(schema.name, columns.slice(0, layout.keyCount)),
    ttlSeconds,
  };
  if (target.autocreate || target.options.autoevolve) await untilServed(client, statements.insert, clock);
  return new CassandraSink({
    client,
    name: schema.name,
    table: `${schema.name.keyspace}.${schema.name.table}`,
    columns: layout.columns,
    binder: new RowBinder(layout, statements, target.mode, target.options.nullsUnset),
    batchRows: target.batchSize ?? settings.batchRows,
    consistency: consistencyOf(target),
    concurrency: settings.concurrency,
  });
}

function consistencyOf({ name, options: { consistency } }: RouteTarget): types.consistencies | null {
  if (consistency === null) return null;
  const level = CONSISTENCIES[consistency];
  if (level === undefined) throw new SluiceError("TARGET_MISMATCH", `table ${name}: there is no consistency level ${consistency}`);
  return level;
}

function checkClauses(target: RouteTarget): void {
  const problem =
    target.suffix !== null
      ? "a dated suffix is for indexes: one table holds all days"
      : target.ttlSeconds !== null && !(target.ttlSeconds >= 1 && target.ttlSeconds <= TTL_SECONDS_MAX)
        ? `a TTL must be from 1 to ${TTL_SECONDS_MAX} seconds`
        : null;
  if (problem !== null) throw new SluiceError("TARGET_MISMATCH", `table ${target.name}: ${problem}`);
}

import { types } from "cassandra-driver";
import { parseCqlType } from "../../src/adapters/cassandra/cql-type.ts";
import { RowBinder } from "../../src/adapters/cassandra/row-binder.ts";
import { layRow } from "../../src/adapters/cassandra/row-layout.ts";
import type { TableColumn } from "../../src/adapters/cassandra/table-schema.ts";
import { requestsOf } from "../../src/adapters/cassandra/table-write.ts";
import { must } from "../../src/assert.ts";
import { documentTextOf } from "../../src/model/change.ts";
import { DOUBLE, STRING, TIMESTAMP } from "../../src/model/type.ts";
import { target } from "../../test/adapters/cassandra/routes.ts";
import { changes } from "./changes.ts";
import { inTurns, type MicroBench } from "./harness.ts";

const ROWS = 20_000;
const ROWS_A_REQUEST = 30;
const STATEMENTS = { insert: "insert", delete: "delete", ttlSeconds: null };

/** The encoding of requests is the driver's, and the same for both. */
export const cql: MicroBench = {
  name: "cql",
  what: "rows of three columns as parameters, gathered into batches by partition key",
  measure(options) {
    const batch = changes(ROWS);
    const byValues = (): unknown => {
      const byDevice = new Map<string, unknown[][]>();
      for (let row = 0; row < ROWS; row++) {
        const { deviceId, ts, temperature } = JSON.parse(documentTextOf(batch, row)) as {
          deviceId: string;
          ts: string;
          temperature: number;
        };
        const rows = byDevice.get(deviceId) ?? [];
        byDevice.set(deviceId, rows);
        rows.push([deviceId, new Date(ts), temperature, types.Long.fromNumber(must(batch.versions[row]))]);
      }
      return byDevice;
    };
    const route = target("readings", { deviceId: STRING, ts: TIMESTAMP, temperature: DOUBLE }, ["deviceId", "ts"]);
    const columns = [
      column("partition_key", "deviceId", "text"),
      column("clustering", "ts", "timestamp"),
      column("regular", "temperature", "double"),
    ];
    const layout = layRow(route, { name: { keyspace: "bench", table: "readings" }, columns });
    const binder = new RowBinder(layout, STATEMENTS, "insert");
    const byBinder = (): unknown =>
      requestsOf(
        Array.from({ length: ROWS }, (_, row) => binder.bind(batch, row)),
        ROWS_A_REQUEST,
      );
    const ways = [
      { name: "values as the driver's manual has them", isNaive: true, run: byValues },
      { name: "checked against the table's types", run: byBinder },
    ];
    return inTurns(ROWS, ways, options);
  },
};

function column(kind: TableColumn["kind"], name: string, typeText: string): TableColumn {
  return { kind, name, typeText, type: parseCqlType(typeText) };
}

import type { Client, types } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import { SlicesBuilder } from "../codecs/slices-builder.ts";
import { selectAll, type TableName } from "./cql.ts";
import { sluiceError } from "./driver-error.ts";
import { readTableSchema, type TableSchema } from "./table-schema.ts";
import { jsonOf, memberName, membersJson } from "./to-json.ts";

const FIRST_PAGE_ROWS = 100;
const PAGE_ROWS_MAX = 5000;
/** Pages grow or shrink towards this size, whatever the rows are. */
const PAGE_BYTES = 1 << 20;

/**
 * All rows of a table, in the order of the ring, as records: the value has a member for each column, null where there is no
 * cell; the key is the primary key, as text where it is one column, else as a JSON array. Rows have no timestamp: 0.
 * Rejects with TARGET_MISSING where there is no such table, STOPPED when aborted.
 */
export async function* readTable(connect: () => Promise<Client>, name: TableName, signal: AbortSignal): AsyncGenerator<RecordSlices> {
  const client = await connect();
  const schema = await readTableSchema(client, name).catch(asSluiceError);
  const label = `${name.keyspace}.${name.table}`;
  if (schema === null) throw new SluiceError("TARGET_MISSING", `table ${label} does not exist`);
  let offset = 0;
  for await (const rows of pagesOf(client, schema, signal)) {
    const builder = new SlicesBuilder(label, 0);
    for (const row of rows) builder.append(offset++, 0, row.key, row.value, null);
    yield* builder.build(offset);
  }
}

interface ReadRow {
  readonly key: Buffer;
  readonly value: Buffer;
}

async function* pagesOf(client: Client, schema: TableSchema, signal: AbortSignal): AsyncGenerator<readonly ReadRow[]> {
  const columns = schema.columns.map((column) => column.name);
  const keyCount = schema.columns.filter((column) => column.kind === "partition_key" || column.kind === "clustering").length;
  const query = selectAll(schema.name, columns);
  let fetchSize = FIRST_PAGE_ROWS;
  let pageState: string | null = null;
  do {
    if (signal.aborted) throw new SluiceError("STOPPED", `reading ${schema.name.keyspace}.${schema.name.table} was given up`);
    const options = { prepare: true, isIdempotent: true, fetchSize, ...(pageState === null ? {} : { pageState }) };
    const page: types.ResultSet = await client.execute(query, [], options).catch(asSluiceError);
    const rows = page.rows.map((row) => readRow(row, columns, keyCount));
    yield rows;
    pageState = page.pageState ?? null;
    const bytes = rows.reduce((sum, row) => sum + row.value.length, 0);
    fetchSize = Math.max(1, Math.min(PAGE_ROWS_MAX, Math.floor((PAGE_BYTES * rows.length) / Math.max(1, bytes))));
  } while (pageState !== null);
}

function readRow(row: types.Row, columns: readonly string[], keyCount: number): ReadRow {
  // Not by `row.get`, which a column named "get" covers.
  const members = columns.map((column): readonly [string, unknown] => [column, row[column]]);
  const key = members.slice(0, keyCount).map(([, value]) => value);
  return {
    key: Buffer.from(key.length === 1 ? memberName(key[0]) : `[${key.map(jsonOf).join(",")}]`),
    value: Buffer.from(membersJson(members)),
  };
}

function asSluiceError(error: unknown): never {
  throw sluiceError(error);
}

import { Client, type types } from "cassandra-driver";
import { expect } from "vitest";
import { openCassandra } from "../../../src/adapters/cassandra/open-cassandra.ts";
import type { RecordSlices } from "../../../src/model/record-slices.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { clock, config } from "../../adapters/cassandra/routes.ts";
import { freshName } from "../../conformance/names.ts";
import type { ProvidedServices } from "../provided.ts";

type Address = NonNullable<ProvidedServices["cassandra"]>;

/** A keyspace of its own on a real node, a connection of ours to it, and a plain client that looks at what is there. */
export interface TestKeyspace {
  readonly name: string;
  readonly connection: Connection;
  readonly troubles: string[];
  readonly client: Client;
  query(cql: string): Promise<readonly types.Row[]>;
  drop(): Promise<void>;
}

export async function makeKeyspace(address: Address, settings: Readonly<Record<string, unknown>> = {}): Promise<TestKeyspace> {
  const name = freshName("sluice");
  const client = new Client({ ...address, encoding: { useBigIntAsLong: true, useBigIntAsVarint: true, map: Map } });
  await client.execute(`CREATE KEYSPACE ${name} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
  const troubles: string[] = [];
  const connection = openCassandra(config({ ...address, keyspace: name, ...settings }), {
    clock,
    random: { next: Math.random },
    onTrouble: (_connection, message) => troubles.push(message),
  });
  return {
    name,
    connection,
    troubles,
    client,
    query: async (cql) => (await client.execute(cql, [], { prepare: false, fetchSize: 10_000 })).rows,
    drop: async () => {
      await connection.close();
      await client.execute(`DROP KEYSPACE IF EXISTS ${name}`);
      await client.shutdown();
    },
  };
}

export interface ReadRecord {
  readonly key: string;
  readonly value: string;
}

/** All records of a table, through the connection. */
export async function read(connection: Connection, table: string, signal = new AbortController().signal): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  for await (const slices of connection.readTable(table, signal) as AsyncIterable<RecordSlices>) {
    const text = (starts: Int32Array, ends: Int32Array, row: number): string => slices.bytes.toString("utf8", starts[row], ends[row]);
    for (let row = 0; row < slices.count; row++) {
      expect(slices.offsets[row]).toBe(records.length);
      records.push({ key: text(slices.keyStarts, slices.keyEnds, row), value: text(slices.valueStarts, slices.valueEnds, row) });
    }
  }
  return records;
}

import { Client, type types } from "cassandra-driver";
import { openCassandra } from "../../../src/adapters/cassandra/open-cassandra.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { clock, config } from "../../adapters/cassandra/routes.ts";
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

let made = 0;

export async function makeKeyspace(address: Address, settings: Readonly<Record<string, unknown>> = {}): Promise<TestKeyspace> {
  const name = `sluice_${process.pid}_${Date.now().toString(36)}_${made++}`;
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

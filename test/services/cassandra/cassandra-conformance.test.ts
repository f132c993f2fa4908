import { inject } from "vitest";
import { freshName } from "../../conformance/names.ts";
import { type SinkDriver, sinkSuite } from "../../conformance/sink-suite.ts";
import { describeWith } from "../needs.ts";
import { makeKeyspace } from "./keyspace.ts";

async function makeDriver(): Promise<SinkDriver> {
  const address = inject("cassandra");
  if (address === null) throw new Error("no Cassandra");
  const keyspace = await makeKeyspace(address);
  return {
    connection: keyspace.connection,
    freshTarget: async () => `${keyspace.name}.${freshName("rows")}`,
    rows: async (target) => {
      const rows = await keyspace.query(`SELECT * FROM ${target}`);
      return rows.map((row) => Object.fromEntries(row.keys().map((column) => [column, row.get(column)])));
    },
    close: keyspace.drop,
  };
}

// Not `superseded`: Cassandra does not tell an older version, which it drops, from a newer one.
describeWith("cassandra", "conformance", () => {
  sinkSuite("Cassandra", makeDriver, {
    kind: "table",
    tombstones: true,
    merges: true,
    rejected: { reading: "not a number" },
  });
});

import type { Connection } from "../../../src/ports/connection.ts";
import { freshName } from "../../conformance/names.ts";
import { recordsOf } from "../../conformance/read-log.ts";
import { sinkSuite } from "../../conformance/sink-suite.ts";
import { sourceSuite } from "../../conformance/source-suite.ts";
import { stateLogSuite } from "../../conformance/state-log-suite.ts";
import { topicSinkSuite } from "../../conformance/topic-sink-suite.ts";
import { EmbeddedDirectory } from "./embedded-directory.ts";

sourceSuite("embedded", async () => {
  const directory = await EmbeddedDirectory.make();
  return { open: async () => directory.open().source, close: () => directory.close() };
});

topicSinkSuite("embedded", async () => {
  const directory = await EmbeddedDirectory.make();
  return { connection: directory.open(), close: () => directory.close() };
});

stateLogSuite(
  "embedded",
  async () => {
    const directory = await EmbeddedDirectory.make();
    return {
      open: (pipeline) => directory.open().openStateLog(pipeline),
      keptState: () => directory.open().keptState,
      close: () => directory.close(),
    };
  },
  { fencing: "checked" },
);

for (const kind of ["index", "table"] as const) {
  sinkSuite(
    `embedded (${kind})`,
    async () => {
      const directory = await EmbeddedDirectory.make();
      const connection = directory.open();
      return {
        connection,
        freshTarget: async () => freshName("target"),
        rows: (target) => rowsOf(connection, target),
        close: () => directory.close(),
      };
    },
    { kind, tombstones: true, merges: true, datedTargets: true, largeRows: 25_000 },
  );
}

async function rowsOf(connection: Connection, target: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const slices of connection.readTable(target, AbortSignal.timeout(10_000)) ?? []) {
    rows.push(...recordsOf([slices]).map((record) => JSON.parse(record.value ?? "null") as Record<string, unknown>));
  }
  return rows;
}

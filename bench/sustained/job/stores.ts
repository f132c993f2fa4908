import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { systemRandom } from "../../../src/adapters/system-random.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { openConnection } from "../../../src/project/open-connection.ts";
import { PATHS } from "../../paths.ts";
import type { WindowRow } from "./windows.ts";

const READ_MS_MAX = 120_000;
const POLL_MS = 500;

/** All rows of an index or table, once there are as many as wanted: an index shows what was written only after a while. */
export async function readStore(
  kind: "elasticsearch" | "cassandra",
  address: string,
  name: string,
  wanted: number,
): Promise<readonly WindowRow[]> {
  const settings = kind === "elasticsearch" ? { node: `http://${address}` } : { contactPoints: address, localDataCenter: "datacenter1" };
  const connection = await openConnection(
    { name: kind, kind, as: kind, settings },
    { clock: systemClock, random: systemRandom, dataDirectory: PATHS.scratch, onTrouble: (_, message) => console.error(message) },
  );
  const deadline = performance.now() + READ_MS_MAX;
  try {
    for (;;) {
      const rows = await rowsOf(connection, name);
      if (rows.length >= wanted || performance.now() > deadline) return rows;
      await sleep(POLL_MS);
    }
  } finally {
    await connection.close();
  }
}

async function rowsOf(connection: Connection, name: string): Promise<readonly WindowRow[]> {
  const rows: WindowRow[] = [];
  for await (const { bytes, valueStarts, valueEnds, count } of connection.readTable(name, new AbortController().signal) ?? []) {
    for (let row = 0; row < count; row++) rows.push(JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as WindowRow);
  }
  return rows;
}

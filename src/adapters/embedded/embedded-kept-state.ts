import type { KeptState, StateRecord } from "../../ports/state-log.ts";
import { asBuffer, type EmbeddedStore } from "./embedded-store.ts";

const OF_PIPELINE = "connection = ? AND pipeline = ?";

/** What the state logs of one embedded connection hold. */
export class EmbeddedKeptState implements KeptState {
  private readonly store: EmbeddedStore;
  private readonly connection: string;

  constructor(store: EmbeddedStore, connection: string) {
    this.store = store;
    this.connection = connection;
  }

  read(pipeline: string): Promise<readonly (readonly StateRecord[])[] | null> {
    const { store, connection } = this;
    return store.read(() => {
      const rows = store.all(
        `SELECT partition, position, "key", value FROM state WHERE ${OF_PIPELINE} ORDER BY position`,
        connection,
        pipeline,
      );
      if (rows.length === 0) return null;
      const byPartition = Map.groupBy(rows, (row) => row["partition"] as number);
      return Array.from({ length: Math.max(...byPartition.keys()) + 1 }, (_, partition) =>
        (byPartition.get(partition) ?? []).map((row) => ({
          position: row["position"] as number,
          key: row["key"] as string,
          value: asBuffer(row["value"]),
        })),
      );
    });
  }

  drop(pipeline: string): Promise<boolean> {
    const { store, connection } = this;
    return store.write(() => {
      const had = store.get(`SELECT 1 FROM state WHERE ${OF_PIPELINE} LIMIT 1`, connection, pipeline) !== undefined;
      store.run(`DELETE FROM state WHERE ${OF_PIPELINE}`, connection, pipeline);
      store.run(`DELETE FROM state_claims WHERE ${OF_PIPELINE}`, connection, pipeline);
      return had;
    });
  }
}

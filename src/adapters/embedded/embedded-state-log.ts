import { SluiceError } from "../../errors.ts";
import type { Claim, StateEntry, StateLog } from "../../ports/state-log.ts";
import { asBuffer, type EmbeddedStore } from "./embedded-store.ts";
import type { StagedRows } from "./staged-rows.ts";

const CLAIM = "INSERT OR REPLACE INTO state_claims (connection, pipeline, partition, generation) VALUES (?, ?, ?, ?)";
const CURRENT = "SELECT generation FROM state_claims WHERE connection = ? AND pipeline = ? AND partition = ?";
/** Replacing makes a new row, so that the record moves to the end of the log. */
const PUT = `INSERT OR REPLACE INTO state (connection, pipeline, partition, "key", value) VALUES (?, ?, ?, ?, ?)`;
const DELETE = `DELETE FROM state WHERE connection = ? AND pipeline = ? AND partition = ? AND "key" = ?`;
const READ = `SELECT position, "key", value FROM state
  WHERE connection = ? AND pipeline = ? AND partition = ? ORDER BY position`;

/** The state log of one pipeline as rows, compacted as it is written. The claim is checked in the appending transaction. */
export class EmbeddedStateLog implements StateLog {
  private readonly store: EmbeddedStore;
  private readonly connection: string;
  private readonly pipeline: string;
  private readonly staged: StagedRows;

  constructor(store: EmbeddedStore, connection: string, pipeline: string, staged: StagedRows) {
    this.store = store;
    this.connection = connection;
    this.pipeline = pipeline;
    this.staged = staged;
  }

  claim(partition: number, owner: string): Promise<Claim> {
    const { store, connection, pipeline } = this;
    return store.write(() => {
      const records = store.all(READ, connection, pipeline, partition);
      const generation = store.run(PUT, connection, pipeline, partition, `claim|${owner}`, Buffer.alloc(0)).lastInsertRowid;
      store.run(CLAIM, connection, pipeline, partition, generation);
      return {
        generation,
        records: records.map((row) => ({
          position: row["position"] as number,
          key: row["key"] as string,
          value: asBuffer(row["value"]),
        })),
      };
    });
  }

  async append(partition: number, generation: number, entries: readonly StateEntry[], transactionOf?: string): Promise<void> {
    const { store, connection, pipeline, staged } = this;
    await store.write(() => {
      const current = store.get(CURRENT, connection, pipeline, partition)?.["generation"];
      if (current !== generation) {
        const message = `${pipeline}: partition ${partition} has another owner now (generation ${String(current)} after ${generation})`;
        throw new SluiceError("STATE_FENCED", message, { coordinates: { partition } });
      }
      for (const { key, value } of entries) {
        if (value === null) store.run(DELETE, connection, pipeline, partition, key);
        else store.run(PUT, connection, pipeline, partition, key, value);
      }
      if (transactionOf !== undefined) staged.append(pipeline, transactionOf, partition, generation);
    });
    if (transactionOf !== undefined) staged.written(pipeline, transactionOf, partition);
  }

  async close(): Promise<void> {}
}

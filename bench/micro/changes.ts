import type { ChangeBatch } from "../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";

/** Rows as a filter over readings makes them: three fields, the device as id and record key. */
export function changes(rows: number): ChangeBatch {
  const builder = new ChangeBatchBuilder();
  for (let row = 0; row < rows; row++) {
    const device = `dev-${String((row * 7919) % 10_000).padStart(6, "0")}`;
    const timestampMs = 1_790_000_000_000 + row;
    builder.writer.utf8(`{"deviceId":"${device}","ts":"${new Date(timestampMs).toISOString()}","temperature":${20 + (row % 150) / 10}}`);
    builder.beginId();
    builder.writer.utf8(device);
    builder.useIdAsKey();
    builder.addUpsert(timestampMs * 1000, timestampMs, row, 0, null);
  }
  return builder.build();
}

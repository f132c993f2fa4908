import type { StateRecord } from "../../src/ports/state-log.ts";
import { restore } from "../../src/state/journal/restore.ts";
import type { SimStatePartition } from "./sim-state-log.ts";

/** Law 9: what the cleaner takes away, nobody misses. */
export function compactionFindings(name: string, partition: SimStatePartition): readonly string[] {
  const before = restoredText(partition.records, partition.number);
  return [true, false].flatMap((keepsTombstones) =>
    restoredText(partition.compacted(keepsTombstones), partition.number) === before
      ? []
      : [`${name}: restoring after compaction gives something else`],
  );
}

function restoredText(records: readonly StateRecord[], number: number): string {
  const { useless, ...restored } = restore(records, number);
  void useless;
  return JSON.stringify(restored);
}

import type { Connection } from "../../src/ports/connection.ts";
import type { FetchResult, Source } from "../../src/ports/source.ts";
import { withParts } from "../property/wrap-connection.ts";

/** What a released batch is overwritten with: no JSON, no UTF-8, no place in any buffer. */
const POISON = 0xfe;

/**
 * The connection, with every fetched batch in memory of its own that is overwritten when the batch is released: whoever still
 * looks at it gives wrong results, and not only now and then.
 */
export function withPoisonedReleases(connection: Connection): Connection {
  const { source } = connection;
  return source === null ? connection : withParts(connection, { source: poisoned(source) });
}

function poisoned(source: Source): Source {
  return withParts(source, {
    openPartition(topic, partition) {
      const reader = source.openPartition(topic, partition);
      return { fetch: async (request) => copied(await reader.fetch(request)), close: () => reader.close() };
    },
  });
}

function copied(result: FetchResult): FetchResult {
  const batches = result.batches.map((slices) => ({
    ...slices,
    bytes: Buffer.from(slices.bytes),
    offsets: slices.offsets.slice(),
    timestampsMs: slices.timestampsMs.slice(),
    keyStarts: slices.keyStarts.slice(),
    keyEnds: slices.keyEnds.slice(),
    valueStarts: slices.valueStarts.slice(),
    valueEnds: slices.valueEnds.slice(),
    headerStarts: slices.headerStarts.slice(),
    headerEnds: slices.headerEnds.slice(),
  }));
  const release = (): void => {
    for (const { bytes, offsets, timestampsMs, ...positions } of batches) {
      bytes.fill(POISON);
      offsets.fill(Number.NaN);
      timestampsMs.fill(Number.NaN);
      for (const column of Object.values(positions)) if (column instanceof Int32Array) column.fill(0x7fffffff);
    }
    result.release?.();
  };
  return { ...result, batches, release };
}

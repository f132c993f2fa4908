import type { Blob, BlobHeader, Note } from "../../../src/state/journal/blob.ts";
import type { Journal } from "../../../src/state/journal/journal.ts";

export function header(statement: string, kind: "snapshot" | "delta", cursor: number, more: Partial<BlobHeader> = {}): BlobHeader {
  return {
    statement,
    kind,
    cursor,
    fingerprint: "f1",
    topic: "readings",
    topicId: null,
    clock: cursor * 1000,
    base: 0,
    stride: 1,
    streamTimeMs: cursor,
    logTimeMs: cursor,
    closedAt: null,
    counters: { in: cursor },
    mark: { offset: cursor - 1, timestampMs: cursor, checksum: 7 },
    origins: { upstream: [1, cursor, 0] },
    drained: false,
    ...more,
  };
}

export function blob(statement: string, kind: "snapshot" | "delta", cursor: number, payload: string, more: Partial<BlobHeader> = {}): Blob {
  return { header: header(statement, kind, cursor, more), payload: Buffer.from(payload) };
}

export function farAhead(offset: number, topic = "readings"): Note {
  return { kind: "far-ahead", topic, offset, ranges: [[offset, offset]] };
}

/** What a journal restored, short: cursor and payloads of each statement. */
export function summary(journal: Journal): Record<string, readonly [cursor: number, ...payloads: string[]]> {
  const entries = [...journal.restored].map(([name, { header, payloads }]) => [name, [header.cursor, ...payloads.map(String)]] as const);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}

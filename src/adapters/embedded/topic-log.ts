import { randomUUID } from "node:crypto";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { FetchResult, LogBounds, TopicDescription } from "../../ports/source.ts";
import { partitionForKey } from "../codecs/murmur2.ts";
import { walkRecordBatches } from "../codecs/record-batch-reader.ts";
import { RecordBatchWriter } from "../codecs/record-batch-writer.ts";
import { asBuffer, type EmbeddedStore } from "./embedded-store.ts";

/** A segment is closed above this: one fetch then is one row and one buffer. */
const SEGMENT_BYTES_MAX = LIMITS.fetchBytesMax;

/** A record on its way into a topic. `headers` is a header block, or null. Its parts are copied at once. */
export interface NewRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
  readonly headers: Uint8Array | null;
  /** null: by the key's hash, round robin without a key. */
  readonly partition: number | null;
}

interface TopicRow {
  readonly number: number;
  readonly id: string;
  readonly compacted: number;
  readonly partitions: number;
}

interface OpenSegment {
  readonly writer: RecordBatchWriter;
  endOffset: number;
  maxTimestampMs: number;
}

/**
 * The topics of one connection as rows of record batches. Every method is synchronous and belongs inside the store's
 * `read` or `write`.
 */
export class TopicLog {
  private readonly store: EmbeddedStore;
  private readonly connection: string;
  private readonly turns = new Map<number, number>();

  constructor(store: EmbeddedStore, connection: string) {
    this.store = store;
    this.connection = connection;
  }

  list(): string[] {
    return this.store
      .all("SELECT name FROM topics WHERE connection = ? ORDER BY name", this.connection)
      .map((row) => row["name"] as string);
  }

  describe(topic: string): TopicDescription | null {
    const row = this.find(topic);
    return row === null ? null : { name: topic, id: row.id, partitions: row.partitions, compacted: row.compacted !== 0 };
  }

  /** Makes the topic, or gives an existing one more partitions. */
  create(topic: string, partitions: number, compacted: boolean): void {
    const { store } = this;
    const found = this.find(topic);
    let number = found?.number;
    if (number === undefined) {
      const insert = "INSERT INTO topics (connection, name, id, compacted) VALUES (?, ?, ?, ?)";
      number = store.run(insert, this.connection, topic, randomUUID(), compacted ? 1 : 0).lastInsertRowid;
    }
    for (let partition = found?.partitions ?? 0; partition < partitions; partition++) {
      store.run("INSERT INTO partitions (topic, partition) VALUES (?, ?)", number, partition);
    }
  }

  delete(topic: string): void {
    this.store.run("DELETE FROM topics WHERE number = ?", this.must(topic).number);
  }

  /** Drops the segments that lie wholly below `offset`, as retention does: the log then starts there. */
  trim(topic: string, partition: number, offset: number): void {
    const { number } = this.must(topic);
    this.store.run("DELETE FROM segments WHERE topic = ? AND partition = ? AND end_offset <= ?", number, partition, offset);
    const update = "UPDATE partitions SET start_offset = max(start_offset, min(?, end_offset)) WHERE topic = ? AND partition = ?";
    this.store.run(update, offset, number, partition);
  }

  /** The same of segments whose records are all older. */
  dropBefore(topic: string, timeMs: number): void {
    const { number, partitions } = this.must(topic);
    const young = "SELECT min(end_offset) AS first FROM segments WHERE topic = ? AND partition = ? AND max_timestamp_ms >= ?";
    const old = `SELECT max(end_offset) AS last FROM segments WHERE topic = ?1 AND partition = ?2 AND (?3 IS NULL OR end_offset < ?3)`;
    for (let partition = 0; partition < partitions; partition++) {
      const first = (this.store.get(young, number, partition, timeMs)?.["first"] ?? null) as number | null;
      const last = (this.store.get(old, number, partition, first)?.["last"] ?? null) as number | null;
      if (last !== null) this.trim(topic, partition, last);
    }
  }

  bounds(topic: string, partition: number): LogBounds {
    return this.boundsOf(this.must(topic), topic, partition);
  }

  /** Appends in the given order per partition; makes the topic with one partition where it is missing. */
  append(topic: string, records: Iterable<NewRecord>): void {
    if (this.find(topic) === null) this.create(topic, 1, false);
    const row = this.must(topic);
    const segments = new Map<number, OpenSegment>();
    for (const record of records) {
      const partition = this.partitionOf(row, record);
      let segment = segments.get(partition);
      if (segment === undefined) {
        const { endOffset } = this.boundsOf(row, topic, partition);
        segment = { writer: new RecordBatchWriter(), endOffset, maxTimestampMs: 0 };
        segments.set(partition, segment);
      }
      const bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0);
      if (segment.writer.count > 0 && segment.writer.byteLength + bytes > SEGMENT_BYTES_MAX) this.insert(row, partition, segment);
      segment.maxTimestampMs = segment.writer.count === 0 ? record.timestampMs : Math.max(segment.maxTimestampMs, record.timestampMs);
      segment.writer.append(record.timestampMs, record.key, record.value, record.headers);
    }
    for (const [partition, segment] of segments) {
      this.insert(row, partition, segment);
      this.store.run("UPDATE partitions SET end_offset = ? WHERE topic = ? AND partition = ?", segment.endOffset, row.number, partition);
    }
  }

  /** Records from `offset` on: one segment at least where there is one, more up to `maxBytes`. */
  read(topic: string, partition: number, offset: number, maxBytes: number): FetchResult {
    const row = this.must(topic);
    const bounds = this.boundsOf(row, topic, partition);
    if (offset < bounds.startOffset || offset > bounds.endOffset) {
      const message = `${topic}-${partition}: offset ${offset} is outside the log (${bounds.startOffset} to ${bounds.endOffset})`;
      throw new SluiceError("OFFSET_OUT_OF_RANGE", message, { coordinates: { topic, partition, offset } });
    }
    if (offset === bounds.endOffset) return { batches: [], nextOffset: offset, bounds };
    const bytes = this.segmentsFrom(row, partition, offset, maxBytes);
    const walked = walkRecordBatches({ topic, partition, bytes, start: 0, end: bytes.length, fromOffset: offset });
    return { ...walked, bounds };
  }

  offsetAt(topic: string, partition: number, timestampMs: number): number {
    const row = this.must(topic);
    const select = "SELECT records FROM segments WHERE topic = ? AND partition = ? AND max_timestamp_ms >= ? ORDER BY end_offset LIMIT 1";
    const found = this.store.get(select, row.number, partition, timestampMs);
    const { startOffset, endOffset } = this.boundsOf(row, topic, partition);
    if (found === undefined) return endOffset;
    const bytes = asBuffer(found["records"]);
    const { batches } = walkRecordBatches({ topic, partition, bytes, start: 0, end: bytes.length, fromOffset: startOffset });
    for (const slices of batches) {
      const at = slices.timestampsMs.findIndex((time, i) => i < slices.count && time >= timestampMs);
      if (at >= 0) return slices.offsets[at] as number;
    }
    return endOffset;
  }

  commit(group: string, topic: string, partition: number, offset: number): void {
    this.store.run("INSERT OR REPLACE INTO group_offsets VALUES (?, ?, ?, ?, ?)", this.connection, group, topic, partition, offset);
  }

  private segmentsFrom(row: TopicRow, partition: number, offset: number, maxBytes: number): Buffer {
    const select = "SELECT records FROM segments WHERE topic = ? AND partition = ? AND end_offset > ? ORDER BY end_offset";
    const parts: Buffer[] = [];
    let size = 0;
    for (const segment of this.store.prepare(select).iterate(row.number, partition, offset)) {
      const bytes = asBuffer(segment["records"]);
      if (parts.length > 0 && size + bytes.length > maxBytes) break;
      parts.push(bytes);
      size += bytes.length;
      if (size >= maxBytes) break;
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  private insert(row: TopicRow, partition: number, segment: OpenSegment): void {
    const { writer } = segment;
    const { count } = writer;
    const records = writer.finish(segment.endOffset);
    segment.endOffset += count;
    const insert = "INSERT INTO segments (topic, partition, end_offset, max_timestamp_ms, records) VALUES (?, ?, ?, ?, ?)";
    this.store.run(insert, row.number, partition, segment.endOffset, segment.maxTimestampMs, records);
  }

  private partitionOf(row: TopicRow, record: NewRecord): number {
    const { partition, key } = record;
    if (partition !== null) return partition;
    if (key !== null) return partitionForKey(key, row.partitions);
    const turn = this.turns.get(row.number) ?? 0;
    this.turns.set(row.number, turn + 1);
    return turn % row.partitions;
  }

  private boundsOf(row: TopicRow, topic: string, partition: number): LogBounds {
    const select = "SELECT start_offset, end_offset FROM partitions WHERE topic = ? AND partition = ?";
    const found = this.store.get(select, row.number, partition);
    if (found === undefined) {
      const message = `${topic} has no partition ${partition}, only ${row.partitions}`;
      throw new SluiceError("TOPIC_MISSING", message, { coordinates: { topic, partition } });
    }
    return { startOffset: found["start_offset"] as number, endOffset: found["end_offset"] as number };
  }

  private find(topic: string): TopicRow | null {
    const select = `SELECT number, id, compacted, (SELECT count(*) FROM partitions WHERE topic = number) AS partitions
      FROM topics WHERE connection = ? AND name = ?`;
    return (this.store.get(select, this.connection, topic) as TopicRow | undefined) ?? null;
  }

  private must(topic: string): TopicRow {
    const row = this.find(topic);
    if (row === null) throw new SluiceError("TOPIC_MISSING", `the topic ${topic} does not exist`, { coordinates: { topic } });
    return row;
  }
}

import type { TopicPartition } from "../../../ports/source.ts";

/** What a member tells the group's leader, in the format that Kafka's own consumers use (version 1). */
export interface Subscription {
  readonly topics: readonly string[];
  /** What it had before: the leader leaves with it what it can. */
  readonly owned: readonly TopicPartition[];
}

const SUBSCRIPTION_VERSION = 1;
const ASSIGNMENT_VERSION = 0;

export function encodeSubscription({ topics, owned }: Subscription): Buffer {
  const writer = new BytesWriter();
  writer.int16(SUBSCRIPTION_VERSION);
  writer.int32(topics.length);
  for (const topic of topics) writer.text(topic);
  writer.int32(-1);
  writePartitions(writer, owned);
  return writer.bytes();
}

export function decodeSubscription(bytes: Buffer): Subscription {
  const reader = new BytesReader(bytes);
  const version = reader.int16();
  const topics = reader.array(() => reader.text());
  reader.skip(Math.max(0, reader.int32()));
  return { topics, owned: version >= SUBSCRIPTION_VERSION ? readPartitions(reader) : [] };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const writer = new BytesWriter();
  writer.int16(ASSIGNMENT_VERSION);
  writePartitions(writer, partitions);
  writer.int32(-1);
  return writer.bytes();
}

/** No bytes are an empty assignment. */
export function decodeAssignment(bytes: Buffer): readonly TopicPartition[] {
  if (bytes.length === 0) return [];
  const reader = new BytesReader(bytes);
  reader.int16();
  return readPartitions(reader);
}

function writePartitions(writer: BytesWriter, partitions: readonly TopicPartition[]): void {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
  writer.int32(byTopic.size);
  for (const [topic, ofTopic] of byTopic) {
    writer.text(topic);
    writer.int32(ofTopic.length);
    for (const { partition } of ofTopic) writer.int32(partition);
  }
}

function readPartitions(reader: BytesReader): readonly TopicPartition[] {
  return reader
    .array(() => {
      const topic = reader.text();
      return reader.array(() => ({ topic, partition: reader.int32() }));
    })
    .flat();
}

class BytesWriter {
  private readonly parts: Buffer[] = [];

  int16(value: number): void {
    const bytes = Buffer.alloc(2);
    bytes.writeInt16BE(value);
    this.parts.push(bytes);
  }

  int32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    this.parts.push(bytes);
  }

  text(value: string): void {
    const bytes = Buffer.from(value);
    this.int16(bytes.length);
    this.parts.push(bytes);
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

class BytesReader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  text(): string {
    const length = this.int16();
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }

  array<T>(read: () => T): T[] {
    const length = this.int32();
    return Array.from({ length: Math.max(0, length) }, read);
  }

  skip(bytes: number): void {
    this.at += bytes;
  }
}

import type { TopicPartition } from "../../../ports/source.ts";

/** What a member tells the group's leader, in the format that Kafka's own consumers use (version 2). */
export interface Subscription {
  readonly topics: readonly string[];
  /** What it has: nobody else is given it before it has given it up. */
  readonly owned: readonly TopicPartition[];
  /** Of the group, when it was given that; null: it has given up all of it, and would like to have it back (version 1). */
  readonly generation: number | null;
}

/** What the leader gives to a member. */
export interface Assignment {
  readonly partitions: readonly TopicPartition[];
  /** False: there is more for it, once others have given that up. */
  readonly isWhole: boolean;
}

const SUBSCRIPTION_VERSION = 2;
/** Without a generation: of those who give up everything before they join again. */
const SUBSCRIPTION_VERSION_EAGER = 1;
const ASSIGNMENT_VERSION = 0;

export function encodeSubscription({ topics, owned, generation }: Subscription): Buffer {
  const writer = new BytesWriter();
  writer.int16(generation === null ? SUBSCRIPTION_VERSION_EAGER : SUBSCRIPTION_VERSION);
  writer.int32(topics.length);
  for (const topic of topics) writer.text(topic);
  writer.bytes(null);
  writePartitions(writer, owned);
  if (generation !== null) writer.int32(generation);
  return writer.all();
}

export function decodeSubscription(bytes: Buffer): Subscription {
  const reader = new BytesReader(bytes);
  const version = reader.int16();
  const topics = reader.array(() => reader.text());
  reader.bytes();
  const owned = version >= SUBSCRIPTION_VERSION_EAGER ? readPartitions(reader) : [];
  const generation = version >= SUBSCRIPTION_VERSION ? reader.int32() : null;
  return { topics, owned, generation };
}

/** That there is more to come is in the bytes that are left to the members. */
export function encodeAssignment({ partitions, isWhole }: Assignment): Buffer {
  const writer = new BytesWriter();
  writer.int16(ASSIGNMENT_VERSION);
  writePartitions(writer, partitions);
  writer.bytes(isWhole ? null : Buffer.of(1));
  return writer.all();
}

/** No bytes are an empty assignment. */
export function decodeAssignment(bytes: Buffer): Assignment {
  if (bytes.length === 0) return { partitions: [], isWhole: true };
  const reader = new BytesReader(bytes);
  reader.int16();
  const partitions = readPartitions(reader);
  return { partitions, isWhole: reader.bytes().length === 0 };
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

  bytes(value: Buffer | null): void {
    this.int32(value?.length ?? -1);
    if (value !== null) this.parts.push(value);
  }

  all(): Buffer {
    return Buffer.concat(this.parts);
  }
}

class BytesReader {
  private readonly source: Buffer;
  private at = 0;

  constructor(source: Buffer) {
    this.source = source;
  }

  int16(): number {
    this.at += 2;
    return this.source.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.source.readInt32BE(this.at - 4);
  }

  text(): string {
    const length = this.int16();
    this.at += length;
    return this.source.toString("utf8", this.at - length, this.at);
  }

  array<T>(read: () => T): T[] {
    const length = this.int32();
    return Array.from({ length: Math.max(0, length) }, read);
  }

  /** No bytes, and none at all, are the same here. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    this.at += length;
    return this.source.subarray(this.at - length, this.at);
  }
}

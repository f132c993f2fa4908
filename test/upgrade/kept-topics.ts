import { Kafka, logLevel } from "kafkajs";
import { must } from "../../src/assert.ts";
import { decodeHeaders } from "../../src/model/record-headers.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import type { RawRecord, Source } from "../../src/ports/source.ts";
import type { ClusterAdmin } from "../services/kafka/cluster-admin.ts";
import { slicesOf } from "../services/read-back.ts";
import { until } from "../support/until.ts";

/*
 * Topics of a real Kafka as lines of JSON, bytes in base64, and such lines as topics of another one: each record at its offset, which
 * generations, positions and dead letters rest on. Where an offset has no record, a transaction was committed: there is one again.
 */

interface TopicLine {
  readonly topic: string;
  readonly settings: Readonly<Record<string, string>>;
  /** By partition: where the log begins, and the offset behind its last record or marker. */
  readonly bounds: readonly (readonly [startOffset: number, endOffset: number])[];
}

interface RecordLine {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers?: readonly (readonly [name: string, value: string | null])[];
}

/** What is not as brokers have it by default, and what records lie by. */
const SETTINGS = ["cleanup.policy", "retention.ms", "retention.bytes", "message.timestamp.type"];

/** Topics in the order of their names, each with its records behind it. */
export async function* linesOf(source: Source, admin: ClusterAdmin): AsyncGenerator<string> {
  for (const topic of await source.listTopics()) {
    const { partitions } = must(await source.describeTopic(topic), topic);
    const ofTopic = await admin.settingsOf(topic);
    const settings = Object.fromEntries(SETTINGS.flatMap((name) => (ofTopic.get(name) ? [[name, must(ofTopic.get(name))]] : [])));
    const ends = await Promise.all(Array.from({ length: partitions }, (_, partition) => source.bounds(topic, partition)));
    const bounds = ends.map(({ startOffset, endOffset }) => [startOffset, endOffset] as const);
    yield JSON.stringify({ topic, settings, bounds } satisfies TopicLine);
    for (let partition = 0; partition < partitions; partition++)
      for await (const slices of slicesOf(source, topic, partition))
        for (let row = 0; row < slices.count; row++) yield JSON.stringify(recordLine(slices, row));
  }
}

function recordLine(slices: RecordSlices, row: number): RecordLine {
  const bytes = (starts: Int32Array, ends: Int32Array): string | null =>
    (starts[row] as number) < 0 ? null : slices.bytes.toString("base64", starts[row], ends[row]);
  const headers = decodeHeaders(slices.bytes, slices.headerStarts[row] as number, slices.headerEnds[row] as number);
  return {
    topic: slices.topic,
    partition: slices.partition,
    offset: slices.offsets[row] as number,
    timestamp: slices.timestampsMs[row] as number,
    key: bytes(slices.keyStarts, slices.keyEnds),
    value: bytes(slices.valueStarts, slices.valueEnds),
    ...(headers.length === 0 ? {} : { headers: headers.map(([name, value]) => [name, value?.toString("base64") ?? null] as const) }),
  };
}

export interface EmptyCluster {
  readonly brokers: readonly string[];
  readonly source: Source;
  readonly admin: ClusterAdmin;
}

/** Makes the topics of the lines. Rejects where one is there already. */
export async function loadTopics(lines: readonly string[], cluster: EmptyCluster): Promise<readonly string[]> {
  const parsed = lines.map((line) => JSON.parse(line) as TopicLine | RecordLine);
  const topics = parsed.filter((line): line is TopicLine => "bounds" in line);
  const records = Map.groupBy(
    parsed.filter((line): line is RecordLine => "offset" in line),
    ({ topic, partition }) => `${partition} ${topic}`,
  );
  const producer = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    transactionalId: "kept-topics",
  });
  await producer.connect();
  try {
    for (const { topic, settings, bounds } of topics) {
      await cluster.admin.createNamed(topic, settings, bounds.length);
      for (const [partition, [startOffset, endOffset]] of bounds.entries()) {
        const isAt = (offset: number) =>
          until(async () => (await cluster.source.bounds(topic, partition)).endOffset === offset, `${topic}-${partition} at ${offset}`);
        if (startOffset > 0) await cluster.source.append(topic, nothing(startOffset, partition));
        for (const { isCommitted, own, end } of runsOf(records.get(`${partition} ${topic}`) ?? [], startOffset, endOffset)) {
          if (!isCommitted) await cluster.source.append(topic, own.map(rawRecord));
          else {
            const transaction = await producer.transaction();
            await transaction.send({ topic, messages: own.map(message) });
            await transaction.commit();
          }
          await isAt(end);
        }
        if (startOffset > 0) await cluster.source.trim(topic, partition, startOffset);
      }
    }
  } finally {
    await producer.disconnect();
  }
  return topics.map(({ topic }) => topic);
}

interface Run {
  readonly own: readonly RecordLine[];
  readonly isCommitted: boolean;
  /** Behind its records, and the marker that follows them. */
  readonly end: number;
}

/** Records one after the other up to the marker of a transaction, or to the end. */
function runsOf(records: readonly RecordLine[], startOffset: number, endOffset: number): readonly Run[] {
  const runs: Run[] = [];
  let own: RecordLine[] = [];
  let next = startOffset;
  const takeMarker = (): void => {
    next++;
    if (own.length === 0) throw new Error(`an offset without a record, or a marker behind one, at ${next - 1}`);
    runs.push({ own, isCommitted: true, end: next });
    own = [];
  };
  for (const record of records) {
    while (next < record.offset) takeMarker();
    own.push(record);
    next++;
  }
  while (next < endOffset) takeMarker();
  return own.length === 0 ? runs : [...runs, { own, isCommitted: false, end: next }];
}

function nothing(count: number, partition: number): readonly RawRecord[] {
  return Array.from({ length: count }, () => ({ key: Buffer.from("gone"), value: Buffer.alloc(0), timestampMs: 0, partition }));
}

const bytesOf = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, "base64"));

function rawRecord({ partition, timestamp, key, value, headers = [] }: RecordLine): RawRecord {
  const ofRecord = headers.map(([name, text]) => [name, bytesOf(text)] as const);
  return { key: bytesOf(key), value: bytesOf(value), timestampMs: timestamp, headers: ofRecord, partition };
}

function message({ partition, timestamp, key, value, headers = [] }: RecordLine) {
  const ofMessage = Object.fromEntries(headers.map(([name, text]) => [name, bytesOf(text) ?? Buffer.alloc(0)]));
  return { key: bytesOf(key), value: bytesOf(value), timestamp: String(timestamp), partition, headers: ofMessage };
}

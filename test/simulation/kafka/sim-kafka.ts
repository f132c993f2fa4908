import { Attribute, BatchField } from "../../../src/adapters/codecs/record-batch-format.ts";
import { walkRecordBatches } from "../../../src/adapters/codecs/record-batch-reader.ts";
import { RecordBatchWriter } from "../../../src/adapters/codecs/record-batch-writer.ts";
import type { FetchedPartition, ProducedBatch } from "../../../src/adapters/kafka/protocol/broker-connection.ts";
import { KafkaError } from "../../../src/adapters/kafka/protocol/error-code.ts";
import { parseJournalKey } from "../../../src/state/journal/keys.ts";
import type { SimBroker } from "../sim-broker.ts";
import type { LogRecord, SimPartition } from "../sim-log.ts";
import type { SimEnvironment, SimProcess } from "../sim-process.ts";
import type { SimStateLogs, StateLogWatch } from "../sim-state-log.ts";
import { SimTransactions } from "./sim-transactions.ts";

const STATE_TOPIC = /^sluice\.(.+)\.state$/;
const FETCHED_MAX = 40;

/** Of the records that a producer has sent to a partition. */
interface Sequences {
  next: number;
  /** Offsets by first sequence. */
  readonly offsets: Map<number, number>;
}

/** Brokers that know transactions, and the topics of the simulated ones: what they take and give are record batches. */
export class SimKafka {
  readonly transactions: SimTransactions;
  readonly broker: SimBroker;
  /** Topics whose rows are written in transactions. */
  readonly targets = new Set<string>();
  private readonly stateLogs: SimStateLogs;
  private readonly watch: StateLogWatch;
  private readonly sequences = new Map<string, Sequences>();

  constructor(env: SimEnvironment, broker: SimBroker, stateLogs: SimStateLogs, watch: StateLogWatch) {
    this.broker = broker;
    this.stateLogs = stateLogs;
    this.watch = watch;
    this.transactions = new SimTransactions(env);
  }

  /** Each batch once, in the order of its producer's sequence; those of a transaction only while it is open. */
  produce(
    { topic, partition: number, bytes }: ProducedBatch,
    transactionalId: string | null,
    process: SimProcess,
  ): { errorCode: number; baseOffset: number } {
    const place = `${number} ${topic}`;
    const partition = this.broker.topic(topic).partition(number);
    const producerId = Number(bytes.readBigInt64BE(BatchField.producerId));
    const producerEpoch = bytes.readInt16BE(BatchField.producerEpoch);
    const sequence = bytes.readInt32BE(BatchField.baseSequence);
    const part = transactionalId === null ? null : this.transactions.partOf({ transactionalId, producerEpoch }, place);
    const name = `${producerId} ${producerEpoch} ${place}`;
    const known = this.sequences.get(name) ?? { next: 0, offsets: new Map<number, number>() };
    this.sequences.set(name, known);
    const before = known.offsets.get(sequence);
    if (before !== undefined) return { errorCode: KafkaError.duplicateSequence, baseOffset: before };
    if (typeof part === "number") return { errorCode: part, baseOffset: -1 };
    if (sequence !== known.next) return { errorCode: KafkaError.outOfOrderSequence, baseOffset: -1 };
    const records = recordsOf(topic, number, bytes);
    const baseOffset = partition.nextOffset;
    const onStable = this.stateOf(topic, number, process);
    for (const record of records) partition.append(record, { part, onStable });
    known.next += records.length;
    known.offsets.set(sequence, baseOffset);
    return { errorCode: KafkaError.none, baseOffset };
  }

  /** Committed records; behind the last one a marker where nothing else is. */
  fetch(topic: string, number: number, offset: number): FetchedPartition {
    const partition = this.broker.topic(topic).partition(number);
    const { startOffset, endOffset } = partition;
    const all = this.recordsIn(topic, number, partition).filter((record) => record.offset >= offset);
    const taken = all.slice(0, FETCHED_MAX);
    const next = (taken.at(-1)?.offset ?? offset - 1) + 1;
    const batches = taken.map((record) => batchOf(record));
    if (taken.length === all.length && next < endOffset) batches.push(markerOf(next, endOffset - 1));
    const bytes = Buffer.concat(batches);
    const errorCode = offset > endOffset ? KafkaError.offsetNotAvailable : KafkaError.none;
    const common = { topic, partition: number, startOffset, lastStableOffset: endOffset, abortedTransactions: [] };
    return { ...common, errorCode, bytes, release: () => bytes.fill(0xff) };
  }

  private recordsIn(topic: string, number: number, { records }: SimPartition): readonly LogRecord[] {
    const pipeline = STATE_TOPIC.exec(topic)?.[1];
    if (pipeline === undefined) return records;
    // What the cleaner has left.
    return this.stateLogs.partition(pipeline, number).records.map(({ position, key, value }) => {
      return { offset: position, timestampMs: 0, key: Buffer.from(key), value, headers: null };
    });
  }

  /** What is done with a record of a pipeline's state once it counts. */
  private stateOf(topic: string, partition: number, process: SimProcess): (record: LogRecord) => void {
    const pipeline = STATE_TOPIC.exec(topic)?.[1];
    if (pipeline === undefined) return () => {};
    const log = this.stateLogs.partition(pipeline, partition);
    return ({ offset: position, key: bytes, value }) => {
      const key = bytes?.toString() ?? "";
      log.records.push({ position, key, value });
      if (key.startsWith("claim|")) log.claimed = position;
      const parsed = parseJournalKey(key);
      if (parsed === null) return;
      const generation = parsed.kind === "blob" ? parsed.id.generation : parsed.generation;
      const isFenced = log.claimed !== generation;
      this.watch.appended({ process, pipeline, partition, generation, position, isFenced }, [{ key, value }]);
    };
  }
}

function recordsOf(topic: string, partition: number, bytes: Buffer): readonly Omit<LogRecord, "offset">[] {
  const { batches } = walkRecordBatches({ topic, partition, bytes, start: 0, end: bytes.length, fromOffset: 0 });
  return batches.flatMap((slices) => {
    const part = (starts: Int32Array, ends: Int32Array, row: number): Buffer | null =>
      (starts[row] as number) < 0 ? null : Buffer.from(slices.bytes.subarray(starts[row], ends[row]));
    return Array.from({ length: slices.count }, (_, row) => ({
      timestampMs: slices.timestampsMs[row] as number,
      key: part(slices.keyStarts, slices.keyEnds, row),
      value: part(slices.valueStarts, slices.valueEnds, row),
      headers: part(slices.headerStarts, slices.headerEnds, row),
    }));
  });
}

function batchOf({ offset, timestampMs, key, value, headers }: LogRecord): Buffer {
  const writer = new RecordBatchWriter(256);
  writer.append(timestampMs, key, value, headers);
  return Buffer.from(writer.finish(offset));
}

/** A control batch, which gives no rows. */
function markerOf(first: number, last: number): Buffer {
  const bytes = batchOf({ offset: first, timestampMs: 0, key: null, value: null, headers: null });
  bytes.writeInt16BE(Attribute.control, BatchField.attributes);
  bytes.writeInt32BE(last - first, BatchField.lastOffsetDelta);
  return bytes;
}

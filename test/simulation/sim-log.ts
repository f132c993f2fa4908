import { SlicesBuilder } from "../../src/adapters/codecs/slices-builder.ts";
import { SluiceError } from "../../src/errors.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import type { LogBounds } from "../../src/ports/source.ts";
import type { SeededRandom } from "../property/random.ts";

export interface LogRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** A block as `encodeHeaders` makes it. */
  readonly headers: Buffer | null;
}

/** The part of a transaction that lies in one partition. */
export interface OpenTransaction {
  end: "commit" | "abort" | null;
}

interface Appending {
  /** The transaction that it is part of; null: of none. */
  readonly part: OpenTransaction | null;
  /** Readers of committed records come to it now. */
  readonly onStable: (record: LogRecord) => void;
}

/** At its offset, and not to be read yet: a transaction that is open lies at it or before it. */
interface Unstable extends Appending {
  readonly offset: number;
  /** null: nobody will ever see one. */
  readonly record: LogRecord | null;
  readonly offsets: number;
}

const PLAIN: Appending = { part: null, onStable: () => {} };

/** One partition, as readers of committed records see it: records at rising offsets, with holes where markers stand and where others were compacted away. */
export class SimPartition {
  readonly records: LogRecord[] = [];
  startOffset = 0;
  /** Up to the first transaction that is open. */
  endOffset = 0;
  nextOffset = 0;
  private readonly unstable: Unstable[] = [];
  private readonly waiting = new Set<() => void>();

  append(record: Omit<LogRecord, "offset">, appending = PLAIN): void {
    const offset = this.nextOffset;
    this.put({ ...appending, offset, record: { ...record, offset }, offsets: 1 });
  }

  /** A marker, or records that nobody will ever see. */
  leaveHole(offsets: number): void {
    this.put({ ...PLAIN, offset: this.nextOffset, record: null, offsets });
  }

  private put(unstable: Unstable): void {
    this.nextOffset += unstable.offsets;
    this.unstable.push(unstable);
    for (let first = this.unstable[0]; first !== undefined && !isOpen(first); first = this.unstable[0]) {
      this.unstable.shift();
      this.endOffset = first.offset + first.offsets;
      if (first.record === null || first.part?.end === "abort") continue;
      this.records.push(first.record);
      first.onStable(first.record);
    }
    this.wake();
  }

  /** What is trimmed is read no more; the checks look at it still. */
  trim(offset: number): void {
    this.startOffset = Math.max(this.startOffset, Math.min(offset, this.endOffset));
  }

  get bounds(): LogBounds {
    return { startOffset: this.startOffset, endOffset: this.endOffset };
  }

  /** Calls once, when something is appended; gives what takes it back. */
  onAppend(listener: () => void): () => void {
    this.waiting.add(listener);
    return () => this.waiting.delete(listener);
  }

  private wake(): void {
    for (const listener of [...this.waiting]) {
      this.waiting.delete(listener);
      listener();
    }
  }
}

const isOpen = ({ part }: Unstable): boolean => part !== null && part.end === null;

export class SimTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: readonly SimPartition[];
  readonly compacted: boolean;

  constructor(name: string, id: string, partitions: number, compacted: boolean) {
    this.name = name;
    this.id = id;
    this.partitions = Array.from({ length: partitions }, () => new SimPartition());
    this.compacted = compacted;
  }

  partition(number: number): SimPartition {
    const partition = this.partitions[number];
    if (partition === undefined) throw new SluiceError("TOPIC_MISSING", `${this.name} has no partition ${number}`);
    return partition;
  }
}

/** What one fetch gives: a piece of what there is, of any length, cut anywhere. */
export function cutRecords(
  topic: SimTopic,
  number: number,
  offset: number,
  random: SeededRandom,
): { readonly batches: readonly RecordSlices[]; readonly nextOffset: number } {
  const partition = topic.partition(number);
  const { records, endOffset, startOffset } = partition;
  if (offset < startOffset || offset > endOffset) {
    throw new SluiceError("OFFSET_OUT_OF_RANGE", `${topic.name}-${number}: ${offset} is outside of the log`);
  }
  const first = firstAtOrAfter(records, offset);
  const wanted = 1 + random.below(random.pick([3, 20, 200]));
  const taken = records.slice(first, first + wanted);
  const next = records[first + taken.length];
  const end = next === undefined ? endOffset : next.offset;
  const last = taken.at(-1);
  // Past markers and holes, or right behind the last record: a client may do either.
  const nextOffset = last !== undefined && random.chance(0.5) ? last.offset + 1 : end;
  if (last === undefined) return { batches: [], nextOffset };
  const builder = new SlicesBuilder(topic.name, number, 1 + random.below(random.pick([2, 10, 100])));
  for (const record of taken) builder.append(record.offset, record.timestampMs, record.key, record.value, record.headers);
  return { batches: builder.build(nextOffset), nextOffset };
}

function firstAtOrAfter(records: readonly LogRecord[], offset: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle] as LogRecord).offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { LogMark, RecordSlices } from "../../model/record-slices.ts";

const BYTES_PER_ROW = 2 * 8 + 6 * 4;

/** The columns of one `RecordSlices`, all in one allocation. */
interface Columns {
  readonly offsets: Float64Array;
  readonly timestampsMs: Float64Array;
  readonly keyStarts: Int32Array;
  readonly keyEnds: Int32Array;
  readonly valueStarts: Int32Array;
  readonly valueEnds: Int32Array;
  readonly headerStarts: Int32Array;
  readonly headerEnds: Int32Array;
}

/** Rows for which memory is made at a time, so that columns of nearly the same size find each other's. */
const GRAIN_ROWS = 2048;

/** No reader has more under way: one fetch is worked off, the next one waits. */
const SPARE_MAX = 4;

/** The columns of batches that were worked off, for the next ones. */
export class SpareColumns {
  private readonly spare: Columns[] = [];

  take(rows: number): Columns {
    const found = this.spare.findIndex(({ offsets }) => offsets.length >= rows);
    return (found < 0 ? undefined : this.spare.splice(found, 1)[0]) ?? makeColumns(Math.ceil(rows / GRAIN_ROWS) * GRAIN_ROWS);
  }

  giveBack({ offsets, timestampsMs, keyStarts, keyEnds, valueStarts, valueEnds, headerStarts, headerEnds }: Columns): void {
    if (this.spare.length === SPARE_MAX) this.spare.shift();
    this.spare.push({ offsets, timestampsMs, keyStarts, keyEnds, valueStarts, valueEnds, headerStarts, headerEnds });
  }
}

function makeColumns(rows: number): Columns {
  const memory = new ArrayBuffer(rows * BYTES_PER_ROW);
  const doubles = (i: number) => new Float64Array(memory, rows * 8 * i, rows);
  const integers = (i: number) => new Int32Array(memory, rows * (16 + 4 * i), rows);
  return {
    offsets: doubles(0),
    timestampsMs: doubles(1),
    keyStarts: integers(0),
    keyEnds: integers(1),
    valueStarts: integers(2),
    valueEnds: integers(3),
    headerStarts: integers(4),
    headerEnds: integers(5),
  };
}

const NO_MARK: LogMark = { offset: -1, timestampMs: -1, checksum: 0 };

/** Collects rows over one buffer into `RecordSlices` of at most `rowsMax` rows each. */
export class SlicesColumns {
  private readonly topic: string;
  private readonly partition: number;
  private readonly bytes: Buffer;
  private readonly rowsMax: number;
  private readonly spare: SpareColumns;
  private readonly done: RecordSlices[] = [];
  private columns = makeColumns(0);
  private count = 0;
  private rowsLeft = 0;
  private batchMark = NO_MARK;
  private rowMark = NO_MARK;

  constructor(topic: string, partition: number, bytes: Buffer, rowsMax: number, spare = new SpareColumns()) {
    this.topic = topic;
    this.partition = partition;
    this.bytes = bytes;
    this.rowsMax = rowsMax;
    this.spare = spare;
  }

  /** How many rows will be added at most: arrays are made for so many. */
  expect(rows: number): void {
    this.rowsLeft = rows;
    this.columns = this.spare.take(Math.min(rows, this.rowsMax));
  }

  add(
    offset: number,
    timestampMs: number,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    headerStart: number,
    headerEnd: number,
  ): void {
    if (this.count === this.rowsMax) this.cut(offset);
    const { columns } = this;
    const row = this.count++;
    columns.offsets[row] = offset;
    columns.timestampsMs[row] = timestampMs;
    columns.keyStarts[row] = keyStart;
    columns.keyEnds[row] = keyEnd;
    columns.valueStarts[row] = valueStart;
    columns.valueEnds[row] = valueEnd;
    columns.headerStarts[row] = headerStart;
    columns.headerEnds[row] = headerEnd;
    this.rowMark = this.batchMark;
  }

  /** The rows added from now on come from this record batch. */
  mark(mark: LogMark): void {
    this.batchMark = mark;
  }

  /** All rows; the log goes on at `nextOffset`. */
  finish(nextOffset: number): readonly RecordSlices[] {
    if (this.count > 0) this.done.push(this.slices(nextOffset));
    return this.done;
  }

  private cut(nextOffset: number): void {
    this.done.push(this.slices(nextOffset));
    this.rowsLeft -= this.count;
    this.columns = this.spare.take(Math.min(this.rowsLeft, this.rowsMax));
    this.count = 0;
  }

  private slices(nextOffset: number): RecordSlices {
    const { topic, partition, bytes, count, columns } = this;
    return { topic, partition, bytes, count, ...columns, nextOffset, mark: this.rowMark };
  }
}

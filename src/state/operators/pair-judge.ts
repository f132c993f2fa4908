import { LIMITS } from "../../limits.ts";
import type { ColumnBatch, FieldColumn } from "../../model/column-batch.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import { type PairTask, type PairTest, Verdict } from "../../plan/code/join-code.ts";
import { GatheredColumn } from "../gathered-column.ts";
import type { RowStore } from "../row-store.ts";
import type { JoinOptions } from "./join-options.ts";

/** Asks a condition about pairs of kept rows, of which only the columns are gathered that it reads. */
export class PairJudge implements PairTask {
  /** By pair. */
  verdicts: Uint8Array = new Uint8Array(0);
  /** Why the first of the pairs could not be judged; null: all were. */
  failure: string | null = null;
  private readonly test: PairTest;
  private readonly left: RowStore;
  private readonly right: RowStore;
  private readonly columns: readonly GatheredColumn[];
  private readonly leftColumns: readonly (GatheredColumn | null)[];
  private readonly rightColumns: readonly (GatheredColumn | null)[];
  private all = new Uint8Array(0);

  constructor(
    test: PairTest,
    { left: { fields: leftFields }, right: { fields: rightFields } }: JoinOptions,
    left: RowStore,
    right: RowStore,
  ) {
    this.test = test;
    this.left = left;
    this.right = right;
    this.columns = [...leftFields, ...rightFields].map((field) => new GatheredColumn(field));
    const read = this.columns.map((column, index) => (test.columns.includes(index) ? column : null));
    this.leftColumns = read.slice(0, leftFields.length);
    this.rightColumns = read.slice(leftFields.length);
  }

  /** The verdicts of the first `count` pairs; what cannot be judged is in `failure`. */
  judge(leftIds: Int32Array, rightIds: Int32Array, count: number): Uint8Array {
    if (this.all.length < count) this.all = new Uint8Array(2 ** Math.ceil(Math.log2(count)));
    this.failure = null;
    for (let from = 0; from < count; from += LIMITS.joinRowsMax) {
      const to = Math.min(from + LIMITS.joinRowsMax, count);
      this.judgeSome(leftIds.subarray(from, to), rightIds.subarray(from, to), this.all.subarray(from, to));
    }
    return this.all;
  }

  failed(_row: number, message: string): void {
    this.failure ??= message;
  }

  private judgeSome(leftIds: Int32Array, rightIds: Int32Array, verdicts: Uint8Array): void {
    const count = leftIds.length;
    for (const column of this.columns) column.reserve(count);
    this.left.gather(leftIds, 0, count, this.leftColumns);
    this.right.gather(rightIds, 0, count, this.rightColumns);
    this.verdicts = verdicts.fill(Verdict.asked);
    this.test.judge(judgedBatch(this.columns, count), 0, count, this);
  }
}

const NO_NUMBERS = new Float64Array(0);
const NO_PLACES = new Int32Array(0);
const NO_CONDITIONS = new Uint8Array(0);

/** No condition between rows reads the slices: what is in them belongs to one side. */
const NO_SLICES: RecordSlices = {
  topic: "",
  partition: 0,
  count: 0,
  bytes: Buffer.alloc(0),
  offsets: NO_NUMBERS,
  timestampsMs: NO_NUMBERS,
  keyStarts: NO_PLACES,
  keyEnds: NO_PLACES,
  valueStarts: NO_PLACES,
  valueEnds: NO_PLACES,
  headerStarts: NO_PLACES,
  headerEnds: NO_PLACES,
  nextOffset: 0,
  mark: { offset: -1, timestampMs: -1, checksum: 0 },
};

/** A batch for a condition alone. */
export function judgedBatch(columns: readonly FieldColumn[], count: number): ColumnBatch {
  return { slices: NO_SLICES, count, columns, conditions: NO_CONDITIONS, brokenReason: () => "" };
}

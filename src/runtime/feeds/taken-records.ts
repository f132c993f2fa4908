import type { SideRows } from "../../state/operators/operator.ts";

/**
 * The records of an input that are being taken, many at a time: what goes by stream time behind them has as its cause the one that moved
 * stream time so far, wherever a batch was cut.
 */
export class TakenRecords {
  /** Goes on with what is worked off; whatever is let go from now on was let go by this record or a later one. */
  at: number;
  readonly rows: SideRows;
  private readonly from: number;
  private readonly to: number;
  private readonly numbers: Float64Array;
  private readonly latestMs: Float64Array;

  /** Rows [from, to) of a stream; `numbers`: of the records, by row, rising. */
  constructor(rows: SideRows, from: number, to: number, numbers: Float64Array) {
    this.rows = rows;
    this.from = from;
    this.to = to;
    this.at = from;
    this.numbers = numbers;
    this.latestMs = rows.latestMs ?? rows.timesMs;
  }

  get last(): number {
    return this.to - 1;
  }

  /** Stream time before a row; -Infinity before the first one. */
  timeBeforeMs(row: number): number {
    return row > this.from ? (this.latestMs[row - 1] as number) : Number.NEGATIVE_INFINITY;
  }

  timeAfterMs(row: number): number {
    return this.latestMs[row] as number;
  }

  /** The row of the record with the number; -1: it is none of these. */
  rowOf(number: number): number {
    const row = this.first((each) => (this.numbers[each] as number) >= number);
    return row < this.to && this.numbers[row] === number ? row : -1;
  }

  /** The first row with which stream time comes to so much; the one behind the last: none. */
  reaching(timeMs: number): number {
    return this.first((row) => (this.latestMs[row] as number) >= timeMs);
  }

  /** The first row of which it is true; of all behind it, it is. */
  private first(isTrue: (row: number) => boolean): number {
    let [low, high] = [this.from, this.to];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isTrue(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

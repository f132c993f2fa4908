import type { FieldColumn } from "../../model/column-batch.ts";
import { GatheredColumn } from "../gathered-column.ts";

/** Some rows of a batch, moved together: cells and places are copied, texts are not. Arrays are used again from `begin` on. */
export class SelectedRows {
  /** The rows, in order. */
  rows: Int32Array = new Int32Array(0);
  count = 0;
  columns: readonly GatheredColumn[] = [];
  private readonly numbers: readonly number[];
  private readonly spareDoubles: Float64Array[] = [];
  private readonly spareIntegers: Int32Array[] = [];
  private doublesUsed = 0;
  private integersUsed = 0;

  /** `numbers`: of the columns that are wanted, in the batches they come from. */
  constructor(numbers: readonly number[]) {
    this.numbers = numbers;
  }

  begin(rowsMax: number): void {
    if (this.rows.length < rowsMax) this.rows = new Int32Array(2 ** Math.ceil(Math.log2(rowsMax)));
    this.count = 0;
    this.doublesUsed = 0;
    this.integersUsed = 0;
  }

  add(row: number): void {
    this.rows[this.count++] = row;
  }

  /** Puts the chosen rows' cells into `columns`. */
  take(columns: readonly FieldColumn[]): void {
    const sources = this.numbers.map((number) => columns[number] as FieldColumn);
    if (this.columns.length === 0) this.columns = sources.map(({ field }) => new GatheredColumn(field));
    for (const [i, source] of sources.entries()) this.takeColumn(source, this.columns[i] as GatheredColumn);
  }

  /** Values by row, of the chosen rows. */
  doubles(values: Float64Array): Float64Array {
    const index = this.doublesUsed++;
    const found = this.spareDoubles[index];
    const into = found !== undefined && found.length >= this.count ? found : new Float64Array(this.rows.length);
    this.spareDoubles[index] = into;
    const { rows, count } = this;
    for (let i = 0; i < count; i++) into[i] = values[rows[i] as number] as number;
    return into;
  }

  integers(values: Int32Array): Int32Array {
    const into = this.room();
    const { rows, count } = this;
    for (let i = 0; i < count; i++) into[i] = values[rows[i] as number] as number;
    return into;
  }

  /** -1 for each. */
  none(): Int32Array {
    return this.room().fill(-1, 0, this.count);
  }

  private room(): Int32Array {
    const index = this.integersUsed++;
    const found = this.spareIntegers[index];
    const into = found !== undefined && found.length >= this.count ? found : new Int32Array(this.rows.length);
    this.spareIntegers[index] = into;
    return into;
  }

  private takeColumn(source: FieldColumn, into: GatheredColumn): void {
    into.reserve(this.rows.length);
    into.bytes = source.bytes;
    into.dictionary = source.dictionary;
    into.ids = source.ids === null ? null : this.integers(source.ids);
    const { rows, count } = this;
    const { tags, numbers, starts, ends } = source;
    const { tags: toTags, numbers: toNumbers, starts: toStarts, ends: toEnds } = into;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      toTags[i] = tags[row] as number;
      toNumbers[i] = numbers[row] as number;
      toStarts[i] = starts[row] as number;
      toEnds[i] = ends[row] as number;
    }
  }
}

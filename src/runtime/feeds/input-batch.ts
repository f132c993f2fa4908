import { must } from "../../assert.ts";
import type { ColumnBatch } from "../../model/column-batch.ts";
import type { SideRows } from "../../state/operators/operator.ts";
import type { VersionClock } from "../tasks/version-clock.ts";
import type { BatchMarks, MarkVariant } from "./batch-marks.ts";
import type { InputPlace } from "./input-place.ts";
import { placeOf } from "./record-place.ts";

/** The batch of an input that is being taken, with what is made for it once. */
export class InputBatch {
  versions = new Float64Array(0);
  sequences = new Float64Array(0);
  private places = new Float64Array(0);
  /** null: only the task's own is read. */
  private readonly partition: number | null;
  private marks: BatchMarks | null = null;
  private batch: ColumnBatch | null = null;
  private variant: MarkVariant | null = null;

  constructor(partition: number | null) {
    this.partition = partition;
  }

  variantFor(marks: BatchMarks, { repeats }: InputPlace): MarkVariant {
    if (this.batch !== marks.batch || this.variant === null) {
      this.marks = marks;
      this.batch = marks.batch;
      this.variant = marks.variantFor(repeats);
      if (this.versions.length < marks.to) this.versions = new Float64Array(marks.to * 2);
      if (this.sequences.length < marks.to) this.sequences = new Float64Array(marks.to * 2);
    }
    return this.variant;
  }

  /** `isNumbered`: to what reads them their numbers are their offsets. */
  side(isNumbered: boolean): Omit<SideRows, "timesMs" | "fail"> {
    const { versions, sequences, places } = this;
    const batch = must(this.batch);
    const numbered = isNumbered ? { ...batch, slices: { ...batch.slices, offsets: sequences } } : batch;
    if (this.partition === null) return { batch: numbered, versions, sequences, coordinates: [batch.slices.offsets] };
    return { batch: numbered, versions, sequences, places, coordinates: [places] };
  }

  number(marks: BatchMarks, from: number, to: number, first: number, clock: VersionClock): void {
    marks.stamp(clock, from, to, this.versions);
    for (let row = from; row < to; row++) this.sequences[row] = first + row - from;
    const { partition, places } = this;
    if (partition === null) return;
    const { offsets } = marks.batch.slices;
    if (places.length < to) this.places = new Float64Array(to * 2);
    for (let row = from; row < to; row++) this.places[row] = placeOf(offsets[row] as number, partition);
  }

  /** Rows were taken of what other statements wrote. */
  follow({ repeats }: InputPlace, from: number, reached: number): void {
    const origins = this.marks?.origins ?? null;
    if (origins !== null) repeats.take(origins, from, reached);
  }
}

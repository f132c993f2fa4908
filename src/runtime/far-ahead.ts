import { LIMITS } from "../limits.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import type { FarAheadNote } from "../state/journal/blob.ts";

type Range = FarAheadNote["ranges"][number];

/**
 * Record timestamps that were too far ahead of the wall clock when they were first read (`runtime.md` §2): noted, so
 * that every reading of the log refuses the same ones. Offsets of records that lie side by side are kept as a range.
 */
export class FarAhead {
  private ranges: Range[] = [];

  add(note: FarAheadNote): void {
    // Older notes are of one record, and have no ranges.
    this.ranges.push(...(note.ranges ?? [[note.offset, note.offset]]));
  }

  /** The note that must be durable before these rows are fed, or null. */
  noteFor(slices: RecordSlices, nowMs: number): FarAheadNote | null {
    const bound = nowMs + LIMITS.aheadMs;
    const { topic, count, timestampsMs, offsets } = slices;
    const known = this.marksFor(slices);
    const ranges: [number, number][] = [];
    let isInRange = false;
    for (let row = 0; row < count; row++) {
      const isNew = (timestampsMs[row] as number) > bound && known?.[row] !== 1;
      const offset = offsets[row] as number;
      if (isNew && isInRange) (ranges.at(-1) as [number, number])[1] = offset;
      else if (isNew) ranges.push([offset, offset]);
      isInRange = isNew;
    }
    const last = ranges.at(-1);
    return last === undefined ? null : { kind: "far-ahead", topic, offset: last[1], ranges };
  }

  /** 1 for each row whose timestamp is refused; null: there is none in the batch. */
  marksFor({ count, offsets }: RecordSlices): Uint8Array | null {
    if (count === 0 || this.ranges.length === 0) return null;
    const near = this.ranges.filter(([first, last]) => last >= (offsets[0] as number) && first <= (offsets[count - 1] as number));
    if (near.length === 0) return null;
    near.sort(([left], [right]) => left - right);
    const marks = new Uint8Array(count);
    let next = 0;
    for (let row = 0; row < count && next < near.length; row++) {
      const offset = offsets[row] as number;
      while (next < near.length && (near[next] as Range)[1] < offset) next++;
      if (next < near.length && (near[next] as Range)[0] <= offset) marks[row] = 1;
    }
    return marks;
  }

  /** Offsets that no cursor will come to any more. */
  forget(below: number): void {
    if (this.ranges.length > 0) this.ranges = this.ranges.filter(([, last]) => last >= below);
  }
}

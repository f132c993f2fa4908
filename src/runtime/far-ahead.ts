import { LIMITS } from "../limits.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import type { FarAheadNote } from "../state/journal/blob.ts";

type Range = FarAheadNote["ranges"][number];

/** A note that is not durable, or of which nobody knows whether it is. */
interface Undecided {
  readonly note: FarAheadNote;
  readonly durable: Promise<void>;
}

/**
 * Record timestamps that were too far ahead of the wall clock when they were first read (`runtime.md` §2): noted, so
 * that every reading of the log refuses the same ones. Offsets of records that lie side by side are kept as a range.
 * One for all that read the log: a record is judged once, by the wall of the moment when the first of them comes to it.
 */
export class FarAhead {
  private ranges: Range[] = [];
  private undecided: readonly Undecided[] = [];
  /** The latest wall that was judged by: what was let through stays so where the wall is set back. */
  private wallMs = Number.NEGATIVE_INFINITY;

  add(note: FarAheadNote): void {
    this.ranges.push(...rangesOf(note));
  }

  /**
   * Resolves when it is durable which of these rows are refused; `append` makes the note of those that nobody has met before so. Who
   * comes to them meanwhile waits as well: a moment later the wall would let them through, and after a crash the note would not. Where
   * `append` rejects, nobody knows whether the note is in the log: all that come to these rows are rejected with it, until the log is
   * read again.
   */
  async decide(slices: RecordSlices, nowMs: number, append: (note: FarAheadNote) => Promise<void>): Promise<void> {
    this.wallMs = Math.max(this.wallMs, nowMs);
    const note = this.noteFor(slices, this.wallMs);
    if (note !== null) this.begin(note, append);
    if (this.undecided.length === 0) return;
    await Promise.all(this.undecided.filter((one) => meets(one.note, slices)).map(({ durable }) => durable));
  }

  private begin(note: FarAheadNote, append: (note: FarAheadNote) => Promise<void>): void {
    const durable = append(note).then(() => {
      this.add(note);
      this.undecided = this.undecided.filter((other) => other !== one);
    });
    const one = { note, durable };
    this.undecided = [...this.undecided, one];
    // Whoever is not there any more is not told.
    durable.catch(() => {});
  }

  /** Of the rows that are too far ahead, and of which nobody has said so yet. */
  private noteFor(slices: RecordSlices, wallMs: number): FarAheadNote | null {
    const bound = wallMs + LIMITS.aheadMs;
    const { topic, count, timestampsMs, offsets } = slices;
    const underWay = this.undecided.flatMap((one) => rangesOf(one.note));
    const known = marksOf(underWay.length === 0 ? this.ranges : [...this.ranges, ...underWay], slices);
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
  marksFor(slices: RecordSlices): Uint8Array | null {
    return marksOf(this.ranges, slices);
  }

  /** Offsets that no cursor will come to any more. */
  forget(below: number): void {
    if (this.ranges.length > 0) this.ranges = this.ranges.filter(([, last]) => last >= below);
  }
}

function rangesOf({ ranges, offset }: FarAheadNote): readonly Range[] {
  // Older notes are of one record, and have no ranges.
  return ranges ?? [[offset, offset]];
}

function meets(note: FarAheadNote, slices: RecordSlices): boolean {
  return marksOf(rangesOf(note), slices) !== null;
}

function marksOf(ranges: readonly Range[], { count, offsets }: RecordSlices): Uint8Array | null {
  if (count === 0 || ranges.length === 0) return null;
  const near = ranges.filter(([first, last]) => last >= (offsets[0] as number) && first <= (offsets[count - 1] as number));
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

import { LIMITS } from "../../limits.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { FarAheadNote, OffsetRange } from "../../state/journal/blob.ts";

/** A note that is not durable, or of which nobody knows whether it is. */
interface Undecided {
  readonly note: FarAheadNote;
  readonly durable: Promise<void>;
}

/**
 * Record timestamps that were too far ahead of the wall clock when they were first read (`runtime.md` §2): noted, so
 * that every reading of the log refuses the same ones. So are those that count, but would not by a wall that lags: what came of them is
 * not in a blob yet when the next owner reads them. Offsets of records that lie side by side are kept as a range.
 * One for all that read the log: a record is judged once, by the wall of the moment when the first of them comes to it.
 */
export class FarAhead {
  private refused: OffsetRange[] = [];
  private accepted: OffsetRange[] = [];
  private undecided: readonly Undecided[] = [];
  /** The latest wall that was judged by: what was let through stays so where the wall is set back. */
  private wallMs = Number.NEGATIVE_INFINITY;

  add(note: FarAheadNote): void {
    this.refused.push(...refusedBy(note));
    this.accepted.push(...(note.accepted ?? []));
  }

  /**
   * Resolves when it is durable which of these rows are refused; `append` makes the note of those that nobody has judged before so. Who
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

  /** Of the rows that are too far ahead, or nearly so, and of which nobody has said so yet. */
  private noteFor({ topic, count, timestampsMs, offsets }: RecordSlices, wallMs: number): FarAheadNote | null {
    const bound = wallMs + LIMITS.aheadMs;
    const sureMs = bound - LIMITS.wallsApartMsMax;
    let first = 0;
    while (first < count && (timestampsMs[first] as number) <= sureMs) first++;
    if (first === count) return null;
    const judged = [...this.refused, ...this.accepted, ...this.undecided.flatMap(({ note }) => judgedBy(note))];
    const known = marksOf(judged, offsets, count);
    const refused: [number, number][] = [];
    const accepted: [number, number][] = [];
    let before: [number, number][] | null = null;
    let last = -1;
    for (let row = first; row < count; row++) {
      const time = timestampsMs[row] as number;
      const offset = offsets[row] as number;
      const ranges = time <= sureMs || known?.[row] === 1 ? null : time > bound ? refused : accepted;
      if (ranges !== null && ranges === before) (ranges.at(-1) as [number, number])[1] = offset;
      else ranges?.push([offset, offset]);
      if (ranges !== null) last = offset;
      before = ranges;
    }
    if (last < 0) return null;
    return { kind: "far-ahead", topic, offset: last, ranges: refused, ...(accepted.length === 0 ? {} : { accepted }) };
  }

  /** 1 for each row whose timestamp is refused; null: there is none in the batch. */
  marksFor({ offsets, count }: RecordSlices): Uint8Array | null {
    return marksOf(this.refused, offsets, count);
  }

  /** Offsets that no cursor will come to any more. */
  forget(below: number): void {
    const isLeft = ([, last]: OffsetRange): boolean => last >= below;
    if (this.refused.length > 0) this.refused = this.refused.filter(isLeft);
    if (this.accepted.length > 0) this.accepted = this.accepted.filter(isLeft);
  }
}

function refusedBy({ ranges, offset }: FarAheadNote): readonly OffsetRange[] {
  // Older notes are of one record, and have no ranges.
  return ranges ?? [[offset, offset]];
}

function judgedBy(note: FarAheadNote): readonly OffsetRange[] {
  return [...refusedBy(note), ...(note.accepted ?? [])];
}

function meets(note: FarAheadNote, { offsets, count }: RecordSlices): boolean {
  return marksOf(judgedBy(note), offsets, count) !== null;
}

/** 1 for each row whose offset lies in a range; null: none does, or nearly so. */
function marksOf(ranges: readonly OffsetRange[], offsets: RecordSlices["offsets"], count: number): Uint8Array | null {
  if (count === 0 || ranges.length === 0) return null;
  const near = ranges.filter(([first, last]) => last >= (offsets[0] as number) && first <= (offsets[count - 1] as number));
  if (near.length === 0) return null;
  near.sort(([left], [right]) => left - right);
  const marks = new Uint8Array(count);
  let next = 0;
  for (let row = 0; row < count && next < near.length; row++) {
    const offset = offsets[row] as number;
    while (next < near.length && (near[next] as OffsetRange)[1] < offset) next++;
    if (next < near.length && (near[next] as OffsetRange)[0] <= offset) marks[row] = 1;
  }
  return marks;
}

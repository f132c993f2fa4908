import { LIMITS } from "../limits.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import type { Note } from "../state/journal/blob.ts";

/**
 * Record timestamps that were too far ahead of the wall clock when they were first read (`runtime.md` §2): noted, so
 * that every reading of the log refuses the same ones.
 */
export class FarAhead {
  private readonly offsets = new Set<number>();

  /** From the notes of the journal. */
  add(offset: number): void {
    this.offsets.add(offset);
  }

  /** The notes that must be durable before these rows are fed. */
  notesFor(slices: RecordSlices, nowMs: number): Note[] {
    const bound = nowMs + LIMITS.aheadMs;
    const notes: Note[] = [];
    for (let row = 0; row < slices.count; row++) {
      const timestampMs = slices.timestampsMs[row] as number;
      const offset = slices.offsets[row] as number;
      if (timestampMs > bound && !this.offsets.has(offset)) notes.push({ kind: "far-ahead", topic: slices.topic, offset, timestampMs });
    }
    return notes;
  }

  /** A test by row, or null where nothing in the batch is far ahead. */
  testFor(slices: RecordSlices): ((row: number) => boolean) | null {
    const { count, offsets } = slices;
    const isIn = (offset: number): boolean => offset >= (offsets[0] as number) && offset <= (offsets[count - 1] as number);
    if (count === 0 || ![...this.offsets].some(isIn)) return null;
    return (row) => this.offsets.has(slices.offsets[row] as number);
  }

  /** Offsets that no cursor will come to any more. */
  forget(below: number): void {
    for (const offset of this.offsets) if (offset < below) this.offsets.delete(offset);
  }
}

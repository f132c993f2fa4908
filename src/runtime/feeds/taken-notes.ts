import type { BlobHeader, TimeNote } from "../../state/journal/blob.ts";

type Marks = Pick<BlobHeader, "closedAt" | "idleAt">;

/** Which of the notes that move stream time are in a task's state already. */
export class TakenNotes {
  /** As blobs keep it. */
  marks: Required<Marks>;
  private readonly startCursor: number;

  constructor({ closedAt, idleAt = null }: Marks, startCursor: number) {
    this.marks = { closedAt, idleAt };
    this.startCursor = startCursor;
  }

  add(note: TimeNote, cursor: number): void {
    if (note.kind === "close") this.closed(cursor);
    else this.marks = { ...this.marks, idleAt: [note.offset, note.number] };
  }

  /** All windows were closed there. */
  closed(cursor: number): void {
    this.marks = { ...this.marks, closedAt: cursor };
  }

  /** Also of what was over before the statement began. */
  has(note: TimeNote): boolean {
    if (note.offset < this.startCursor) return true;
    const { closedAt, idleAt } = this.marks;
    if (note.kind === "close") return closedAt !== null && closedAt >= note.offset;
    if (idleAt === null) return false;
    const [offset, number] = idleAt;
    return offset > note.offset || (offset === note.offset && number >= note.number);
  }
}

import type { ColumnBatch } from "../../model/column-batch.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { Note, WallNote } from "../../state/journal/blob.ts";
import type { StatementTask } from "../tasks/statement-task.ts";

/**
 * When statements that go by processing time first read the records of a partition: noted before the records are fed, so that a
 * restart puts them into the same windows. A statement has its own times, which never go back.
 */
export class WallTimes {
  /** By statement; of one in the order of offsets. */
  private readonly notes = new Map<string, WallNote[]>();

  constructor(notes: readonly Note[]) {
    const own = notes.filter((note): note is WallNote => note.kind === "wall");
    for (const note of own.sort((left, right) => left.first - right.first)) this.add(note);
  }

  add(note: WallNote): void {
    const known = this.notes.get(note.statement);
    if (known === undefined) this.notes.set(note.statement, [note]);
    else known.push(note);
  }

  /** The notes that must be durable before the tasks are fed what lies before `endOffset`. */
  notesFor(tasks: Iterable<StatementTask>, { topic, count, offsets }: RecordSlices, endOffset: number, nowMs: number): readonly WallNote[] {
    const notes: WallNote[] = [];
    let last = count - 1;
    while (last >= 0 && (offsets[last] as number) >= endOffset) last--;
    if (last < 0) return notes;
    for (const { name, plan, cursor, streamTimeMs } of tasks) {
      if (plan.statement.settings.time !== "processing") continue;
      const { count: beginning } = plan.beginning;
      // What an earlier beginning read has no time in this one.
      const known = (this.notes.get(name) ?? []).filter((note) => note.beginning === beginning);
      this.notes.set(name, known);
      const latest = known.at(-1);
      const from = Math.max(cursor, (latest?.offset ?? -1) + 1);
      const offset = offsets[last] as number;
      if (offset < from) continue;
      const timeMs = Math.max(nowMs, latest?.timeMs ?? Number.NEGATIVE_INFINITY, streamTimeMs);
      notes.push({ kind: "wall", topic, first: from, offset, statement: name, beginning, timeMs });
    }
    return notes;
  }

  /** Writes the times of rows [from, to); NaN: nothing is noted of the row. */
  fill(statement: string, { slices: { offsets } }: ColumnBatch, from: number, to: number, times: Float64Array): void {
    const notes = this.notes.get(statement) ?? [];
    let next = 0;
    for (let row = from; row < to; row++) {
      const offset = offsets[row] as number;
      while (next < notes.length && (notes[next] as WallNote).offset < offset) next++;
      const note = notes[next];
      times[row] = note === undefined || note.first > offset ? Number.NaN : note.timeMs;
    }
  }

  /** Offsets that no cursor will come to any more. */
  forget(below: number): void {
    for (const [statement, notes] of this.notes) {
      const latest = notes.at(-1);
      // The last one says how far it is noted, and from which time on.
      if (notes.some(({ offset }) => offset < below))
        this.notes.set(
          statement,
          notes.filter((note) => note.offset >= below || note === latest),
        );
    }
  }
}

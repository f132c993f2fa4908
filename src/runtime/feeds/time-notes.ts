import type { IdleNote, Note, TimeNote } from "../../state/journal/blob.ts";
import type { StatementTask } from "../tasks/statement-task.ts";
import { Silence } from "./silence.ts";

/** The notes of a topic's partition that move stream time, in the order in which they apply. Every task takes each of them once. */
export class TimeNotes {
  private notes: TimeNote[];
  private readonly statement: string | null;

  /** Of the topic, by offset, then in the order written. `statement`: that has times of its own; null: those of all others. */
  constructor(notes: readonly Note[], statement: string | null = null) {
    const times = notes.filter((note) => note.kind === "close" || note.kind === "idle");
    this.notes = times.filter((note) => (note.statement ?? null) === statement);
    this.statement = statement;
  }

  /** A later one than those that are known at its offset. */
  add(note: TimeNote): void {
    const behind = this.notes.findIndex(({ offset }) => offset > note.offset);
    this.notes.splice(behind < 0 ? this.notes.length : behind, 0, note);
  }

  /** Offsets that no cursor will come to any more. */
  forget(below: number): void {
    if (this.notes.some(({ offset }) => offset < below)) this.notes = this.notes.filter(({ offset }) => offset >= below);
  }

  /** The offset of the first note behind; Infinity: none. */
  nextAfter(cursor: number): number {
    const next = this.notes.find(({ offset }) => offset > cursor);
    return next?.offset ?? Number.POSITIVE_INFINITY;
  }

  /** What the task has come to is done in it. False: its routes are full; to be called again when there is room. */
  apply(task: StatementTask): boolean {
    for (const note of this.notes) {
      if (note.offset > task.cursor) break;
      if (!isFor(task, note)) continue;
      const idleMs = note.kind === "idle" ? this.uncountedMs(task, note) : 0;
      if (!task.takeNote(note, idleMs)) return false;
    }
    return true;
  }

  /** All that `apply` would do is done. */
  areTakenBy(task: StatementTask): boolean {
    return !this.notes.some((note) => note.offset <= task.cursor && isFor(task, note));
  }

  /** The note of a silence at the cursor of the tasks, where it closes a window of one of them; else null. */
  idleNote(tasks: Iterable<StatementTask>, topic: string, offset: number, silence: Silence, wallMs: number): IdleNote | null {
    const before = this.notes.filter((note): note is IdleNote => note.kind === "idle" && note.offset === offset);
    const number = (before.at(-1)?.number ?? 0) + 1;
    const idleMs = silence.durationMs - silence.notedMs;
    const own = this.statement === null ? {} : { statement: this.statement };
    const note = { kind: "idle" as const, topic, offset, number, wallMs, silentMs: silence.durationMs, idleMs, ...own };
    for (const task of tasks) {
      if (isSilenceOf(task, note.silentMs) && task.wouldClose(wallMs, this.uncountedMs(task, note))) return note;
    }
    return null;
  }

  /** A whole silence at the cursor of the tasks; null: what of it is not counted yet closes nothing. */
  noteOfSilence(tasks: Iterable<StatementTask>, topic: string, offset: number, silentMs: number, wallMs: number): IdleNote | null {
    const notedMs = this.notes.reduce((sum, note) => sum + (note.kind === "idle" && note.offset === offset ? note.idleMs : 0), 0);
    return this.idleNote(tasks, topic, offset, Silence.of(silentMs, Math.min(notedMs, silentMs)), wallMs);
  }

  /** The silence at the offset, this note's included, that the task has not counted: its time-out was longer than that of earlier notes. */
  private uncountedMs(task: StatementTask, note: IdleNote): number {
    let sumMs = note.idleMs;
    for (const other of this.notes) {
      if (other.kind === "idle" && other.offset === note.offset && other.number < note.number && !task.hasTaken(other))
        sumMs += other.idleMs;
    }
    return sumMs;
  }
}

/** It says something to the task that is not in its state yet. */
function isFor(task: StatementTask, note: TimeNote): boolean {
  return !task.hasTaken(note) && (note.kind !== "idle" || isSilenceOf(task, note.silentMs));
}

function isSilenceOf({ plan }: StatementTask, silentMs: number): boolean {
  const { idleTimeoutMs } = plan.statement.settings;
  return idleTimeoutMs > 0 && silentMs >= idleTimeoutMs;
}

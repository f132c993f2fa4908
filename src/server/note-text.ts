import type { StatementEvent } from "../project/statements/context.ts";

/** What of the events of a statement is for whoever asked for it; null: nothing. */
function noteText(event: StatementEvent): string | null {
  switch (event.kind) {
    case "note":
      return event.text;
    case "trouble":
    case "notice":
      return event.message;
    case "waiting":
      return `waiting for ${event.topics.join(", ")}, which does not exist yet`;
    case "skipped":
      return `skipped: ${event.error.message}`;
    case "late":
      return `late: ${event.error.message}`;
    default:
      return null;
  }
}

/** Notes for the next answer, of which no more are kept than a reader could want, and none twice in a row. */
export function addNote(notes: string[], event: StatementEvent): void {
  const text = noteText(event);
  if (text !== null && notes.length < NOTES_MAX && notes.at(-1) !== text) notes.push(text);
}

const NOTES_MAX = 20;

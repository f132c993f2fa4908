import { must } from "../../src/assert.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Note } from "../../src/state/journal/blob.ts";
import { readNote } from "../../src/state/journal/json-records.ts";
import { parseJournalKey } from "../../src/state/journal/keys.ts";
import { unseal } from "../../src/state/journal/seal.ts";
import { withParts } from "../property/wrap-connection.ts";

type NoteOf<K extends Note["kind"]> = Extract<Note, { readonly kind: K }>;

/** Sees the notes of one kind of all state logs; while it holds them, they are durable and nobody is told. */
export class SeenNotes<K extends Note["kind"]> {
  readonly seen: NoteOf<K>[] = [];
  isHeld = false;
  private readonly kind: K;

  constructor(kind: K) {
    this.kind = kind;
  }

  readonly wrap = (connection: Connection): Connection =>
    withParts(connection, {
      openStateLog: async (pipeline, partitions) => {
        const log = must(await connection.openStateLog(pipeline, partitions));
        return withParts(log, {
          append: async (partition, generation, entries) => {
            await log.append(partition, generation, entries);
            for (const { key, value } of entries) {
              if (parseJournalKey(key)?.kind !== "note" || value === null) continue;
              const note = readNote(must(unseal(value, key, partition)));
              if (!this.isOfKind(note)) continue;
              this.seen.push(note);
              if (this.isHeld) await new Promise(() => {});
            }
          },
        });
      },
    });

  private isOfKind(note: Note): note is NoteOf<K> {
    return note.kind === this.kind;
  }
}

import { LIMITS } from "../../limits.ts";
import { type ChangeBatch, documentOf, idOf, Operation } from "../../model/change.ts";
import { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { RecordsAt } from "../feeds/records-at.ts";
import { keptChange, type SentTo } from "../tasks/kept-change.ts";
import type { LetterWriter } from "./dead-letter.ts";
import { REFUSED, type RefusedChanges } from "./route.ts";

export interface RefusedLettersOptions {
  readonly letters: LetterWriter;
  readonly recordsAt: RecordsAt | null;
  readonly statement: string;
  readonly topic: string;
  readonly origin: { readonly partition: number };
}

/** The dead letters of refused changes, some at a time; each has the record that its change comes from, where there is one. */
export async function* lettersOf(
  { batch, rows, errors, attempts }: RefusedChanges,
  { letters, recordsAt, statement, topic, origin: { partition } }: RefusedLettersOptions,
  sentTo: SentTo | null,
  signal: AbortSignal,
): AsyncGenerator<ChangeBatch> {
  const offsetOf = (row: number): number => batch.causeOffsets[row] as number;
  for (let from = 0; from < rows.length; from += LIMITS.deadLettersMadeMax) {
    const some = rows.slice(from, from + LIMITS.deadLettersMadeMax);
    const records = await recordsAt?.(some.map(offsetOf), signal);
    const out = new ChangeBatchBuilder();
    for (const row of some) {
      const record = records?.get(offsetOf(row)) ?? null;
      letters.add(out, {
        statement,
        topic,
        partition,
        offset: offsetOf(row),
        step: `write ${idOf(batch, row)}`,
        ordinal: batch.causeOrdinals[row] as number,
        attempts,
        timestampMs: record?.timestampMs ?? (batch.timestampsMs[row] as number),
        version: batch.versions[row] as number,
        record,
        document: batch.operations[row] === Operation.delete ? null : documentOf(batch, row),
        change: sentTo === null ? null : keptChange(batch, row, sentTo),
        error: errors.get(row) ?? REFUSED,
      });
    }
    yield out.build();
  }
}

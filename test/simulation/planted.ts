import { type ChangeBatch, idOf, Operation } from "../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";
import { Outcome, type Sink } from "../../src/ports/sink.ts";
import type { StateLog, StateRecord } from "../../src/ports/state-log.ts";
import type { BlobId } from "../../src/state/journal/blob.ts";
import { type Chunk, encodeBlob, joinChunks, readChunk } from "../../src/state/journal/blob-chunks.ts";
import { parseJournalKey } from "../../src/state/journal/keys.ts";
import { unseal } from "../../src/state/journal/seal.ts";
import { SOUND, type Wiring } from "./sim-connection.ts";
import { isInternal } from "./sim-sinks.ts";
import { takesLetters } from "./statement-parts.ts";

/** Defects between the runtime and the simulated outside, as if they were the runtime's: each must be found. */
export const PLANTED: Readonly<Record<string, Wiring>> = {
  "a commit before the acknowledgement": { ...SOUND, sink: acknowledgingAtOnce },
  "versions that do not rise": { ...SOUND, sink: withVersionsOfTimestamps },
  "a state restored without its position": { ...SOUND, stateLog: forgettingCursors },
  "a barrier that loses deletes": { ...SOUND, sink: withoutUnseenDeletes },
  "notes that are not durable before their effect": { ...SOUND, stateLog: writingNotesLater },
  "partial results that are acknowledged before they are written": ofPartials(acknowledgingAtOnce),
  "dead letters of refused rows that are lost": {
    ...SOUND,
    sink: (sink, _process, { name }) => (takesLetters(name) ? losingRefusedRows(sink) : sink),
  },
  "rows that are committed after the position that they rest on": { ...SOUND, stateLog: committingLater, isOfTransactions: true },
  "stream time that is told before the partial results it closes": ofPartials(tellingTimeFirst),
};

/** Says that all is written, and then writes it. */
function acknowledgingAtOnce(sink: Sink): Sink {
  return {
    ...sharedParts(sink),
    write: async (batch, origin, signal) => {
      void sink.write(copyOf(batch), origin, signal).catch(() => {});
      return { outcomes: new Uint8Array(batch.count).fill(Outcome.written), errors: new Map(), retryAfterMs: null };
    },
  };
}

/** Between the stages of what is repartitioned alone. */
function ofPartials(planted: (sink: Sink) => Sink): Wiring {
  return { ...SOUND, isOfPartials: true, sink: (sink, _process, { name }) => (isInternal(name) ? planted(sink) : sink) };
}

function losingRefusedRows(sink: Sink): Sink {
  return {
    ...sharedParts(sink),
    write: async (batch, origin, signal) => {
      const rows = [...Array(batch.count).keys()].filter((row) => !idOf(batch, row).includes('"write '));
      await sink.write(partOf(batch, rows), origin, signal);
      return { outcomes: new Uint8Array(batch.count).fill(Outcome.written), errors: new Map(), retryAfterMs: null };
    },
  };
}

function tellingTimeFirst(sink: Sink): Sink {
  return {
    ...sharedParts(sink),
    write: async (batch, origin, signal) => {
      const isTime = (row: number): boolean => (batch.keyStarts[row] as number) < 0;
      const rows = [...Array(batch.count).keys()];
      await sink.write(partOf(batch, rows.filter(isTime)), origin, signal);
      const rest = rows.filter((row) => !isTime(row));
      const result = await sink.write(partOf(batch, rest), origin, signal);
      return { ...result, outcomes: new Uint8Array(batch.count).fill(Outcome.written) };
    },
  };
}

function withVersionsOfTimestamps(sink: Sink): Sink {
  return {
    ...sharedParts(sink),
    write: (batch, origin, signal) => sink.write({ ...batch, versions: batch.timestampsMs.map((time) => time * 1000) }, origin, signal),
  };
}

/** Sends a delete only of what this process has sent before. */
function withoutUnseenDeletes(sink: Sink): Sink {
  const seen = new Set<string>();
  return {
    ...sharedParts(sink),
    write: async (batch, origin, signal) => {
      const rows = [...Array(batch.count).keys()].filter((row) => {
        const id = idOf(batch, row);
        if (batch.operations[row] !== Operation.delete) seen.add(id);
        return seen.has(id);
      });
      const result = await sink.write(partOf(batch, rows), origin, signal);
      const outcomes = new Uint8Array(batch.count).fill(Outcome.written);
      for (const [at, row] of rows.entries()) outcomes[row] = result.outcomes[at] as number;
      const errors = new Map([...result.errors].map(([at, error]) => [rows[at] as number, error]));
      return { ...result, outcomes, errors };
    },
  };
}

function forgettingCursors(log: StateLog): StateLog {
  return {
    ...log,
    claim: async (partition, owner) => {
      const claim = await log.claim(partition, owner);
      return { ...claim, records: claim.records.length === 0 ? [] : withoutCursors(claim.records, partition) };
    },
  };
}

function withoutCursors(records: readonly StateRecord[], partition: number): readonly StateRecord[] {
  const chunks = new Map<
    string,
    { readonly id: BlobId; readonly statement: string; readonly found: Map<number, Chunk>; position: number }
  >();
  const others: StateRecord[] = [];
  for (const record of records) {
    const parsed = parseJournalKey(record.key);
    const body = record.value === null || parsed?.kind !== "blob" ? null : unseal(record.value, record.key, partition);
    if (parsed?.kind !== "blob" || body === null) {
      others.push(record);
      continue;
    }
    const name = `${parsed.statement} ${parsed.id.generation} ${parsed.id.sequence}`;
    const blob = chunks.get(name) ?? { id: parsed.id, statement: parsed.statement, found: new Map<number, Chunk>(), position: 0 };
    blob.found.set(parsed.chunk, readChunk(body));
    blob.position = record.position;
    chunks.set(name, blob);
  }
  const gone = new Set(others.filter(({ value }) => value === null).map(({ key }) => key));
  const again = [...chunks.values()].flatMap(({ id, statement, found, position }) => {
    const blob = joinChunks(id, found);
    if (blob === null || blob.header === null) return [];
    const { entries } = encodeBlob(statement, { ...blob, header: { ...blob.header, cursor: 0 } });
    return [...entries()].filter(({ key }) => !gone.has(key)).map(({ key, value }) => ({ key, value, position }));
  });
  return [...others, ...again].sort((left, right) => left.position - right.position);
}

/** Two seconds later, in which the process may die. */
function writingNotesLater(log: StateLog, process: Parameters<Wiring["stateLog"]>[1]): StateLog {
  return {
    ...log,
    append: async (partition, generation, entries, transactionOf) => {
      const isOfNotes = entries.length > 0 && entries.every(({ key }) => key.startsWith("note|"));
      if (!isOfNotes) return log.append(partition, generation, entries, transactionOf);
      void process.clock.sleep(2000).then(() => log.append(partition, generation, entries).catch(() => {}));
    },
  };
}

/** The position first, by itself; then the rows, with a note that says nothing new. */
function committingLater(log: StateLog): StateLog {
  return {
    ...log,
    append: async (partition, generation, entries, transactionOf) => {
      await log.append(partition, generation, entries);
      if (transactionOf !== undefined) await log.append(partition, generation, entries, transactionOf);
    },
  };
}

function sharedParts(sink: Sink): Omit<Sink, "write"> {
  return { overlaps: sink.overlaps ?? false, spreads: sink.spreads ?? false, close: () => sink.close() };
}

function partOf(batch: ChangeBatch, rows: readonly number[]): ChangeBatch {
  const builder = new ChangeBatchBuilder();
  for (const row of rows) builder.addCopy(batch, row);
  return builder.build();
}

const copyOf = (batch: ChangeBatch): ChangeBatch => partOf(batch, [...Array(batch.count).keys()]);

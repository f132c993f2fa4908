import type { StateRecord } from "../../ports/state-log.ts";
import type { BlobId, Note } from "./blob.ts";
import { compareBlobIds } from "./blob.ts";
import type { ChainedBlob, Chunk } from "./blob-chunks.ts";
import { joinChunks, readChunk } from "./blob-chunks.ts";
import { readNote, readVersionMax } from "./json-records.ts";
import type { JournalKey } from "./keys.ts";
import { parseJournalKey } from "./keys.ts";
import { unseal } from "./seal.ts";

/** What the log has of one statement. */
export interface StatementRecords {
  readonly name: string;
  /** What to restore: a snapshot and the deltas after it, or nothing. */
  readonly chain: readonly ChainedBlob[];
  /** A whole blob lies beyond the chain and does not belong to it. No crash does that: records were damaged or lost. */
  readonly damaged: boolean;
  /** Of all records, by rising blob id. */
  readonly keys: readonly string[];
}

export interface NoteRecord {
  readonly key: string;
  readonly note: Note;
}

/** What the records of one partition before a claim amount to. */
export interface Restored {
  readonly statements: readonly StatementRecords[];
  /** In the order in which they apply. */
  readonly notes: readonly NoteRecord[];
  readonly versionMax: number;
  /** The last generation that began; 0: none has. */
  readonly generation: number;
  /** Keys that no reader will ever need, in the order in which they may go. */
  readonly useless: readonly string[];
}

type BlobKey = Extract<JournalKey, { kind: "blob" }>;
interface LiveRecord {
  readonly key: string;
  readonly parsed: JournalKey;
  readonly position: number;
  /** null: torn or damaged. */
  readonly body: Buffer | null;
}
interface BlobRecords {
  readonly id: BlobId;
  readonly keys: string[];
  readonly chunks: Map<number, Chunk>;
}

/**
 * A function of the last record of each key alone, tombstones taken out: that is what compaction preserves,
 * so restoring after it gives what restoring before it gave.
 */
export function restore(records: readonly StateRecord[], partition: number): Restored {
  const live = liveRecords(records, partition);
  const isFenced = fences(live);
  const statements = new Map<string, Map<string, BlobRecords>>();
  const notes: (NoteRecord & { readonly order: BlobId })[] = [];
  const unusable: string[] = [];
  const generations: string[] = [];
  let versionMax = 0;
  let generation = 0;
  for (const { key, parsed, position, body } of live) {
    const fenced = isFenced(generationOf(parsed), position);
    versionMax = Math.max(versionMax, body === null ? 0 : versionIn(parsed, body));
    if (parsed.kind === "generation") {
      generations.push(key);
      generation = Math.max(generation, parsed.generation);
    } else if (fenced) unusable.push(key);
    else if (parsed.kind === "blob") collect(statements, parsed, key, body);
    else if (body === null) unusable.push(key);
    else notes.push({ key, note: readNote(body), order: parsed });
  }
  notes.sort((left, right) => compareNotes(left.note, right.note) || compareBlobIds(left.order, right.order));
  const restored = [...statements].map(([name, blobs]) => restoreStatement(name, [...blobs.values()]));
  const dropped = restored.filter(isDropped).flatMap((statement) => statement.keys);
  return {
    statements: restored.filter((statement) => !isDropped(statement)),
    notes,
    versionMax,
    generation,
    // Generations last: they are what makes the unusable ones so.
    useless: [...dropped, ...unusable, ...generations],
  };
}

/** By topic, then by offset. */
export function compareNotes(left: Note, right: Note): number {
  if (left.topic !== right.topic) return left.topic < right.topic ? -1 : 1;
  return left.offset - right.offset;
}

function liveRecords(records: readonly StateRecord[], partition: number): LiveRecord[] {
  const last = new Map(records.map((record) => [record.key, record]));
  const live: LiveRecord[] = [];
  for (const { key, value, position } of last.values()) {
    const parsed = parseJournalKey(key);
    if (value !== null && parsed !== null) live.push({ key, parsed, position, body: unseal(value, key, partition) });
  }
  return live;
}

/**
 * A record is ignored if a higher generation had claimed the partition before it was written, and then began.
 * Claims themselves show too little, since one disappears when its owner claims again, and too much: who claimed
 * and never began has done nothing. A generation that began after a higher one had claimed is ignored in turn.
 */
function fences(live: readonly LiveRecord[]): (generation: number, position: number) => boolean {
  const began = live.flatMap(({ parsed, position }) =>
    parsed.kind === "generation" && parsed.sequence === 0 ? [{ generation: parsed.generation, position }] : [],
  );
  began.sort((left, right) => right.generation - left.generation);
  /** Falling: the last one found is the lowest above a generation. */
  const effective: number[] = [];
  const isFenced = (generation: number, position: number): boolean => {
    const next = effective.findLast((higher) => higher > generation);
    return next !== undefined && next <= position;
  };
  for (const { generation, position } of began) if (!isFenced(generation, position)) effective.push(generation);
  return isFenced;
}

function generationOf(key: JournalKey): number {
  return key.kind === "blob" ? key.id.generation : key.generation;
}

/** The highest version that a record names; 0 if none. */
function versionIn(key: JournalKey, body: Buffer): number {
  if (key.kind === "blob") return readChunk(body).clock;
  if (key.kind === "generation") return readVersionMax(body);
  const note = readNote(body);
  return note.kind === "base" ? note.base : 0;
}

function collect(statements: Map<string, Map<string, BlobRecords>>, parsed: BlobKey, key: string, body: Buffer | null): void {
  const blobs = statements.get(parsed.statement) ?? new Map<string, BlobRecords>();
  statements.set(parsed.statement, blobs);
  const name = idName(parsed.id);
  const blob = blobs.get(name) ?? { id: parsed.id, keys: [], chunks: new Map<number, Chunk>() };
  blobs.set(name, blob);
  blob.keys.push(key);
  if (body !== null) blob.chunks.set(parsed.chunk, readChunk(body));
}

/** The chain to the highest blob that has one: so a gap ends a chain, and of two branches the higher generation is right. */
function restoreStatement(name: string, blobs: BlobRecords[]): StatementRecords {
  blobs.sort((left, right) => compareBlobIds(left.id, right.id));
  const chained = new Map<string, ChainedBlob>();
  let tip: ChainedBlob | null = null;
  let damaged = false;
  for (const { id, chunks } of blobs) {
    const blob = joinChunks(id, chunks);
    if (blob === null) continue;
    damaged = blob.previous !== null && !chained.has(idName(blob.previous));
    if (damaged) continue;
    chained.set(idName(id), blob);
    tip = blob;
  }
  const chain: ChainedBlob[] = [];
  for (let blob = tip; blob !== null; blob = blob.previous && (chained.get(idName(blob.previous)) ?? null)) chain.push(blob);
  chain.reverse();
  return { name, chain, damaged, keys: blobs.flatMap((blob) => blob.keys) };
}

function isDropped({ chain }: StatementRecords): boolean {
  return chain.at(-1)?.header === null;
}

function idName(id: BlobId): string {
  return `${id.generation}/${id.sequence}`;
}

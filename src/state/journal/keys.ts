import type { BlobId } from "./blob.ts";

/**
 * What a record of the state log is, from its key alone. No two records share a key, whoever wrote them and whenever,
 * so compaction never takes one for a newer edition of the other; only tombstones repeat a key.
 */
export type JournalKey =
  | { readonly kind: "blob"; readonly statement: string; readonly id: BlobId; readonly chunk: number }
  | { readonly kind: "note"; readonly generation: number; readonly sequence: number }
  | { readonly kind: "generation"; readonly generation: number; readonly sequence: number };

const NUMBER_DIGITS = 16;
const CHUNK_DIGITS = 6;
const BLOB_KEY = /^blob\|((?:[\w.-]|%[\da-f]{4})*)\|(\d{16})\|(\d{16})\|(\d{6})$/;
const COUNTED_KEY = /^(note|generation)\|(\d{16})\|(\d{16})$/;

export function blobKey(statement: string, id: BlobId, chunk: number): string {
  return `blob|${escapeName(statement)}|${padded(id.generation)}|${padded(id.sequence)}|${String(chunk).padStart(CHUNK_DIGITS, "0")}`;
}

export function noteKey(generation: number, sequence: number): string {
  return `note|${padded(generation)}|${padded(sequence)}`;
}

/** Sequence 0: the generation has begun. All of them: the highest version known to it then. */
export function generationKey(generation: number, sequence: number): string {
  return `generation|${padded(generation)}|${padded(sequence)}`;
}

/** null: not a record of the journal; claims are the state log's own. */
export function parseJournalKey(key: string): JournalKey | null {
  const blob = BLOB_KEY.exec(key);
  if (blob !== null) {
    const [, name = "", generation, sequence, chunk] = blob;
    const id = { generation: Number(generation), sequence: Number(sequence) };
    return { kind: "blob", statement: unescapeName(name), id, chunk: Number(chunk) };
  }
  const counted = COUNTED_KEY.exec(key);
  if (counted === null) return null;
  return { kind: counted[1] as "note" | "generation", generation: Number(counted[2]), sequence: Number(counted[3]) };
}

function padded(count: number): string {
  return String(count).padStart(NUMBER_DIGITS, "0");
}

/** By UTF-16 code unit, so that every string has a key, also one that is not well formed. */
function escapeName(name: string): string {
  return name.replace(/[^\w.-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function unescapeName(name: string): string {
  return name.replace(/%([\da-f]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

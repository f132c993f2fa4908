import { LIMITS } from "../../limits.ts";
import type { StateEntry } from "../../ports/state-log.ts";
import type { BlobHeader, BlobId } from "./blob.ts";
import { blobKey } from "./keys.ts";
import { SEAL_BYTES, seal } from "./seal.ts";

/** A blob as the journal keeps it. */
export interface ChainedBlob {
  readonly id: BlobId;
  /** null: here the statement's state was dropped. Needs no predecessor and undoes all before it, like a snapshot. */
  readonly header: BlobHeader | null;
  /** The blob that a delta applies to; null for what needs none. */
  readonly previous: BlobId | null;
  readonly payload: Buffer;
}

export interface Chunk {
  /** Chunks of the whole blob. */
  readonly count: number;
  /** The blob's clock, in each chunk: versions count for the base even when the blob is torn. */
  readonly clock: number;
  readonly bytes: Buffer;
}

/** Chunk count (4 bytes), clock (8 bytes). */
const PREFIX_BYTES = 12;
const HEAD_LENGTH_BYTES = 4;

/** A blob cut into records, none with a value above `LIMITS.stateChunkBytesMax`; at least one. */
export interface EncodedBlob {
  readonly keys: readonly string[];
  /** Encoded one by one, as they are asked for: all at once would double a large state, and stop everything else for too long. */
  readonly entries: () => Iterable<StateEntry>;
}

export function encodeBlob(statement: string, { id, header, previous, payload }: ChainedBlob): EncodedBlob {
  const headText = Buffer.from(JSON.stringify({ header, previous }));
  const headLength = Buffer.alloc(HEAD_LENGTH_BYTES);
  headLength.writeUInt32BE(headText.length);
  const head = Buffer.concat([headLength, headText]);
  const room = LIMITS.stateChunkBytesMax - SEAL_BYTES - PREFIX_BYTES;
  const count = Math.ceil((head.length + payload.length) / room);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(count);
  prefix.writeDoubleBE(header?.clock ?? 0, 4);
  const keys = Array.from({ length: count }, (_, chunk) => blobKey(statement, id, chunk));
  function* entries(): Iterable<StateEntry> {
    for (const [chunk, key] of keys.entries()) {
      const [from, to] = [chunk * room, (chunk + 1) * room];
      const payloadPart = payload.subarray(Math.max(from - head.length, 0), Math.max(to - head.length, 0));
      yield { key, value: seal(prefix, head.subarray(from, to), payloadPart) };
    }
  }
  return { keys, entries };
}

/** `body`: what `unseal` gave. */
export function readChunk(body: Buffer): Chunk {
  return { count: body.readUInt32BE(0), clock: body.readDoubleBE(4), bytes: body.subarray(PREFIX_BYTES) };
}

/** The blob of these chunks, by chunk number; null as long as one is missing. */
export function joinChunks(id: BlobId, chunks: ReadonlyMap<number, Chunk>): ChainedBlob | null {
  const count = chunks.get(0)?.count;
  if (count === undefined) return null;
  const parts: Buffer[] = [];
  for (let chunk = 0; chunk < count; chunk++) {
    const part = chunks.get(chunk);
    if (part === undefined) return null;
    parts.push(part.bytes);
  }
  const whole = Buffer.concat(parts);
  const headEnd = HEAD_LENGTH_BYTES + whole.readUInt32BE(0);
  const head = JSON.parse(whole.toString("utf8", HEAD_LENGTH_BYTES, headEnd)) as Pick<ChainedBlob, "header" | "previous">;
  return { id, header: head.header, previous: head.previous, payload: whole.subarray(headEnd) };
}

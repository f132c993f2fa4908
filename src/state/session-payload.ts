import { SluiceError } from "../errors.ts";
import { STATE_FORMAT } from "../plan/plan-pipeline.ts";
import type { GroupKeys } from "./group-keys.ts";
import type { ClosingPlace } from "./grouped-state.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";
import type { SessionSlot } from "./session-slot.ts";

/** The session closed last, in the order in which they close: all before it are closed as well. */
export interface SessionsClosed {
  readonly endMs: number;
  readonly startMs: number;
  readonly sight: number;
}

interface SessionsPlace {
  readonly closing: ClosingPlace | null;
  readonly closed: SessionsClosed;
  /** Sessions opened so far. */
  readonly sights: number;
}

export interface SessionsToWrite extends SessionsPlace {
  readonly slot: SessionSlot;
  readonly keys: GroupKeys;
  /** Cells of a session's record. */
  readonly stride: number;
  readonly sessions: Int32Array;
  /** Closed, although it does not follow from `closed`. */
  readonly removed: Int32Array;
}

interface Interval {
  /** The key as JSON. */
  readonly text: Buffer;
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface SessionsRead extends SessionsPlace {
  readonly removed: readonly Interval[];
  readonly sessions: Iterable<Interval & { readonly sight: number; readonly cells: Float64Array; readonly objects: readonly Uint8Array[] }>;
}

/** Room for a session beside its cells, to begin with. */
const SESSION_BYTES = 48;

export function writeSessions({ slot, keys, stride, closing, closed, sights, sessions, removed }: SessionsToWrite): Buffer {
  const writer = new PayloadWriter(64 + (sessions.length + removed.length) * (stride * 8 + SESSION_BYTES));
  writer.uint8(STATE_FORMAT);
  writer.uint32(stride);
  writer.uint8(closing === null ? 0 : 1);
  if (closing !== null) writer.uint32(closing.ordinal);
  for (const number of [closed.endMs, closed.startMs, closed.sight, sights]) writer.float64(number);
  writeIntervals(writer, slot, keys, removed);
  writeIntervals(writer, slot, keys, sessions);
  for (const session of sessions) {
    writer.float64(slot.sights[session] as number);
    writer.float64s(slot.cells, session * stride, stride);
    for (const saved of slot.objects?.save(session) ?? []) {
      writer.uint32(saved.length);
      writer.bytes(saved.length, (target, at) => target.set(saved, at));
    }
  }
  return writer.take();
}

/** Lengths of the key texts, the texts, then the times, each for all sessions: there may be many, and a call for each would cost more. */
function writeIntervals(writer: PayloadWriter, slot: SessionSlot, keys: GroupKeys, sessions: Int32Array): void {
  const keyIds = sessions.map((session) => slot.keys[session] as number);
  let textBytes = 0;
  writer.uint32(sessions.length);
  for (const length of keys.lengthsOf(keyIds)) {
    writer.uint32(length);
    textBytes += length;
  }
  writer.bytes(textBytes, (target, at) => keys.copyTexts(keyIds, target, at));
  for (const session of sessions) writer.float64s(slot.times, session * 2, 2);
}

function readIntervals(reader: PayloadReader): readonly Interval[] {
  const lengths = Uint32Array.from({ length: reader.uint32() }, () => reader.uint32());
  const texts = Array.from(lengths, (length) => reader.bytes(length));
  return texts.map((text) => ({ text, firstMs: reader.float64(), lastMs: reader.float64() }));
}

/** `sessions` are read while they are gone through, once; their cells are the same array each time. */
export function readSessions(payload: Buffer, stride: number, objects: number): SessionsRead {
  const reader = new PayloadReader(payload);
  if (reader.uint8() !== STATE_FORMAT) throw new SluiceError("STATE_CORRUPT", "session state of an unknown format");
  if (reader.uint32() !== stride) throw new SluiceError("STATE_MISMATCH", "the kept accumulators have another shape");
  const closing = reader.uint8() === 1 ? { startMs: 0, groups: 0, ordinal: reader.uint32() } : null;
  const closed = { endMs: reader.float64(), startMs: reader.float64(), sight: reader.float64() };
  const sights = reader.float64();
  const removed = readIntervals(reader);
  const kept = readIntervals(reader);
  const cells = new Float64Array(stride);
  function* sessions(): SessionsRead["sessions"] {
    for (const interval of kept) {
      const sight = reader.float64();
      reader.float64s(cells, 0, stride);
      yield { ...interval, sight, cells, objects: Array.from({ length: objects }, () => reader.bytes(reader.uint32())) };
    }
  }
  return { closing, closed, sights, removed, sessions: sessions() };
}

import { SluiceError } from "../errors.ts";
import type { ByteWriter } from "../model/byte-writer.ts";
import type { TimeSpan } from "../model/time-grid.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";
import type { WindowSlot } from "./window-slot.ts";

/** Of the internal topic between the stages of a statement that is repartitioned; part of its name. */
export const PARTIAL_FORMAT = 1;

const KIND = { group: 1, time: 2 } as const;

/** Of one pane, rows that came before its window `since` was over: they are in that window and all later ones of the pane. */
export interface PartialPlace {
  /** Partition of the source. */
  readonly source: number;
  readonly startMs: number;
  readonly since: TimeSpan;
}

export type PartialRecord =
  /** What a group has in all, of one partition of the source; `rest`: its record, and the states that are objects. */
  | { readonly kind: "group"; readonly place: PartialPlace; readonly rest: PayloadReader }
  /** The partition has told all of the windows that this stream time closes. */
  | { readonly kind: "time"; readonly source: number; readonly streamTimeMs: number };

export function writePartial(
  to: ByteWriter,
  { source, startMs, since }: PartialPlace,
  slot: WindowSlot,
  group: number,
  stride: number,
): void {
  const writer = new PayloadWriter(48 + stride * 8);
  writer.uint8(KIND.group);
  writer.uint32(source);
  writer.float64(startMs);
  writer.float64(since.startMs);
  writer.float64(since.endMs);
  writer.uint32(stride);
  writer.float64s(slot.cells, group * stride, stride);
  for (const saved of slot.objects?.save(group) ?? []) {
    writer.uint32(saved.length);
    writer.bytes(saved.length, (target, at) => target.set(saved, at));
  }
  to.bytes(writer.take());
}

export function writeStreamTime(to: ByteWriter, source: number, streamTimeMs: number): void {
  const writer = new PayloadWriter(16);
  writer.uint8(KIND.time);
  writer.uint32(source);
  writer.float64(streamTimeMs);
  to.bytes(writer.take());
}

/** Throws STATE_CORRUPT, or STATE_MISMATCH where records have another shape. */
export function readPartial(bytes: Buffer, stride: number): PartialRecord {
  const reader = new PayloadReader(bytes);
  const kind = reader.uint8();
  const source = reader.uint32();
  if (kind === KIND.time) return { kind: "time", source, streamTimeMs: reader.float64() };
  if (kind !== KIND.group) throw new SluiceError("STATE_CORRUPT", "a record of the internal topic is none of ours");
  const place = { source, startMs: reader.float64(), since: { startMs: reader.float64(), endMs: reader.float64() } };
  if (reader.uint32() !== stride) throw new SluiceError("STATE_MISMATCH", "partial results have another shape");
  return { kind: "group", place, rest: reader };
}

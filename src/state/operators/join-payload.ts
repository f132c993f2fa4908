import { SluiceError } from "../../errors.ts";
import type { GroupKeys } from "../group-keys.ts";
import { PayloadReader, PayloadWriter } from "../payload.ts";
import type { JoinOptions } from "./join-options.ts";

const JOIN_FORMAT = 1;
export const JoinKind = { streams: 1, streamTable: 2, tables: 3, foreignKey: 4 } as const;

/** A payload begins with what must fit the operator that reads it. */
export function beginPayload(kind: number, { left, right }: JoinOptions, expectedBytes: number): PayloadWriter {
  const writer = new PayloadWriter(expectedBytes + 64);
  writer.uint8(JOIN_FORMAT);
  for (const part of shapeOf(kind, left, right)) writer.uint32(part);
  return writer;
}

export function openPayload(payload: Buffer, kind: number, { left, right }: JoinOptions): PayloadReader {
  const reader = new PayloadReader(payload);
  if (reader.uint8() !== JOIN_FORMAT) throw new SluiceError("STATE_CORRUPT", "state of a join of an unknown format");
  for (const part of shapeOf(kind, left, right)) {
    if (reader.uint32() !== part) throw new SluiceError("STATE_MISMATCH", "the kept rows are those of another join");
  }
  return reader;
}

function shapeOf(kind: number, left: JoinOptions["left"], right: JoinOptions["right"]): readonly number[] {
  return [kind, left.columns.length, left.inputs, right.columns.length, right.inputs];
}

export function readKey(reader: PayloadReader, keys: GroupKeys): number {
  const text = reader.bytes(reader.uint32());
  return keys.intern(text, 0, text.length);
}

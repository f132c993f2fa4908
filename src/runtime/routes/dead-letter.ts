import { createHash } from "node:crypto";
import type { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { type KeptChange, keptChangeText } from "../tasks/kept-change.ts";
import { textOrBase64 } from "./bytes-as-text.ts";
import { maskLetter } from "./letter-mask.ts";
import { TargetNames } from "./target-names.ts";

/** The bytes of a record; `headers` is the block as it stands in it. */
export interface RecordBytes {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Buffer | null;
}

export interface DeadLetter {
  readonly statement: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Where it failed: `read`, `write ID` of a change, or `result GROUP`. */
  readonly step: string;
  /** Number among the changes of the record. */
  readonly ordinal: number;
  /** How often it was tried. */
  readonly attempts: number;
  readonly timestampMs: number;
  readonly version: number;
  /** null: there is not the one record that it is about, or it is gone. */
  readonly record: RecordBytes | null;
  /** What the target refused; null: it never came to that. */
  readonly document: Buffer | null;
  /** What it takes to send the refused change again; null: it never came to that. */
  readonly change: KeptChange | null;
  readonly error: Pick<SluiceError, "code" | "message">;
}

/**
 * What a letter has of its record: `record`, its bytes as they were; `masked`, the same with fields covered; `part`, not all, as it is too
 * long; `none`: its place alone, or there is not one record that it is about.
 */
export type KeptPart = "record" | "masked" | "part" | "none";

/** Writes the dead letters of a statement as its settings say: under which name, and what of them is covered. */
export class LetterWriter {
  private readonly names: TargetNames | null;
  private readonly mask: readonly string[];

  constructor(target: RouteTarget | null, mask: readonly string[]) {
    this.names = TargetNames.of(target);
    this.mask = mask;
  }

  /** Appends a dead letter as a change whose id is (statement, topic, partition, offset, step): a repeat is the same one. */
  add(out: ChangeBatchBuilder, given: DeadLetter): void {
    const isMasked = this.mask.length > 0;
    const { step, error, record, document, change } = isMasked ? maskLetter(given, this.mask) : given;
    const parts = {
      key: textOrBase64(record?.key ?? null),
      value: textOrBase64(record?.value ?? null),
      document: textOrBase64(document),
      change: change === null ? null : keptChangeText(change),
    };
    const headers = record?.headers?.toString("base64") ?? null;
    const isWhole = lengthOf(parts) + (headers?.length ?? 0) <= LIMITS.deadLetterBytesMax;
    const { statement, topic, partition, offset, attempts, version } = given;
    const kept: KeptPart = given.record === null ? "none" : isMasked ? "masked" : isWhole ? "record" : "part";
    const place = { statement, topic, partition, offset, step: shortened(step) };
    const letter = {
      ...place,
      code: error.code,
      error: error.message,
      attempts,
      version,
      // null where the timestamp is no date.
      at: new Date(given.timestampMs).toJSON(),
      ...(isWhole ? { ...parts, headers } : { ...cut(parts), headers: null }),
      kept,
    };
    out.writer.utf8(JSON.stringify(letter));
    out.beginId();
    out.writer.utf8(letterId(place));
    out.useIdAsKey();
    out.addUpsert(version, given.timestampMs, offset, 0, this.names === null ? null : this.names.at(given.timestampMs));
  }

  /** The same of a record that could not be read. */
  addRecord(
    out: ChangeBatchBuilder,
    slices: RecordSlices,
    row: number,
    of: Pick<DeadLetter, "statement" | "topic" | "partition" | "version" | "error">,
  ): void {
    this.add(out, {
      ...of,
      offset: slices.offsets[row] as number,
      step: "read",
      ordinal: 0,
      attempts: 1,
      timestampMs: slices.timestampsMs[row] as number,
      record: recordBytes(slices, row),
      document: null,
      change: null,
    });
  }
}

/** Where they lie: good as long as the slices are. */
export function recordBytes(slices: RecordSlices, row: number): RecordBytes {
  const part = (starts: Int32Array, ends: Int32Array): Buffer | null =>
    (starts[row] as number) < 0 ? null : slices.bytes.subarray(starts[row], ends[row]);
  return {
    key: part(slices.keyStarts, slices.keyEnds),
    value: part(slices.valueStarts, slices.valueEnds),
    headers: part(slices.headerStarts, slices.headerEnds),
  };
}

type Place = Pick<DeadLetter, "statement" | "topic" | "partition" | "offset" | "step">;

/** The identity of a letter. One that is longer than any target takes ends with a digest. */
export function letterId({ statement, topic, partition, offset, step }: Place): string {
  const text = JSON.stringify([statement, topic, partition, offset, step]);
  if (Buffer.byteLength(text) <= LIMITS.elasticIdBytesMax) return text;
  return JSON.stringify([digestOf(text), partition, offset]);
}

const STEP_CHARACTERS_MAX = 120;

/** Ids that were too long for the target are so for the letter's. */
function shortened(step: string): string {
  return step.length <= STEP_CHARACTERS_MAX ? step : `${step.slice(0, STEP_CHARACTERS_MAX - 24)}…${digestOf(step)}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

interface Parts {
  readonly key: string | null;
  readonly value: string | null;
  readonly document: string | null;
  readonly change: string | null;
}

function lengthOf({ key, value, document, change }: Parts): number {
  return [key, value, document, change].reduce((sum, part) => sum + (part === null ? 0 : Buffer.byteLength(part)), 0);
}

/** As much as there is room for: the key first, then the refused change, which lies nowhere else. */
function cut({ key, value, document, change }: Parts): Parts {
  let room: number = LIMITS.deadLetterBytesMax;
  const ifFits = (part: string | null): string | null => {
    const bytes = part === null ? 0 : Buffer.byteLength(part);
    if (bytes > room) return null;
    room -= bytes;
    return part;
  };
  const parts = { key: ifFits(key), document: ifFits(document), change: ifFits(change) };
  const isComplete = parts.document === document && parts.change === change;
  return { ...parts, change: isComplete ? change : keptChangeText({ left: "long" }), value: ifFits(value) };
}

import type { SluiceError } from "../errors.ts";
import type { ChangeBatchBuilder } from "../model/change-batch-builder.ts";
import type { RecordSlices } from "../model/record-slices.ts";

export interface DeadLetter {
  readonly statement: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Where it failed: reading a record, or writing change n of it. */
  readonly step: string;
  readonly timestampMs: number;
  readonly version: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Buffer | null;
  readonly error: Pick<SluiceError, "code" | "message">;
}

/** Appends a dead letter as a change whose id is (statement, topic, partition, offset, step): a repeat is the same one. */
export function addDeadLetter(out: ChangeBatchBuilder, letter: DeadLetter): void {
  const { statement, topic, partition, offset, step, error } = letter;
  const id = JSON.stringify([statement, topic, partition, offset, step]);
  const document = {
    statement,
    topic,
    partition,
    offset,
    step,
    code: error.code,
    error: error.message,
    // null where the timestamp is no date.
    at: new Date(letter.timestampMs).toJSON(),
    key: textOrBase64(letter.key),
    value: textOrBase64(letter.value),
    headers: letter.headers === null ? null : letter.headers.toString("base64"),
  };
  out.writer.utf8(JSON.stringify(document));
  out.beginId();
  out.writer.utf8(id);
  out.useIdAsKey();
  out.addUpsert(letter.version, letter.timestampMs, offset, 0, null);
}

/** The same of a record that could not be read. */
export function addRecordLetter(
  out: ChangeBatchBuilder,
  slices: RecordSlices,
  row: number,
  of: Pick<DeadLetter, "statement" | "topic" | "partition" | "version" | "error">,
): void {
  const part = (starts: Int32Array, ends: Int32Array): Buffer | null =>
    (starts[row] as number) < 0 ? null : slices.bytes.subarray(starts[row], ends[row]);
  addDeadLetter(out, {
    ...of,
    offset: slices.offsets[row] as number,
    step: "read",
    timestampMs: slices.timestampsMs[row] as number,
    key: part(slices.keyStarts, slices.keyEnds),
    value: part(slices.valueStarts, slices.valueEnds),
    headers: part(slices.headerStarts, slices.headerEnds),
  });
}

const BASE64 = "base64:";

/** Raw bytes as text where they are UTF-8, else `base64:…`, so that nothing is lost. */
export function textOrBase64(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  const text = bytes.toString("utf8");
  const isText = Buffer.from(text, "utf8").equals(bytes) && !text.startsWith(BASE64);
  return isText ? text : `${BASE64}${bytes.toString("base64")}`;
}

/** The bytes that `textOrBase64` was given. */
export function bytesOfText(text: string | null): Buffer | null {
  if (text === null) return null;
  return text.startsWith(BASE64) ? Buffer.from(text.slice(BASE64.length), "base64") : Buffer.from(text);
}

import { isUtf8 } from "node:buffer";
import { FormatError } from "../adapters/codecs/formats/format-error.ts";
import type { RecordEncoder } from "../adapters/codecs/record-encoder.ts";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { parseTimestamp } from "../model/timestamp-text.ts";
import type { RawRecord } from "../ports/source.ts";

const NEWLINE = 0x0a;

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
}

/** The lines of a byte stream, as many at a time as its chunks bring; blank ones are left out. Reads no faster than it is asked. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncIterable<readonly Line[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let number = 0;
  for await (const chunk of stream) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end);
      const bytes = rest.length === 0 ? tail : Buffer.concat([...rest, tail]);
      rest = [];
      restBytes = 0;
      start = end + 1;
      number++;
      if (!isBlank(bytes)) lines.push({ number, bytes });
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
      if (restBytes > LIMITS.recordBytesMax) {
        throw new SluiceError("LIMIT_EXCEEDED", `line ${number + 1} has more than ${LIMITS.recordBytesMax} bytes`);
      }
    }
    if (lines.length > 0) yield lines;
  }
  const bytes = Buffer.concat(rest);
  if (!isBlank(bytes)) yield [{ number: number + 1, bytes }];
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === NEWLINE);
}

export interface RecordFields {
  /** The field that becomes the record key, or null: no key. */
  readonly key: string | null;
  /** The field that becomes the record timestamp, or null: now. */
  readonly timestamp: string | null;
}

/**
 * A line as a record: its value the line as it stands, or both parts as the stream is laid out. Throws RECORD_MALFORMED and
 * RECORD_EVENT_TIME with the line's number.
 */
export function recordOf({ number, bytes }: Line, fields: RecordFields, nowMs: number, encoder: RecordEncoder | null = null): RawRecord {
  const text = isUtf8(bytes) ? bytes.toString() : null;
  if (text === null) throw new SluiceError("RECORD_MALFORMED", `line ${number} is not UTF-8 text`);
  const document = parseLine(text, number);
  const timestampMs = fields.timestamp === null ? nowMs : timestampOf(document, fields.timestamp, number);
  const keyAsText = fields.key === null ? null : Buffer.from(keyText(document, fields.key, text, number));
  if (encoder === null) return { key: keyAsText, value: bytes, timestampMs };
  try {
    // Each part takes its own columns of the line.
    return { ...encoder.encodeRecord(encoder.laysOutKeys ? bytes : keyAsText, bytes), timestampMs };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new SluiceError("RECORD_TYPE", `line ${number}: ${error.message}`);
  }
}

function parseLine(text: string, number: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SluiceError("RECORD_MALFORMED", `line ${number} is no JSON document: ${reason}`, { hint: "one document per line is wanted" });
  }
}

function fieldOf(document: unknown, path: string): unknown {
  const direct = member(document, path);
  return direct !== undefined ? direct : path.split(".").reduce(member, document);
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function keyText(document: unknown, field: string, text: string, number: number): string {
  const value = fieldOf(document, field);
  if (value === undefined || value === null) {
    throw new SluiceError("RECORD_MALFORMED", `line ${number} has no '${field}', which is to be the key`);
  }
  if (typeof value === "string") return value;
  if (typeof value !== "number" || Number.isSafeInteger(value)) return typeof value === "object" ? JSON.stringify(value) : String(value);
  return String(fieldOf(JSON.parse(text, asWritten), field));
}

/** Numbers as text, so that long ones stay exact. */
function asWritten(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" ? (context?.source ?? value) : value;
}

function timestampOf(document: unknown, field: string, number: number): number {
  const value = fieldOf(document, field);
  const timestampMs = typeof value === "string" ? parseTimestamp(value) : value;
  if (typeof timestampMs === "number" && Number.isFinite(timestampMs)) return Math.floor(timestampMs);
  const shown = value === undefined ? "nothing" : JSON.stringify(value);
  throw new SluiceError("RECORD_EVENT_TIME", `line ${number} has ${shown} as '${field}', which is to be the timestamp`, {
    hint: "ISO 8601 text or epoch milliseconds are wanted",
  });
}

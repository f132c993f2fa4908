import { FormatError } from "../../adapters/codecs/formats/format-error.ts";
import { RecordEncoder } from "../../adapters/codecs/record-encoder.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { SluiceError } from "../../errors.ts";
import { jsonText } from "../../model/exact-number.ts";
import { parseTimestamp } from "../../model/timestamp-text.ts";
import type { SourcePlan, StatementPlan } from "../../plan/pipeline-plan.ts";
import type { RawRecord } from "../../ports/source.ts";
import type { GivenRecord } from "./row-test-schema.ts";

/** How the records of a topic are written, as the statements that read it say. */
export interface TopicShape {
  readonly source: SourcePlan;
  /** The field of the value that the key equals, and the one that is event time; null: none is. */
  readonly keyField: string | null;
  readonly timeField: string | null;
}

/** Of a topic that a pipeline reads; how it is declared counts first. */
export function topicShape(source: SourcePlan, statements: readonly StatementPlan[], { streams }: Catalog): TopicShape {
  const stream = [...streams.values()].find(({ connection, topic }) => connection === source.connection && topic === source.topic);
  if (stream !== undefined) return { source, keyField: stream.keyField, timeField: stream.timestampField };
  const readers = source.statements.flatMap((index) => statements[index]?.statement ?? []);
  const timed = readers.find((statement) => statement.source.eventTime !== null);
  const field = timed?.fields[timed.source.eventTime as number];
  return { source, keyField: readers[0]?.source.keyField ?? null, timeField: field?.path.length === 1 ? String(field.path[0]) : null };
}

/** What a record of a test is in the topic; `lastMs`: the time of the one before it. Throws TEST_INVALID. */
export function rawRecord(given: GivenRecord, shape: TopicShape, lastMs: number): RawRecord {
  const timestampMs = timeOf(given, shape, lastMs);
  const headers = Object.entries(given.headers ?? {}).map(([name, text]) => [name, text === null ? null : Buffer.from(text)] as const);
  return {
    ...bytesOf(given, shape),
    timestampMs,
    partition: given.partition ?? 0,
    headers: headers as RawRecord["headers"] & object,
  };
}

function bytesOf(given: GivenRecord, { source, keyField }: TopicShape): Pick<RawRecord, "key" | "value"> {
  const { value = null, text } = given;
  const member = keyField === null ? undefined : fieldOf(value, keyField);
  const key = given.key === undefined ? (member ?? null) : given.key;
  const { layout, keyFormat } = source;
  const isText = layout.key === null && keyFormat !== "json";
  const keyText = key === null ? null : isText && typeof key !== "object" ? String(key) : jsonText(key);
  try {
    const encoder = new RecordEncoder(layout);
    const encoded = encoder.encodeRecord(
      keyText === null ? null : Buffer.from(keyText),
      value === null || text !== undefined ? null : Buffer.from(jsonText(value)),
    );
    return text === undefined ? encoded : { ...encoded, value: Buffer.from(text) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new SluiceError("TEST_INVALID", `${source.topic} cannot hold this record: ${error.message}`);
  }
}

/** As it is written, else that of the event, else that of the record before it. */
function timeOf({ timestamp, value }: GivenRecord, { timeField }: TopicShape, lastMs: number): number {
  const written = timestamp ?? (timeField === null ? undefined : fieldOf(value, timeField));
  const timeMs = typeof written === "string" ? parseTimestamp(written) : written;
  if (typeof timeMs === "number" && Number.isSafeInteger(timeMs) && timeMs >= 0) return timeMs;
  if (timestamp === undefined) return lastMs;
  throw new SluiceError("TEST_INVALID", `'${String(timestamp)}' is no time`, { hint: "2026-01-31T12:00:00Z, or milliseconds since 1970" });
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

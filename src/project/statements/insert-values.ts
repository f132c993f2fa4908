import type { InsertValuesStatement } from "../../../grammar/statement-ast.ts";
import { FormatError } from "../../adapters/codecs/formats/format-error.ts";
import { RecordEncoder } from "../../adapters/codecs/record-encoder.ts";
import { type BoundRow, bindValues, type ValuesColumn, type ValuesColumns } from "../../analyze/bind-values.ts";
import type { DeclaredStream } from "../../catalog/catalog.ts";
import { SluiceError } from "../../errors.ts";
import { textOf } from "../../functions/value-text.ts";
import { readingLayout } from "../../model/format.ts";
import { jsonWriterOf } from "../../model/json-value.ts";
import { parseTimestamp } from "../../model/timestamp-text.ts";
import { ANY, STRING, TIMESTAMP } from "../../model/type.ts";
import type { Value } from "../../model/value.ts";
import { constantValue } from "../../plan/code/constant.ts";
import type { RawRecord } from "../../ports/source.ts";
import { ensureTopic } from "../resolve-topic.ts";
import type { StatementContext } from "./context.ts";
import { type MessageResult, message } from "./result.ts";
import { resolveTopicName } from "./topics.ts";

/** What of a record is no field of its value. */
const KEY = "_key";
const TIME = "_timestamp";

/** Writes all rows or, where a value fits no column, none. A record is what a statement's INSERT would have made. */
export async function insertValues(statement: InsertValuesStatement, context: StatementContext): Promise<MessageResult | null> {
  const relation = resolveTopicName(statement.target, context);
  if (relation === null) return null;
  const { stream, connection, name: topic } = relation;
  const rows = bindValues(statement, valuesColumns(stream), context.report);
  if (rows === null) return null;
  const nowMs = context.env.clock.now();
  const records = rows.map((row, index) => recordOf(row, stream, nowMs, index));
  const source = await context.resources.source(connection.name);
  await ensureTopic(source, { connection: connection.name, topic, stream }, connection.kind === "embedded");
  await source.append(topic, records);
  return message(`${records.length} ${records.length === 1 ? "record" : "records"} to ${connection.name}.${topic}`);
}

/** The columns that are declared; of an undeclared topic any. */
export function valuesColumns(stream: DeclaredStream | null): ValuesColumns {
  const usual = stream?.columns ?? [];
  const hasKey = usual.some(({ place }) => place?.of === "key" || place?.of === "key-field");
  const key = stream?.keyFormat === "json" ? ANY : STRING;
  const others = [...(hasKey ? [] : [{ name: KEY, type: key }]), { name: TIME, type: TIMESTAMP }];
  return { usual, others, open: usual.length === 0 };
}

interface Given {
  readonly column: ValuesColumn;
  readonly value: Value;
  /** Of the value; the column's, unless that may be anything. */
  readonly type: ValuesColumn["type"];
}

function recordOf(row: BoundRow, stream: DeclaredStream | null, nowMs: number, index: number): RawRecord {
  const given = row.map(({ column, expr }): Given => {
    try {
      return { column, value: constantValue(expr), type: expr.type };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new SluiceError("RECORD_TYPE", `row ${index + 1} of VALUES, '${column.name}': ${error.message}`);
    }
  });
  const members = given.filter(({ column }) => column.place === undefined && column.name !== KEY && column.name !== TIME);
  const absent = (stream?.columns ?? []).filter(
    (column) => column.place === undefined && !given.some((one) => one.column.name === column.name),
  );
  const texts = [
    ...members.map((one) => `${JSON.stringify(one.column.name)}:${jsonOf(one)}`),
    ...absent.map((column) => `${JSON.stringify(column.name)}:${defaultOf(column, stream, nowMs)}`),
  ];
  const headers = given.flatMap((one): [string, Buffer][] =>
    one.column.place?.of === "header" && one.value !== null ? [[one.column.place.name, bytesOf(one)]] : [],
  );
  const document = Buffer.from(`{${texts.join(",")}}`);
  return { ...encoded(keyOf(given, stream), document, stream, index), timestampMs: timeOf(given, stream, index) ?? nowMs, headers };
}

/** In the layout of the stream. */
function encoded(key: Buffer | null, document: Buffer, stream: DeclaredStream | null, index: number): Pick<RawRecord, "key" | "value"> {
  if (stream === null) return { key, value: document };
  try {
    return new RecordEncoder(readingLayout(stream.layout)).encodeRecord(key, document);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new SluiceError("RECORD_TYPE", `row ${index + 1} of VALUES: ${error.message}`);
  }
}

/** The event time of what is written now is now. */
function defaultOf({ name, type }: ValuesColumn, stream: DeclaredStream | null, nowMs: number): string {
  if (name !== stream?.timestampField) return "null";
  return type.kind === "timestamp" ? jsonWriterOf(type)(nowMs) : String(nowMs);
}

function jsonOf({ value, type }: Given): string {
  return value === null ? "null" : jsonWriterOf(type)(value);
}

function bytesOf({ value, type }: Given): Buffer {
  return type.kind === "bytes" ? Buffer.from(value as Uint8Array) : Buffer.from(textOf(type)(value));
}

/** By KEY columns, the `key` option or `_key`: text, bytes, or JSON that the layout is made of. */
function keyOf(given: readonly Given[], stream: DeclaredStream | null): Buffer | null {
  const keys = given.filter(({ column }) => column.place?.of === "key" || column.place?.of === "key-field" || column.name === KEY);
  const parts = keys.length > 0 ? keys : given.filter(({ column }) => column.name === stream?.keyField);
  const [only] = parts;
  if (only === undefined || (parts.length === 1 && only.value === null)) return null;
  const format = stream?.keyFormat ?? "string";
  if (format === "string" || format === "bytes") return bytesOf(only);
  const isWhole = format === "json" && only.column.place?.of !== "key-field";
  return Buffer.from(isWhole ? jsonOf(only) : `{${parts.map((one) => `${JSON.stringify(one.column.name)}:${jsonOf(one)}`).join(",")}}`);
}

/** null: nothing was said. */
function timeOf(given: readonly Given[], stream: DeclaredStream | null, index: number): number | null {
  const time = given.find(({ column }) => column.name === TIME) ?? given.find(({ column }) => column.name === stream?.timestampField);
  if (time === undefined || time.value === null) return null;
  const timestampMs = typeof time.value === "string" ? parseTimestamp(time.value) : Number(time.value);
  if (timestampMs !== undefined && Number.isSafeInteger(timestampMs) && timestampMs >= 0) return timestampMs;
  throw new SluiceError(
    "RECORD_EVENT_TIME",
    `row ${index + 1} of VALUES, '${time.column.name}': ${String(time.value)} is no time of a record`,
  );
}

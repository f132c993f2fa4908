import { walkRecordBatches } from "../../src/adapters/codecs/record-batch-reader.ts";
import { encodeRecordBatch } from "../../src/adapters/codecs/record-batch-writer.ts";
import { must } from "../../src/assert.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import { deviceId, readings, readingText } from "../data/readings.ts";

/** As many as a fetch of one partition has. */
export const ROWS = 5_000;

const FIELDS = ["deviceId", "ts", "temperature"] as const;

/** What W1 and W2 read. */
export const FIELD_PATHS = FIELDS.map((name) => ({ root: "value" as const, path: [name] }));

const OPTIONS = { messages: ROWS, devices: 10_000, perSecond: 2_000 };

/** Readings as in the side-by-side bench. */
export function readingTexts(): readonly string[] {
  return Array.from(readings(OPTIONS), readingText);
}

/** Those readings in a record batch, keyed by device. */
export function encodedReadings(): Buffer {
  const records = Array.from(readings(OPTIONS), (reading) => ({
    key: Buffer.from(deviceId(reading.device)),
    value: Buffer.from(readingText(reading)),
    timestampMs: reading.timestampMs,
  }));
  return Buffer.from(encodeRecordBatch(0, records));
}

export function slicesOf(bytes: Buffer): RecordSlices {
  return must(batchesOf(bytes)[0], "a batch");
}

/** In as many batches as the reader makes of them. */
export function batchesOf(bytes: Buffer): readonly RecordSlices[] {
  return walkRecordBatches({ topic: "readings", partition: 0, bytes, start: 0, end: bytes.length, fromOffset: 0 }).batches;
}

import { LIMITS } from "../../limits.ts";
import { type ChangeBatch, Operation } from "../../model/change.ts";
import { dataViewOf } from "../../model/copy-bytes.ts";
import type { OriginHeaderWriter } from "../../model/origin-header.ts";
import { RECORD_OVERHEAD_BYTES, type RecordBatchWriter } from "../codecs/record-batch-writer.ts";
import type { OutgoingRecords } from "./partition-producer.ts";

/** Rows of a batch of changes as records of one partition: upserts with the document as value, deletes with none. */
export class ChangeRecords implements OutgoingRecords {
  readonly count: number;
  private readonly batch: ChangeBatch;
  /** Row of each record. */
  private readonly rows: Int32Array;
  private readonly headers: OriginHeaderWriter;

  constructor(batch: ChangeBatch, rows: Int32Array, headers: OriginHeaderWriter) {
    this.count = rows.length;
    this.batch = batch;
    this.rows = rows;
    this.headers = headers;
  }

  rowOf(record: number): number {
    return this.rows[record] as number;
  }

  batchEnd(from: number, to: number): number {
    const { rows, batch, headers } = this;
    let bytes = 0;
    for (let record = from; record < to; record++) {
      bytes += recordBytes(batch, rows[record] as number, headers);
      if (bytes > LIMITS.produceBatchBytesMax && record > from) return record;
    }
    return to;
  }

  encode(from: number, to: number, writer: RecordBatchWriter): void {
    const { rows, headers, batch } = this;
    const { operations, versions, timestampsMs, causeOffsets, causeOrdinals } = batch;
    const { documentStarts, documentEnds, keyStarts, keyEnds } = batch;
    const source = dataViewOf(batch.bytes);
    const block = dataViewOf(headers.block);
    for (let record = from; record < to; record++) {
      const row = rows[record] as number;
      headers.write(versions[row] as number, causeOffsets[row] as number, causeOrdinals[row] as number);
      writer.appendRanges(
        timestampsMs[row] as number,
        source,
        keyStarts[row] as number,
        keyEnds[row] as number,
        operations[row] === Operation.delete ? -1 : (documentStarts[row] as number),
        documentEnds[row] as number,
        block,
        headers.length,
      );
    }
  }
}

/** At most; of a delete the document that is not written counts. */
export function recordBytes(
  { documentStarts, documentEnds, keyStarts, keyEnds }: ChangeBatch,
  row: number,
  headers: OriginHeaderWriter,
): number {
  const documentBytes = (documentEnds[row] as number) - (documentStarts[row] as number);
  return RECORD_OVERHEAD_BYTES + headers.block.length + documentBytes + (keyEnds[row] as number) - (keyStarts[row] as number);
}

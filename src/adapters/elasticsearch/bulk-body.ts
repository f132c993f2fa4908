import { ByteWriter } from "../../model/byte-writer.ts";
import { type ChangeBatch, documentOf, Operation } from "../../model/change.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What a change has beside its document and id, roughly: `{"index":{"_index":…,"_id":…,"version":…}}`. */
const ACTION_BYTES = 110;

export function targetOf(batch: ChangeBatch, row: number, name: string): string {
  return batch.targets === null ? name : (batch.targets[row] as string);
}

/** Bytes that a row will take in a bulk request, near enough to cut requests by. */
export function bulkBytesOf(batch: ChangeBatch, row: number): number {
  const document = (batch.documentEnds[row] as number) - (batch.documentStarts[row] as number);
  return (
    ACTION_BYTES +
    (batch.idEnds[row] as number) -
    (batch.idStarts[row] as number) +
    (batch.operations[row] === Operation.delete ? 0 : document)
  );
}

/** How many of the rows from `from` on fit into one request: at least one. Gives the position after the last. */
export function cutOf(batch: ChangeBatch, rows: readonly number[], from: number, documentsMax: number, bytesMax: number): number {
  let bytes = 0;
  let to = from;
  while (to < rows.length && to - from < documentsMax) {
    bytes += bulkBytesOf(batch, rows[to] as number);
    if (bytes > bytesMax && to > from) break;
    to++;
  }
  return to;
}

/**
 * The body of a bulk request. Documents are copied as they are, so that numbers keep their digits.
 * Every change is whole and carries an external version: `update` (a part of a document) takes none.
 */
export function bulkBody(batch: ChangeBatch, rows: readonly number[], name: string): Buffer {
  const writer = new ByteWriter(rows.reduce((bytes, row) => bytes + bulkBytesOf(batch, row), 0));
  for (const row of rows) {
    const deletes = batch.operations[row] === Operation.delete;
    writer.ascii(deletes ? '{"delete":{"_index":' : '{"index":{"_index":');
    writer.jsonString(targetOf(batch, row, name));
    writer.ascii(',"_id":');
    writer.jsonStringFromUtf8(batch.bytes, batch.idStarts[row] as number, batch.idEnds[row] as number);
    writer.ascii(',"version":');
    writer.number(batch.versions[row] as number);
    writer.ascii(',"version_type":"external"}}\n');
    if (!deletes) {
      writer.bytes(onOneLine(documentOf(batch, row)));
      writer.byte(NEWLINE);
    }
  }
  return writer.take();
}

/**
 * A newline would end the document and turn the rest of it into actions that its sender may choose. Between the tokens of
 * a JSON document a carriage return means the same; inside a string both are errors, so that no broken document becomes a good one.
 */
function onOneLine(document: Buffer): Buffer {
  if (!document.includes(NEWLINE)) return document;
  return Buffer.from(document.map((byte) => (byte === NEWLINE ? CARRIAGE_RETURN : byte)));
}

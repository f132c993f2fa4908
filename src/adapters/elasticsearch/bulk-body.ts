import { must } from "../../assert.ts";
import { ByteWriter } from "../../model/byte-writer.ts";
import { type ChangeBatch, Operation } from "../../model/change.ts";
import { dataViewOf } from "../../model/copy-bytes.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What a change has beside its document and id, roughly: `{"index":{"_index":…,"_id":…,"version":…}}`. */
const ACTION_BYTES = 110;

const VERSION = dataViewOf(Buffer.from(',"version":'));
const END = dataViewOf(Buffer.from(',"version_type":"external"}}\n'));
const END_APPENDED = dataViewOf(Buffer.from("}}\n"));

export function targetOf(batch: ChangeBatch, row: number, name: string): string {
  return batch.targets === null ? name : (batch.targets[row] as string);
}

/** Bytes that a row will take in a bulk request, near enough to cut requests by. */
export function bulkBytesOf(batch: ChangeBatch, row: number): number {
  const document = (batch.documentEnds[row] as number) - (batch.documentStarts[row] as number);
  const id = (batch.idEnds[row] as number) - (batch.idStarts[row] as number);
  return ACTION_BYTES + id + (batch.operations[row] === Operation.delete ? 0 : document);
}

/** How many of the rows from `from` on fit into one request: at least one. Gives the position after the last. */
export function cutOf(batch: ChangeBatch, rows: Int32Array, from: number, documentsMax: number, bytesMax: number): number {
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
 * Every change is whole and carries an external version: `update` (a part of a document) takes none. `isAppended`: into a data stream,
 * which takes `create` alone, without a version: a row is there or it is not.
 */
export function bulkBody(batch: ChangeBatch, rows: Int32Array, name: string, isAppended = false): Buffer {
  const { operations, versions, documentStarts, documentEnds, idStarts, idEnds, bytes } = batch;
  const writer = new ByteWriter(rows.reduce((sum, row) => sum + bulkBytesOf(batch, row), 0));
  const source = dataViewOf(bytes);
  const begins = new ActionBegins(isAppended ? "create" : "index");
  const mayHaveNewlines = holdsNewline(batch, rows);
  for (const row of rows) {
    const operation = operations[row] as number;
    writer.piece(begins.of(operation, targetOf(batch, row, name)));
    writer.jsonStringFromUtf8(bytes, idStarts[row] as number, idEnds[row] as number);
    if (isAppended) writer.piece(END_APPENDED);
    else {
      writer.piece(VERSION);
      writer.number(versions[row] as number);
      writer.piece(END);
    }
    if (operation === Operation.delete) continue;
    const start = documentStarts[row] as number;
    const end = documentEnds[row] as number;
    if (mayHaveNewlines) writer.bytes(onOneLine(bytes.subarray(start, end)));
    else writer.piece(source, start, end);
    writer.byte(NEWLINE);
  }
  return writer.view();
}

/** `{"index":{"_index":"…","_id":`, made once for each index. */
class ActionBegins {
  private readonly known = [new Map<string, DataView>(), new Map<string, DataView>()];
  private readonly upsert: "index" | "create";
  private last: { readonly operation: number; readonly index: string; readonly bytes: DataView } | null = null;

  constructor(upsert: "index" | "create") {
    this.upsert = upsert;
  }

  of(operation: number, index: string): DataView {
    if (this.last !== null && this.last.operation === operation && this.last.index === index) return this.last.bytes;
    const ofOperation = must(this.known[operation]);
    let bytes = ofOperation.get(index);
    if (bytes === undefined) {
      const action = operation === Operation.delete ? "delete" : this.upsert;
      bytes = dataViewOf(Buffer.from(`{"${action}":{"_index":${JSON.stringify(index)},"_id":`));
      ofOperation.set(index, bytes);
    }
    this.last = { operation, index, bytes };
    return bytes;
  }
}

/** One search over all of them is many times faster than one over each. */
function holdsNewline({ bytes, documentStarts, documentEnds }: ChangeBatch, rows: Int32Array): boolean {
  let start = bytes.length;
  let end = 0;
  for (const row of rows) {
    start = Math.min(start, documentStarts[row] as number);
    end = Math.max(end, documentEnds[row] as number);
  }
  return start < end && bytes.subarray(start, end).includes(NEWLINE);
}

/**
 * A newline would end the document and turn the rest of it into actions that its sender may choose. Between the tokens of
 * a JSON document a carriage return means the same; inside a string both are errors, so that no broken document becomes a good one.
 */
function onOneLine(document: Buffer): Buffer {
  return Buffer.from(document.map((byte) => (byte === NEWLINE ? CARRIAGE_RETURN : byte)));
}

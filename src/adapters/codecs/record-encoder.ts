import { ByteWriter } from "../../model/byte-writer.ts";
import { type ChangeBatch, documentOf, keyOf, Operation } from "../../model/change.ts";
import { columnsOfLayout, type Layout, type RecordLayout } from "../../model/format.ts";
import { FormatError } from "./formats/format-error.ts";
import { readColumns } from "./formats/json-columns.ts";
import { codecOf } from "./formats/layout-codec.ts";

/** Changes whose keys and documents are the bytes of records; ids are left out. A document that starts at -1 is a null value. */
export interface EncodedChanges {
  readonly batch: ChangeBatch;
  /** Of each change of `batch`, its row in the batch that was encoded. */
  readonly rows: readonly number[];
  /** Why other rows cannot be written so. */
  readonly refused: ReadonlyMap<number, string>;
}

/** Writes rows, which come as JSON objects of their columns, in the layout of a topic. */
export class RecordEncoder {
  /** Keys come as JSON objects; otherwise they are taken as they are. */
  readonly laysOutKeys: boolean;
  private readonly key: PartEncoder;
  private readonly value: PartEncoder;

  constructor({ key, value }: RecordLayout) {
    this.laysOutKeys = key !== null;
    this.key = partEncoder(key);
    this.value = partEncoder(value);
  }

  encode(batch: ChangeBatch): EncodedChanges {
    const { count, bytes, operations } = batch;
    const writer = new ByteWriter(bytes.length);
    const keys = new Ranges(count, writer);
    const documents = new Ranges(count, writer);
    const rows: number[] = [];
    const refused = new Map<number, string>();
    for (let row = 0; row < count; row++) {
      try {
        const record = this.encodeRecord(keyOf(batch, row), operations[row] === Operation.delete ? null : documentOf(batch, row));
        keys.add(record.key);
        documents.add(record.value);
        rows.push(row);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        refused.set(row, error.message);
      }
    }
    const places = { keyStarts: keys.starts, keyEnds: keys.ends, documentStarts: documents.starts, documentEnds: documents.ends };
    return { rows, refused, batch: { ...chosenRows(batch, rows), ...places, bytes: writer.take() } };
  }

  /** A record of a key and a value in JSON. Throws `FormatError`. */
  encodeRecord(key: Buffer | null, value: Buffer | null): { readonly key: Buffer | null; readonly value: Buffer | null } {
    return { key: key === null ? null : this.key(key), value: value === null ? null : this.value(value) };
  }
}

type PartEncoder = (json: Buffer) => Buffer | null;

function partEncoder(layout: Layout | null): PartEncoder {
  if (layout === null) return (bytes) => bytes;
  if (layout.format === "none") return () => null;
  const codec = codecOf(layout);
  const read = readColumns(columnsOfLayout(layout));
  return (json) => codec.write(read(json.toString()));
}

/** Where the same part of each record lies. */
class Ranges {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  private readonly writer: ByteWriter;
  private count = 0;

  constructor(rows: number, writer: ByteWriter) {
    this.starts = new Int32Array(rows);
    this.ends = new Int32Array(rows);
    this.writer = writer;
  }

  add(bytes: Buffer | null): void {
    const record = this.count++;
    this.starts[record] = bytes === null ? -1 : this.writer.length;
    if (bytes !== null) this.writer.bytes(bytes);
    this.ends[record] = bytes === null ? -1 : this.writer.length;
  }
}

/** All but where the parts of some rows lie. */
function chosenRows(batch: ChangeBatch, rows: readonly number[]): ChangeBatch {
  const count = rows.length;
  const nowhere = new Int32Array(count);
  const noIds = { idStarts: nowhere, idEnds: nowhere };
  if (count === batch.count) return { ...batch, ...noIds };
  const { operations, versions, timestampsMs, causeOffsets, causeOrdinals, targets } = batch;
  return {
    ...batch,
    ...noIds,
    count,
    operations: Uint8Array.from(rows, (row) => operations[row] as number),
    versions: Float64Array.from(rows, (row) => versions[row] as number),
    timestampsMs: Float64Array.from(rows, (row) => timestampsMs[row] as number),
    causeOffsets: Float64Array.from(rows, (row) => causeOffsets[row] as number),
    causeOrdinals: Int32Array.from(rows, (row) => causeOrdinals[row] as number),
    targets: targets === null ? null : rows.map((row) => targets[row] as string),
  };
}

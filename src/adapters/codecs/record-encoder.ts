import { ByteWriter } from "../../model/byte-writer.ts";
import { type ChangeBatch, Operation } from "../../model/change.ts";
import { columnsOfLayout, type Layout, type RecordLayout } from "../../model/format.ts";
import { FormatError } from "./formats/format-error.ts";
import { readColumns } from "./formats/json-columns.ts";
import { codecOf } from "./formats/layout-codec.ts";

/** Changes whose keys and documents are the bytes of records, and why some of them cannot be such. Ids are left out. */
export interface EncodedChanges {
  readonly batch: ChangeBatch;
  /** By row. */
  readonly refused: ReadonlyMap<number, string>;
}

/** Writes rows, which come as JSON objects of their columns, in the layout of a topic. */
export class RecordEncoder {
  private readonly key: PartEncoder;
  private readonly value: PartEncoder;

  constructor({ key, value }: RecordLayout) {
    this.key = partEncoder(key);
    this.value = partEncoder(value);
  }

  encode(batch: ChangeBatch): EncodedChanges {
    const { count, bytes, operations } = batch;
    const writer = new ByteWriter(bytes.length);
    const refused = new Map<number, string>();
    const keys = new Ranges(count, writer);
    const documents = new Ranges(count, writer);
    for (let row = 0; row < count; row++) {
      const isDelete = operations[row] === Operation.delete;
      try {
        keys.write(row, part(this.key, bytes, batch.keyStarts[row] as number, batch.keyEnds[row] as number));
        documents.write(
          row,
          isDelete ? null : part(this.value, bytes, batch.documentStarts[row] as number, batch.documentEnds[row] as number),
        );
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        refused.set(row, error.message);
      }
    }
    const nowhere = new Int32Array(count);
    return {
      refused,
      batch: {
        ...batch,
        bytes: writer.take(),
        keyStarts: keys.starts,
        keyEnds: keys.ends,
        documentStarts: documents.starts,
        documentEnds: documents.ends,
        idStarts: nowhere,
        idEnds: nowhere,
      },
    };
  }

  /** One record of JSON texts. Throws `FormatError`. */
  encodeRecord(key: Buffer | null, value: Buffer | null): { readonly key: Buffer | null; readonly value: Buffer | null } {
    return {
      key: key === null ? null : part(this.key, key, 0, key.length),
      value: value === null ? null : part(this.value, value, 0, value.length),
    };
  }
}

/** null: as it is. */
type PartEncoder = ((json: string) => Buffer | null) | null;

function partEncoder(layout: Layout | null): PartEncoder {
  if (layout === null) return null;
  const codec = codecOf(layout);
  const read = readColumns(columnsOfLayout(layout));
  return (json) => codec.write(read(json));
}

function part(encode: PartEncoder, bytes: Buffer, start: number, end: number): Buffer | null {
  if (start < 0) return null;
  return encode === null ? bytes.subarray(start, end) : encode(bytes.toString("utf8", start, end));
}

/** Where the same part of each row lies. */
class Ranges {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  private readonly writer: ByteWriter;

  constructor(count: number, writer: ByteWriter) {
    this.starts = new Int32Array(count).fill(-1);
    this.ends = new Int32Array(count).fill(-1);
    this.writer = writer;
  }

  write(row: number, bytes: Buffer | null): void {
    if (bytes === null) return;
    this.starts[row] = this.writer.length;
    this.writer.bytes(bytes);
    this.ends[row] = this.writer.length;
  }
}

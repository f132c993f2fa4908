import { ByteWriter } from "../../model/byte-writer.ts";
import { type ColumnBatch, Condition, Tag } from "../../model/column-batch.ts";
import { columnsOfLayout, type Layout, type RecordLayout } from "../../model/format.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { Decoder, DecoderOptions } from "../../ports/codec.ts";
import { FieldDecoder } from "./field-decoder.ts";
import { FormatError } from "./formats/format-error.ts";
import { writeColumns } from "./formats/json-columns.ts";
import { codecOf } from "./formats/layout-codec.ts";

/** Reads what is no JSON as if it was: each record is written anew as JSON by its columns, and goes the way of all others. */
export class TranscodingDecoder implements Decoder {
  private readonly inner: FieldDecoder;
  private readonly writer = new ByteWriter();
  private readonly key: PartReader;
  private readonly value: PartReader;
  private readonly headers: PartReader;
  private readonly broken = new Map<number, string>();

  constructor(options: DecoderOptions, { key, value }: RecordLayout) {
    this.inner = new FieldDecoder({ ...options, valueFormat: "json", keyFormat: key === null ? options.keyFormat : "json" });
    const { writer } = this;
    this.key = new PartReader(key === null ? copied(writer) : rewritten(key, key.columns.length === 1, writer), writer);
    this.value = new PartReader(value === null ? copied(writer) : rewritten(value, value.columns.length === 0, writer), writer);
    const readsHeaders = options.fields.some(({ root }) => root === "header");
    this.headers = new PartReader(readsHeaders ? copied(writer) : null, writer);
  }

  decode(slices: RecordSlices): ColumnBatch {
    const batch = this.inner.decode(this.transcode(slices));
    for (const row of this.broken.keys()) {
      batch.conditions[row] = Condition.broken;
      for (const column of batch.columns) column.tags[row] = Tag.absent;
    }
    return { ...batch, slices, brokenReason: (row) => this.broken.get(row) ?? batch.brokenReason(row) };
  }

  /** The same records with their parts in one buffer of their own, valid until the next call. */
  private transcode(slices: RecordSlices): RecordSlices {
    const { broken, key, value, headers } = this;
    const { bytes, count, keyStarts, keyEnds, valueStarts, valueEnds, headerStarts, headerEnds } = slices;
    broken.clear();
    this.writer.reset();
    for (const part of [key, value, headers]) part.begin(count);
    for (let row = 0; row < count; row++) {
      const keyProblem = key.take(row, bytes, keyStarts[row] as number, keyEnds[row] as number);
      const problem = value.take(row, bytes, valueStarts[row] as number, valueEnds[row] as number);
      headers.take(row, bytes, headerStarts[row] as number, headerEnds[row] as number);
      if (problem !== null) broken.set(row, problem);
      else if (keyProblem !== null) broken.set(row, `key: ${keyProblem}`);
    }
    return {
      ...slices,
      bytes: this.writer.view(),
      keyStarts: key.starts,
      keyEnds: key.ends,
      valueStarts: value.starts,
      valueEnds: value.ends,
      headerStarts: headers.starts,
      headerEnds: headers.ends,
    };
  }
}

interface PartForm {
  /** Writes the part anew; throws `FormatError` where it cannot be read. */
  readonly write: (bytes: Buffer, start: number, end: number) => void;
  /** Whether it is written where the record has no such part, too. */
  readonly always: boolean;
}

function copied(writer: ByteWriter): PartForm {
  return { write: (bytes, start, end) => writer.bytes(bytes, start, end), always: false };
}

/** `isBare`: one value without a name. */
function rewritten(layout: Layout, isBare: boolean, writer: ByteWriter): PartForm {
  const codec = codecOf(layout);
  const columns = columnsOfLayout(layout);
  const json = writeColumns(columns, isBare && columns.length === 1);
  const write: PartForm["write"] = (bytes, start, end) => writer.utf8(json(codec.read(bytes, start, end)));
  return { write, always: layout.format === "none" };
}

/** Where one part of each record lies after it was written anew. */
class PartReader {
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  private readonly form: PartForm | null;
  private readonly writer: ByteWriter;

  /** `form` null: nobody asks for the part. */
  constructor(form: PartForm | null, writer: ByteWriter) {
    this.form = form;
    this.writer = writer;
  }

  begin(count: number): void {
    if (this.starts.length >= count) return;
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
  }

  /** Why the part is broken; null: it is not. */
  take(row: number, bytes: Buffer, start: number, end: number): string | null {
    const { form, writer } = this;
    this.starts[row] = -1;
    this.ends[row] = -1;
    if (form === null || (start < 0 && !form.always)) return null;
    const from = writer.length;
    try {
      form.write(bytes, start, end);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return error.message;
    }
    this.starts[row] = from;
    this.ends[row] = writer.length;
    return null;
  }
}

import { type ColumnBatch, Condition, type FieldPath, Tag } from "../../model/column-batch.ts";
import { HeaderFinder } from "../../model/record-headers.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { Decoder, DecoderOptions } from "../../ports/codec.ts";
import { GrowingColumn } from "./growing-column.ts";
import { isText } from "./is-text.ts";
import { FieldNode } from "./json/field-trie.ts";
import { JsonScanner } from "./json/json-scanner.ts";
import { ShapeCache, type ShapeCounters } from "./json/shape-cache.ts";

/** Reads JSON where it lies. `speculate`: false leaves every document to the projecting scanner, with the same results. */
export class FieldDecoder implements Decoder {
  private readonly options: DecoderOptions;
  private readonly columns: readonly GrowingColumn[];
  private readonly valueRoot = new FieldNode("");
  private readonly keyRoot = new FieldNode("");
  private readonly headers: readonly { readonly finder: HeaderFinder; readonly column: GrowingColumn }[];
  private readonly scanner = new JsonScanner();
  private readonly shapes: ShapeCache | null;
  private conditions = new Uint8Array(1024);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private readonly reasons = new Map<number, string>();

  constructor(options: DecoderOptions, speculate = true) {
    this.options = options;
    this.columns = options.fields.map((field, i) => new GrowingColumn(field, options.interned?.includes(i) === true));
    for (const column of this.columns) {
      if (column.field.root !== "header") this.rootOf(column.field).at(column.field.path).column = column;
    }
    this.headers = this.columns
      .filter((column) => column.field.root === "header")
      .map((column) => ({ column, finder: new HeaderFinder(column.field.path.join(".")) }));
    this.shapes = speculate && options.valueFormat === "json" ? new ShapeCache(this.valueRoot, this.scanner) : null;
  }

  /** How the values' scanner fared; null where it does not speculate. */
  get shapeCounters(): ShapeCounters | null {
    return this.shapes?.counters ?? null;
  }

  decode(slices: RecordSlices): ColumnBatch {
    const { bytes, count } = slices;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.conditions.length < count) this.conditions = new Uint8Array(count * 2);
    this.conditions.fill(Condition.sound, 0, count);
    this.reasons.clear();
    for (const column of this.columns) column.begin(bytes, this.view, count);
    this.valueRoot.begin();
    this.keyRoot.begin();
    this.decodeValues(slices);
    for (let row = 0; row < count; row++) this.decodeKey(slices, row);
    if (this.headers.length > 0) for (let row = 0; row < count; row++) this.decodeHeaders(slices, row);
    for (const column of this.columns) column.finish(count);
    const { columns, conditions, reasons } = this;
    return { slices, count, columns, conditions, brokenReason: (row) => reasons.get(row) ?? "" };
  }

  private rootOf(field: FieldPath): FieldNode {
    return field.root === "key" ? this.keyRoot : this.valueRoot;
  }

  /** Generated code where a document has a known shape, else the scanner that projects any. */
  private decodeValues(slices: RecordSlices): void {
    const { shapes, scanner, valueRoot, view } = this;
    const { bytes, valueStarts, valueEnds, count } = slices;
    const isJson = this.options.valueFormat === "json";
    for (let row = 0; row < count; row++) {
      if (shapes !== null) row = shapes.take(slices, view, row);
      if (row === count) return;
      const start = valueStarts[row] as number;
      if (start < 0) this.conditions[row] = Condition.tombstone;
      else if (isJson) {
        const isSound = scanner.scan(bytes, start, valueEnds[row] as number, row, valueRoot);
        if (!isSound) this.refuse(row, scanner.reason);
        shapes?.missed(slices, row, isSound);
      }
    }
  }

  private decodeHeaders({ bytes, headerStarts, headerEnds }: RecordSlices, row: number): void {
    for (const { finder, column } of this.headers) {
      if (!finder.find(bytes, headerStarts[row] as number, headerEnds[row] as number)) continue;
      if (finder.valueStart < 0) column.set(row, Tag.null, 0, 0);
      else this.setText(column, bytes, row, finder.valueStart, finder.valueEnd);
    }
  }

  private decodeKey(slices: RecordSlices, row: number): void {
    const { keyFormat } = this.options;
    const start = slices.keyStarts[row] as number;
    const end = slices.keyEnds[row] as number;
    const { column } = this.keyRoot;
    if (start < 0) {
      column?.set(row, Tag.null, 0, 0);
    } else if (keyFormat === "json") {
      if (!this.scanner.scan(slices.bytes, start, end, row, this.keyRoot)) this.refuse(row, `key: ${this.scanner.reason}`);
    } else if (keyFormat === "string") {
      // Checked whoever reads the key, so that a record is broken for all statements or for none.
      if (!isText(slices.bytes, this.view, start, end)) this.refuse(row, "key: the text is not valid UTF-8");
      else column?.set(row, Tag.text, start, end);
    } else if (keyFormat === "bytes") {
      column?.set(row, Tag.text, start, end);
    }
  }

  /** Bytes that are no text count as absent: what they are is not for a statement to say. */
  private setText(column: GrowingColumn, bytes: Buffer, row: number, start: number, end: number): void {
    if (isText(bytes, this.view, start, end)) column.set(row, Tag.text, start, end);
  }

  private refuse(row: number, reason: string): void {
    if (this.conditions[row] !== Condition.sound) return;
    this.conditions[row] = Condition.broken;
    this.reasons.set(row, reason);
    for (const column of this.columns) column.tags[row] = Tag.absent;
  }
}

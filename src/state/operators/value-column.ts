import { ByteWriter } from "../../model/byte-writer.ts";
import { Tag } from "../../model/column-batch.ts";
import { numberText } from "../../model/exact-number.ts";
import { jsonWriterOf } from "../../model/json-value.ts";
import type { DataType } from "../../model/type.ts";
import type { Value } from "../../model/value.ts";
import { GatheredColumn } from "../gathered-column.ts";

/** A column of values that were computed, as they would lie in a JSON document. */
export class ValueColumn extends GatheredColumn {
  private readonly writer = new ByteWriter(1024);
  private readonly json: (value: Value) => string;
  /** Of a string that stands for something else: a time, bytes. */
  private readonly isText: boolean;

  constructor(type: DataType) {
    super({ root: "value", path: [] });
    this.json = jsonWriterOf(type);
    this.isText = type.kind === "string" || type.kind === "any" || type.kind === "null";
  }

  override get byteLength(): number {
    return super.byteLength + this.writer.capacity;
  }

  begin(rows: number): void {
    this.reserve(rows);
    this.writer.reset();
  }

  /** After the last one. */
  end(): void {
    this.bytes = this.writer.view();
  }

  /** Whether the value can stand there: JSON has no word for infinity. */
  set(row: number, value: Value): boolean {
    if (value === null) this.tags[row] = Tag.null;
    else if (typeof value === "boolean") this.tags[row] = value ? Tag.true : Tag.false;
    else if (typeof value === "string" && this.isText) this.text(row, () => this.writer.jsonString(value));
    else if (typeof value === "number" && !Number.isFinite(value)) return false;
    else this.other(row, value);
    return true;
  }

  private text(row: number, write: () => void): void {
    const { writer } = this;
    const start = writer.length;
    write();
    this.starts[row] = start + 1;
    this.ends[row] = writer.length - 1;
    this.tags[row] = writer.view().includes(BACKSLASH, start) ? Tag.escaped : Tag.string;
  }

  private other(row: number, value: Value): void {
    const { writer } = this;
    const text = this.json(value);
    const first = text.charCodeAt(0);
    if (first === QUOTE) {
      this.text(row, () => writer.utf8(text));
      return;
    }
    this.starts[row] = writer.length;
    if (first === BRACE || first === BRACKET) {
      this.tags[row] = first === BRACE ? Tag.object : Tag.array;
      writer.utf8(text);
    } else {
      const number = Number(text);
      // As a reader of the text would find it.
      const written = typeof value === "number" ? numberText(value) : text;
      this.tags[row] = Number.isInteger(number) && !Number.isSafeInteger(number) && /^-?\d+$/.test(written) ? Tag.wide : Tag.number;
      this.numbers[row] = number;
      writer.ascii(written);
    }
    this.ends[row] = writer.length;
  }
}

const [QUOTE, BACKSLASH, BRACE, BRACKET] = [0x22, 0x5c, 0x7b, 0x5b];

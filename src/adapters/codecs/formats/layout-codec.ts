import type { Format, Layout } from "../../../model/format.ts";
import type { Value } from "../../../model/value.ts";
import { delimitedCodec } from "./delimited.ts";
import { jsonCodec } from "./json-part.ts";
import { nothingCodec } from "./nothing.ts";
import { primitiveCodec } from "./primitive.ts";

/** The bytes of a record's key or value ⇄ the values of its columns, one for each. */
export interface LayoutCodec {
  /** Throws `FormatError` for bytes that are none of this layout. */
  read(bytes: Buffer, start: number, end: number): readonly Value[];
  /** null: the record has no such part. Throws `FormatError` for values that the format cannot hold. */
  write(values: readonly Value[]): Buffer | null;
}

/** Every format: how a part of that layout is read and written. */
const CODECS: Readonly<Record<Format, (layout: Layout) => LayoutCodec>> = {
  json: jsonCodec,
  delimited: delimitedCodec,
  kafka: primitiveCodec,
  string: primitiveCodec,
  bytes: primitiveCodec,
  none: nothingCodec,
};

export function codecOf(layout: Layout): LayoutCodec {
  return CODECS[layout.format](layout);
}

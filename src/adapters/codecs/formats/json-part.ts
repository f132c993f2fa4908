import { isUtf8 } from "node:buffer";
import type { Layout } from "../../../model/format.ts";
import { jsonWriterOf } from "../../../model/json-value.ts";
import { FormatError } from "./format-error.ts";
import { readColumns } from "./json-columns.ts";
import type { LayoutCodec } from "./layout-codec.ts";

/** `json` of a key: one column is its value, and NULL no key; several are an object. Values are JSON documents without a codec. */
export function jsonCodec({ columns }: Layout): LayoutCodec {
  const [only] = columns;
  const isBare = columns.length === 1 && only !== undefined;
  const type = isBare ? only.type : ({ kind: "struct", fields: columns } as const);
  const write = jsonWriterOf(type);
  const read = readColumns(columns);
  return {
    read(bytes, start, end) {
      if (!isUtf8(bytes.subarray(start, end))) throw new FormatError("the text is not valid UTF-8");
      const text = bytes.toString("utf8", start, end);
      return read(isBare ? `{${JSON.stringify(only.name)}:${text}}` : text);
    },
    write(values) {
      const value = isBare ? values[0] : Object.fromEntries(columns.map(({ name }, index) => [name, values[index] ?? null]));
      return value === null || value === undefined ? null : Buffer.from(write(value));
    },
  };
}

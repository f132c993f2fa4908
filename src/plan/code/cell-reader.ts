import { Tag } from "../../model/column-batch.ts";
import { parseDecimal } from "../../model/decimal.ts";
import { PARSERS } from "../../model/json-value.ts";
import { jsonReaderOf } from "../../model/read-value.ts";
import type { FieldRef } from "../../model/statement.ts";
import type { Value } from "../../model/value.ts";
import { text } from "./values.ts";

/** The value of a cell that is not null; undefined: it is none of the declared type. */
export type CellReader = (bytes: Buffer, tag: number, start: number, end: number) => Value | undefined;

/** For the types that are not read by code of their own; null: they are. */
export function cellReaderOf({ type, root }: FieldRef): CellReader | null {
  switch (type.kind) {
    case "decimal":
      return (bytes, tag, start, end) => {
        const isNumber = tag === Tag.number || tag === Tag.wide;
        return isNumber ? parseDecimal(bytes.toString("latin1", start, end), type, true) : undefined;
      };
    case "bytes":
      if (root !== "value") return (bytes, _tag, start, end) => bytes.subarray(start, end);
      return textReader(PARSERS.bytes);
    case "date":
    case "time":
    case "interval":
      return textReader(PARSERS[type.kind]);
    case "array":
    case "map":
    case "struct": {
      const read = jsonReaderOf(type);
      const wanted = type.kind === "array" ? Tag.array : Tag.object;
      return (bytes, tag, start, end) => (tag === wanted ? read(bytes.toString("utf8", start, end)) : undefined);
    }
    default:
      return null;
  }
}

function textReader(parse: (text: string) => Value | undefined): CellReader {
  return (bytes, tag, start, end) => {
    const decoded = tag >= Tag.string && tag <= Tag.text ? text(bytes, tag, start, end) : undefined;
    return decoded === undefined ? undefined : parse(decoded);
  };
}

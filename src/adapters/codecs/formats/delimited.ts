import { isUtf8 } from "node:buffer";
import type { Layout } from "../../../model/format.ts";
import { typeName } from "../../../model/type.ts";
import { fieldTextOf } from "./field-text.ts";
import { FormatError, shown } from "./format-error.ts";
import type { LayoutCodec } from "./layout-codec.ts";

/**
 * `delimited`: the columns of a line of RFC 4180, in their order, with any character between them. What is empty is NULL;
 * an empty text is `""`.
 */
export function delimitedCodec({ columns, delimiter }: Layout): LayoutCodec {
  const fields = columns.map(({ name, type }) => ({ name, type, ...fieldTextOf(type) }));
  const needsQuotes = (text: string): boolean => text === "" || /["\r\n]/.test(text) || text.includes(delimiter);
  return {
    read(bytes, start, end) {
      if (!isUtf8(bytes.subarray(start, end))) throw new FormatError("the text is not valid UTF-8");
      const texts = splitLine(bytes.toString("utf8", start, end), delimiter);
      if (texts.length !== fields.length) throw new FormatError(`${fields.length} columns are declared, here are ${texts.length}`);
      return fields.map(({ name, type, read }, index) => {
        const text = texts[index] ?? null;
        const value = text === null ? null : read(text);
        if (value === undefined) throw new FormatError(`column '${name}': ${shown(text ?? "")} is no ${typeName(type)}`);
        return value;
      });
    },
    write(values) {
      const texts = fields.map(({ write }, index) => {
        const value = values[index] ?? null;
        const text = value === null ? null : write(value);
        return text !== null && needsQuotes(text) ? `"${text.replaceAll('"', '""')}"` : (text ?? "");
      });
      return Buffer.from(texts.join(delimiter));
    },
  };
}

/** The texts between the delimiters; null: nothing at all, without quotes. A line break may follow. */
function splitLine(text: string, delimiter: string): readonly (string | null)[] {
  const line = withoutBreak(text);
  const texts: (string | null)[] = [];
  for (let at = 0; ; at += delimiter.length) {
    if (line.charCodeAt(at) === QUOTE) {
      const close = closingQuote(line, at);
      texts.push(line.slice(at + 1, close).replaceAll('""', '"'));
      at = close + 1;
    } else {
      const next = line.indexOf(delimiter, at);
      const plain = line.slice(at, next < 0 ? line.length : next);
      if (plain.includes("\n") || plain.includes("\r")) throw new FormatError("a second line follows the first one");
      texts.push(plain === "" ? null : plain);
      at += plain.length;
    }
    if (at === line.length) return texts;
    if (!line.startsWith(delimiter, at)) throw new FormatError(`there is text behind the closing quote at character ${at}`);
  }
}

const QUOTE = 0x22;

function withoutBreak(text: string): string {
  const line = text.endsWith("\n") ? text.slice(0, -1) : text;
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** Quotes within are written twice. */
function closingQuote(line: string, open: number): number {
  let at = line.indexOf('"', open + 1);
  while (at >= 0 && line[at + 1] === '"') at = line.indexOf('"', at + 2);
  if (at < 0) throw new FormatError(`the quote at character ${open + 1} is never closed`);
  return at;
}

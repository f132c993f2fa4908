import type { Span } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import { type Column, DELIMITER, type DeclaredLayout, FORMATS, type Format, type Layout, NAMED_DELIMITERS } from "../model/format.ts";
import { FORMATS_TO_COME, formatOf, formatProblem, type Part } from "./format-rules.ts";
import { didYouMean, type Reporter } from "./reporter.ts";

/** An option as it was written. */
export interface WrittenText {
  readonly text: string;
  readonly span: Span;
}

/** What CREATE says of one part of its records. */
export interface WrittenFormat {
  readonly format: WrittenText | null;
  readonly delimiter: WrittenText | null;
  /** Where it says nothing. */
  readonly usual: Format;
  readonly columns: readonly Column[];
  /** Where a column is written. */
  readonly spanOf: (column: Column) => Span;
}

/** How a stream's records are laid out; null: it was refused. */
export function declareLayout(key: WrittenFormat, value: WrittenFormat, report: Reporter): DeclaredLayout | null {
  const keyLayout = declarePart(key, "key", report);
  const valueLayout = declarePart(value, "value", report);
  return keyLayout === null || valueLayout === null ? null : { key: keyLayout, value: valueLayout };
}

function declarePart(written: WrittenFormat, part: Part, report: Reporter): Layout | null {
  const format = readFormat(written, part, report);
  const delimiter = format === null ? null : readDelimiter(written, format, part, report);
  if (format === null || delimiter === null) return null;
  return { format, columns: written.columns.map(({ name, type }) => ({ name, type })), delimiter };
}

function readFormat({ format: written, usual, columns, spanOf }: WrittenFormat, part: Part, report: Reporter): Format | null {
  const format = written === null ? usual : knownFormat(written, part, report);
  if (format === null || written === null) return format;
  const problem = formatProblem(format, columns, part);
  if (problem === null) return format;
  const { message, hint, column } = problem;
  return report.error("INVALID_VALUE", column === null ? written.span : spanOf(column), message, hint);
}

/** The format of a name; null: it was refused. */
export function knownFormat({ text, span }: WrittenText, part: Part, report: Reporter): Format | null {
  const format = formatOf(text);
  if (format !== null) return format;
  const known = FORMATS.join(", ");
  if (FORMATS_TO_COME.includes(text.toLowerCase())) {
    return report.error("NOT_SUPPORTED_YET", span, `the ${part} format '${text}' is not supported yet`, `${known} are`);
  }
  const hint = didYouMean(nearest(text.toLowerCase(), FORMATS)) ?? `formats are ${known}`;
  return report.error("INVALID_VALUE", span, `there is no ${part} format '${text}'`, hint);
}

function readDelimiter({ delimiter }: WrittenFormat, format: Format, part: Part, report: Reporter): string | null {
  if (delimiter === null) return DELIMITER;
  const { text, span } = delimiter;
  if (format !== "delimited") {
    return report.error("INVALID_VALUE", span, `a ${part} of format '${format}' has no delimiter`, `leave it out, or write 'delimited'`);
  }
  const character = NAMED_DELIMITERS[text.toUpperCase()] ?? text;
  if (/^[^"\r\n]$/u.test(character)) return character;
  return report.error("INVALID_VALUE", span, `'${text}' is no delimiter`, "it is one character other than a quote, TAB or SPACE");
}

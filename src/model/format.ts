import type { DataType } from "./type.ts";

/** Formats that the key or the value of a record can have. */
export const FORMATS = ["json", "delimited", "kafka", "string", "bytes", "none"] as const;
export type Format = (typeof FORMATS)[number];

export interface Column {
  readonly name: string;
  readonly type: DataType;
}

/** How the key or the value of a topic's records is laid out in bytes. Plain data, part of the physical plan. */
export interface Layout {
  readonly format: Format;
  /** In the order of the record. Empty: it is one value without a name, or nothing at all. */
  readonly columns: readonly Column[];
  /** The character between the columns of `delimited`. */
  readonly delimiter: string;
}

/**
 * Both parts of a record. null: the part is as it lies, without a layout. A value is then a JSON document, a key what the
 * reader's key format says, or what a statement writes as a key.
 */
export interface RecordLayout {
  readonly key: Layout | null;
  readonly value: Layout | null;
}

/** Both parts as they are declared, those that lie as they are included. */
export interface DeclaredLayout {
  readonly key: Layout;
  readonly value: Layout;
}

export const PLAIN_LAYOUT: RecordLayout = { key: null, value: null };

export const DELIMITER = ",";

const JSON_PART: Layout = { format: "json", columns: [], delimiter: DELIMITER };

/** JSON wherever one looks. */
export const JSON_LAYOUT: DeclaredLayout = { key: JSON_PART, value: JSON_PART };

/** What is needed to read records: nothing for values that are JSON, and for keys that are that, text or bytes. */
export function readingLayout({ key, value }: DeclaredLayout): RecordLayout {
  return { key: key.format === "delimited" || key.format === "kafka" ? key : null, value: value.format === "json" ? null : value };
}

/** What is needed to write records whose keys and values come as JSON objects of their columns: nothing for keys that are text. */
export function writingLayout({ key, value }: DeclaredLayout): RecordLayout {
  const isText = key.format === "string" || (key.format === "json" && key.columns.length === 0);
  return { key: isText ? null : key, value: value.format === "json" ? null : value };
}

/** Delimiters that have a name, as they can hardly be written. */
export const NAMED_DELIMITERS: Readonly<Record<string, string>> = { TAB: "\t", SPACE: " " };

/** The columns of a part, where one value without a name counts as a column too. */
export function columnsOfLayout({ format, columns }: Layout): readonly Column[] {
  if (columns.length > 0) return columns;
  return format === "string" || format === "bytes" ? [{ name: "", type: { kind: format } }] : [];
}

export type Row = Readonly<Record<string, unknown>>;

/** Numbers that a double cannot hold stay as they are written. */
export function rowOf(document: string): Row {
  const value: unknown = /\d{16}/.test(document) ? JSON.parse(document, longNumbersAsText) : JSON.parse(document);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : { value };
}

function longNumbersAsText(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value;
}

export function columnsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

export function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** On one line, and without what could do something to a terminal: control characters as JSON writes them. */
export function shownText(value: unknown): string {
  return cellText(value).replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return SHORT[character] ?? `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

const INVISIBLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

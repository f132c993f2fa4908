/** A column's type as far as values of it can be written. */
export type CqlType =
  | { readonly kind: "native"; readonly name: NativeType }
  | { readonly kind: "list" | "set"; readonly element: CqlType }
  | { readonly kind: "map"; readonly key: CqlType; readonly value: CqlType }
  /** Types that no value is written to: tuples, user-defined types, vectors, durations, counters. */
  | { readonly kind: "other"; readonly text: string };

const NATIVE = [
  "ascii",
  "bigint",
  "blob",
  "boolean",
  "date",
  "decimal",
  "double",
  "float",
  "inet",
  "int",
  "smallint",
  "text",
  "time",
  "timestamp",
  "timeuuid",
  "tinyint",
  "uuid",
  "varchar",
  "varint",
] as const;

export type NativeType = (typeof NATIVE)[number];

const NATIVE_NAMES: ReadonlySet<string> = new Set(NATIVE);

/** Reads a type as `system_schema.columns` writes it: `text`, `frozen<map<text, frozen<list<int>>>>`. */
export function parseCqlType(text: string): CqlType {
  if (NATIVE_NAMES.has(text)) return { kind: "native", name: text as NativeType };
  const match = /^(frozen|list|set|map)<(.*)>$/.exec(text);
  const inner = match?.[2] ?? "";
  switch (match?.[1]) {
    case "frozen":
      return parseCqlType(inner);
    case "list":
    case "set":
      return { kind: match[1], element: parseCqlType(inner) };
    case "map": {
      const comma = topLevelComma(inner);
      return { kind: "map", key: parseCqlType(inner.slice(0, comma)), value: parseCqlType(inner.slice(comma + 1).trim()) };
    }
    default:
      return { kind: "other", text };
  }
}

function topLevelComma(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "<") depth++;
    else if (text[at] === ">") depth--;
    else if (text[at] === "," && depth === 0) return at;
  }
  return text.length;
}

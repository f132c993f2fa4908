/** A column's type as far as values of it can be written. */
export type CqlType =
  | { readonly kind: "native"; readonly name: NativeType }
  | { readonly kind: "list" | "set"; readonly element: CqlType }
  | { readonly kind: "map"; readonly key: CqlType; readonly value: CqlType }
  | { readonly kind: "tuple"; readonly elements: readonly CqlType[] }
  | UdtType
  /** Types that no value is written to: vectors, durations, counters. */
  | { readonly kind: "other"; readonly text: string };

/** A user-defined type; its values have the fields in this order. */
export interface UdtType {
  readonly kind: "udt";
  readonly name: string;
  readonly fields: readonly UdtField[];
}

export interface UdtField {
  readonly name: string;
  /** As CQL spells it, for messages. */
  readonly typeText: string;
  readonly type: CqlType;
}

/** What `system_schema.types` says of the types of one keyspace, by their names. */
export type UserTypes = ReadonlyMap<string, readonly Omit<UdtField, "type">[]>;

const NO_TYPES: UserTypes = new Map();

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

/** Reads a type as `system_schema.columns` writes it: `text`, `frozen<map<text, frozen<list<int>>>>`, `frozen<"Address">`. */
export function parseCqlType(text: string, userTypes: UserTypes = NO_TYPES): CqlType {
  if (NATIVE_NAMES.has(text)) return { kind: "native", name: text as NativeType };
  const other: CqlType = { kind: "other", text };
  const match = /^(frozen|list|set|map|tuple)<(.+)>$/.exec(text);
  if (match === null) return udt(text, userTypes) ?? other;
  const inner = splitTypes(match[2] as string).map((part) => parseCqlType(part, userTypes));
  const [first = other, second = other] = inner;
  switch (match[1]) {
    case "frozen":
      return first;
    case "map":
      return { kind: "map", key: first, value: second };
    case "tuple":
      return { kind: "tuple", elements: inner };
    default:
      return { kind: match[1] as "list" | "set", element: first };
  }
}

function udt(text: string, userTypes: UserTypes): UdtType | null {
  const name = /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text;
  const fields = userTypes.get(name);
  if (fields === undefined) return null;
  return { kind: "udt", name, fields: fields.map((field) => ({ ...field, type: parseCqlType(field.typeText, userTypes) })) };
}

/** The user-defined types that values of the type have in them, the outer ones first. */
export function udtsIn(type: CqlType): readonly UdtType[] {
  switch (type.kind) {
    case "list":
    case "set":
      return udtsIn(type.element);
    case "map":
      return [...udtsIn(type.key), ...udtsIn(type.value)];
    case "tuple":
      return type.elements.flatMap(udtsIn);
    case "udt":
      return [type, ...type.fields.flatMap((field) => udtsIn(field.type))];
    default:
      return [];
  }
}

/** Types with commas between them; neither those within `<>` nor those within quoted names part them. */
function splitTypes(text: string): readonly string[] {
  const parts: string[] = [];
  let [from, depth, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    if (quoted) continue;
    if (character === "<") depth++;
    else if (character === ">") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}

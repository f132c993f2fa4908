import type { Ident, Path, Select } from "../../../grammar/ast.ts";
import { defaultName } from "../output-columns.ts";

/** Where a field comes from. An expression has no one place. */
export type FieldOrigin = "key" | "value" | "header" | "topic" | "partition" | "offset" | "timestamp" | "expression";

export interface FieldPlace {
  readonly from: FieldOrigin;
  /** Metadata have none; a star is the last segment. */
  readonly path: readonly string[];
}
export interface FieldFact extends FieldPlace {
  readonly as: string;
}

const FACETS: ReadonlyMap<string, FieldOrigin> = new Map([
  ["_key", "key"],
  ["_value", "value"],
  ["_header", "header"],
]);
const METADATA: ReadonlyMap<string, FieldOrigin> = new Map([
  ["topic", "topic"],
  ["partition", "partition"],
  ["offset", "offset"],
  ["timestamp", "timestamp"],
  ["ts", "timestamp"],
]);

/** Words that stand for the whole record: `_.topic`, and Lenses' `_meta.topic`. */
const RECORD_WORDS: ReadonlySet<string> = new Set(["_", "_meta"]);

/** What a dotted name means without any catalog: a facet of the record, metadata, else a field of the value. */
export function fieldPlace({ parts }: Path, qualifiers: ReadonlySet<string>): FieldPlace {
  const [first, second] = parts;
  if (first !== undefined && second !== undefined && qualifiers.has(first.name)) {
    return fieldPlace({ parts: parts.slice(1), span: second.span }, NO_QUALIFIERS);
  }
  const word = first === undefined || first.quoted ? "" : first.name.toLowerCase();
  const facet = FACETS.get(word);
  if (facet !== undefined) return { from: facet, path: namesOf(parts.slice(1)) };
  if (RECORD_WORDS.has(word) && second !== undefined) {
    const name = second.name.toLowerCase();
    if (name === "key") return { from: "key", path: namesOf(parts.slice(2)) };
    const from = METADATA.get(name);
    if (from !== undefined) return { from, path: [] };
  }
  const from = parts.length === 1 && word.startsWith("_") ? METADATA.get(word.slice(1)) : undefined;
  return from === undefined ? { from: "value", path: namesOf(parts) } : { from, path: [] };
}

const NO_QUALIFIERS: ReadonlySet<string> = new Set();
const namesOf = (parts: readonly Ident[]): string[] => parts.map(({ name }) => name);

/** Names by which the relations of a SELECT can be called in front of a field; without a join a topic's own name is none. */
export function qualifiersOf({ from, joins }: Select): ReadonlySet<string> {
  const names = [from, ...joins.map(({ right }) => right)].flatMap((item) => {
    if (item.alias !== null) return [item.alias.name];
    const own = item.kind === "relation" && joins.length > 0 && item.path.parts.length === 1 ? item.path.parts[0] : undefined;
    return own === undefined ? [] : [own.name];
  });
  return new Set(names);
}

/** The columns of a SELECT. */
export function fieldFacts(select: Select): FieldFact[] {
  const qualifiers = qualifiersOf(select);
  return select.items.map((item, index): FieldFact => {
    if (item.kind === "star") {
      if (item.prefix === null) return { from: "value", path: ["*"], as: "*" };
      const { from, path } = starPlace(item.prefix, qualifiers);
      return { from, path: [...path, "*"], as: "*" };
    }
    const as = item.alias?.name ?? defaultName(item.expr, index + 1);
    if (item.expr.kind !== "ref") return { from: "expression", path: [], as };
    return { ...fieldPlace(item.expr.path, qualifiers), as };
  });
}

/** `t.*` is the whole row where t is the relation. */
function starPlace(prefix: Path, qualifiers: ReadonlySet<string>): FieldPlace {
  const [first] = prefix.parts;
  if (prefix.parts.length === 1 && first !== undefined && qualifiers.has(first.name)) return { from: "value", path: [] };
  return fieldPlace(prefix, qualifiers);
}

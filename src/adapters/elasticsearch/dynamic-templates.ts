import type { DataType } from "../../model/type.ts";
import { isRecord } from "./server-error.ts";

type Mapping = Readonly<Record<string, unknown>>;

/** The field that a mapping's dynamic templates would make. */
export interface DynamicField {
  readonly template: string;
  readonly type: string;
  readonly mapping: Mapping;
}

/** The first template that takes a new field; null: none does, or it leaves the type to the value. */
export function dynamicFieldType(templates: readonly unknown[], path: string, type: DataType): DynamicField | null {
  const seenAs = JSON_TYPES[type.kind];
  // Of values that may be anything nobody knows which template takes them.
  if (seenAs === undefined) return null;
  for (const entry of templates) {
    const [found] = isRecord(entry) ? Object.entries(entry) : [];
    if (found === undefined || !isRecord(found[1]) || !takes(found[1], path, seenAs)) continue;
    const mapping = isRecord(found[1].mapping) ? found[1].mapping : {};
    const made = typeof mapping.type === "string" && !mapping.type.startsWith("{") ? mapping.type : null;
    return made === null ? null : { template: found[0], type: made, mapping };
  }
  return null;
}

/** As what Elasticsearch sees a value in JSON before it has a field for it. A text with a date in it is a date. */
const JSON_TYPES: Readonly<Partial<Record<DataType["kind"], readonly string[]>>> = {
  boolean: ["boolean"],
  int: ["long"],
  bigint: ["long"],
  double: ["double"],
  decimal: ["double"],
  string: ["string"],
  time: ["string"],
  timestamp: ["date"],
  date: ["date"],
  map: ["object"],
  struct: ["object"],
};

function takes(template: Mapping, path: string, seenAs: readonly string[]): boolean {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const isRegex = template.match_pattern === "regex";
  const fits = (patterns: unknown, text: string): boolean =>
    listOf(patterns).some((pattern) => (isRegex ? matchesRegex(pattern, text) : matchesWildcard(pattern, text)));
  const types = listOf(template.match_mapping_type);
  if (types.length > 0 && !types.some((type) => type === "*" || seenAs.includes(type))) return false;
  if (listOf(template.unmatch_mapping_type).some((type) => seenAs.includes(type))) return false;
  if (template.match !== undefined && !fits(template.match, name)) return false;
  if (fits(template.unmatch, name)) return false;
  if (template.path_match !== undefined && !listOf(template.path_match).some((pattern) => matchesWildcard(pattern, path))) return false;
  return !listOf(template.path_unmatch).some((pattern) => matchesWildcard(pattern, path));
}

function listOf(written: unknown): readonly string[] {
  if (written === undefined || written === null) return [];
  return (Array.isArray(written) ? written : [written]).map(String);
}

/** Step by step, as a pattern of many stars must not take long. */
function matchesWildcard(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() as string;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

const REGEX_CHARACTERS_MAX = 200;

/** Java's patterns for whole names; one that is not understood here takes nothing. */
function matchesRegex(pattern: string, text: string): boolean {
  if (pattern.length > REGEX_CHARACTERS_MAX) return false;
  try {
    return new RegExp(`^(?:${pattern})$`).test(text);
  } catch {
    return false;
  }
}

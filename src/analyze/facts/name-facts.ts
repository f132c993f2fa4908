import type { FromItem, Ident, Path, Span } from "../../../grammar/ast.ts";
import { splitRawName } from "../../../grammar/names.ts";

/** Where rows go: a fixed name, or the name that the key, the value or a header of each record says. */
export interface TargetType {
  readonly kind: "static" | "key" | "value" | "header";
  /** What stands behind the first dot, its quotes kept. Null: nothing; and of a fixed name. */
  readonly path: string | null;
}

const SPEAKING: ReadonlyMap<string, TargetType["kind"]> = new Map([
  ["_key", "key"],
  ["_value", "value"],
  ["_header", "header"],
]);

/** The name of a topic or target as it was meant: without the quotes around it. */
export function nameText({ parts }: Path): string {
  const text = parts.map(({ name }) => name).join(".");
  // KCQL takes off one pair of back-ticks, then one pair of single quotes.
  const inner = parts.length === 1 && parts[0]?.quoted === true ? /^'([^']*)'$/.exec(text)?.[1] : undefined;
  return inner ?? text;
}

/** `_header.tenant`, `` `_key.'x.y'` ``: lower case only, anything else is a fixed name. */
export function targetType(path: Path, text: string): TargetType {
  const written = path.parts.length === 1 ? nameText(path) : text.slice(path.span.start, path.span.end);
  const dot = written.indexOf(".");
  const kind = SPEAKING.get(dot < 0 ? written : written.slice(0, dot)) ?? "static";
  return { kind, path: kind === "static" || dot < 0 ? null : written.slice(dot + 1) };
}

/** The field that a target's name stands for, without its connection; null: the name is a fixed one. */
export function speakingPath(parts: readonly Ident[], span: Span): Path | null {
  const [only, ...others] = parts;
  if (only === undefined) return null;
  const inner = only.quoted && others.length === 0 ? splitRawName(only.name, only.span.start) : parts;
  const [first, ...rest] = inner;
  if (first === undefined || !SPEAKING.has(first.name)) return null;
  return { parts: [{ ...first, quoted: false }, ...rest], span };
}

/** What a FROM reads; of a sub-query what it reads. */
export function sourceText(from: FromItem): string | null {
  if (from.kind === "relation") return from.path.parts.length === 0 ? null : nameText(from.path);
  return from.kind === "derived" ? sourceText(from.select.from) : null;
}

/** What stands at a place of a text. */
import { type IToken, tokenMatcher } from "chevrotain";
import type { Path, Span } from "./ast.ts";
import { keywordDoc } from "./keyword-docs.ts";
import { type CompletionKind, type KnownName, type KnownNames, PSEUDO_FIELDS } from "./known-names.ts";
import { splitRawName } from "./names.ts";
import { parse } from "./parse.ts";
import { surroundingsAt } from "./relations-at.ts";
import { endOf, followsDotOrAs, K, LeftParen, LikeOperator, RawName, tokenize, Word } from "./tokens.ts";

export interface Hover {
  readonly span: Span;
  readonly kind: CompletionKind;
  /** The keyword, the function's name, the field's path. */
  readonly label: string;
  /** The signature of a function, the type of a field and where it comes from, an example of a clause. */
  readonly detail: string | null;
  readonly doc: string | null;
}

/** Null: nothing worth a word. Works in texts with errors as far as they could be read. */
export function hover(text: string, offset: number, names: KnownNames): Hover | null {
  const { tokens } = tokenize(text);
  const index = tokens.findLastIndex((token) => token.startOffset <= offset && offset <= endOf(token));
  const token = tokens[index];
  if (token === undefined) return null;
  if (token.tokenType === RawName) return hoverRelation(tokens, index, names);
  const isCalled = tokens[index + 1]?.tokenType === LeftParen && tokenMatcher(token, Word);
  const called = isCalled && !followsDotOrAs(tokens, index) ? byName(names.functions, token.image) : undefined;
  if (called !== undefined) return describe(token, "function", called);
  return hoverField(text, offset, names) ?? hoverKeyword(token) ?? hoverType(token, names);
}

const spanOf = (token: IToken): Span => ({ start: token.startOffset, end: endOf(token) });
const byName = (known: readonly KnownName[], name: string): KnownName | undefined =>
  known.find((one) => one.name.toLowerCase() === name.toLowerCase());
const describe = (token: IToken, kind: CompletionKind, { name, detail, doc }: KnownName): Hover => ({
  span: spanOf(token),
  kind,
  label: name,
  detail,
  doc,
});

function hoverRelation(tokens: readonly IToken[], index: number, names: KnownNames): Hover | null {
  const token = tokens[index] as IToken;
  const isTarget = tokens[index - 1]?.tokenType === K.INTO;
  const name = splitRawName(token.image, 0)
    .map((part) => part.name)
    .join(".");
  const known = byName(isTarget ? names.targets : names.relations, name);
  return known === undefined ? null : describe(token, isTarget ? "target" : "relation", known);
}

// --- fields -------------------------------------------------------------------------------------

function hoverField(text: string, offset: number, names: KnownNames): Hover | null {
  const path = pathAt(parse(text).statements, offset);
  const at = path?.parts.findIndex(({ span }) => span.start <= offset && offset <= span.end) ?? -1;
  if (path === null || at < 0) return null;
  const parts = path.parts.slice(0, at + 1).map(({ name }) => name);
  const span = { start: path.span.start, end: path.parts[at]?.span.end ?? path.span.end };
  const pseudo = byName(PSEUDO_FIELDS, parts[0] ?? "");
  if (pseudo !== undefined && (parts.length === 1 || pseudo.name !== "_value")) {
    return { span, kind: "field", label: parts.join("."), detail: pseudo.detail, doc: pseudo.doc };
  }
  const { relations } = surroundingsAt(text, offset);
  const own = relations.filter(({ alias, name }) => alias === parts[0] || name === parts[0]);
  const field = own.length > 0 || pseudo !== undefined ? parts.slice(1) : parts;
  for (const { name } of own.length > 0 ? own : relations) {
    const known = byName(names.fieldsOf(name), field.join("."));
    if (known !== undefined)
      return { span, kind: "field", label: known.name, detail: `${known.detail ?? "any"} of ${name}`, doc: known.doc };
  }
  const [relation] = own;
  return relation === undefined || field.length > 0
    ? null
    : { span, kind: "relation", label: relation.alias, detail: relation.name, doc: null };
}

/** The innermost path of a tree at an offset. */
function pathAt(node: unknown, offset: number): Path | null {
  if (typeof node !== "object" || node === null) return null;
  if ("span" in node && !isAround(node.span as Span, offset)) return null;
  for (const inner of Object.values(node)) {
    const found = pathAt(inner, offset);
    if (found !== null) return found;
  }
  return "parts" in node ? (node as Path) : null;
}

const isAround = ({ start, end }: Span, offset: number): boolean => start <= offset && offset <= end;

// --- keywords and types -------------------------------------------------------------------------

function hoverKeyword(token: IToken): Hover | null {
  const word = token.tokenType.name;
  if (!(word in K) && !tokenMatcher(token, LikeOperator)) return null;
  const { detail, doc } = keywordDoc(word);
  return doc === null ? null : { span: spanOf(token), kind: "keyword", label: word, detail, doc };
}

function hoverType(token: IToken, names: KnownNames): Hover | null {
  const known = byName(names.types, token.image);
  return known === undefined ? null : describe(token, "value", known);
}

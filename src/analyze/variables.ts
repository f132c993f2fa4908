import type { Diagnostic, Expr, Ident, Path, Ref, Span, TypeRef } from "../../grammar/ast.ts";
import { errorAt } from "../../grammar/diagnostics.ts";
import { TEXT_BYTES_MAX } from "../../grammar/lexical-errors.ts";
import { isRawName, splitRawName } from "../../grammar/names.ts";
import { nearest } from "../../grammar/nearest.ts";
import type { Option, ParseResult, SetStatement, Statement } from "../../grammar/statement-ast.ts";
import { didYouMean } from "./reporter.ts";

/** Texts by name; names are read in any case. */
export type Variables = Readonly<Record<string, string>>;

/**
 * The statements as DEFINE makes them: `${name}` in names, texts and options is what was defined last before the
 * statement, or given from outside; `$${` is a plain `${`. Places stay those of the text as written. DEFINE and UNDEFINE
 * themselves are gone; `variables` is what holds behind the text. A name that is not defined is an error: UNKNOWN_VARIABLE.
 */
export function withVariables(parsed: ParseResult, given: Variables = {}): ParseResult & { readonly variables: Variables } {
  const substitution = new Substitution(parsed.text, given);
  const statements = parsed.statements.flatMap((statement) => substitution.statement(statement));
  const diagnostics = [...parsed.diagnostics, ...substitution.diagnostics].sort((a, b) => a.span.start - b.span.start);
  return { ...parsed, statements, diagnostics, variables: substitution.variables };
}

const REFERENCE = /\$\$\{|\$\{(\w+)\}/g;
const ALONE = /^\$\{\w+\}$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const keyOf = (name: string): string => name.toUpperCase();

/** One pass over the statements of a text. Trees are plain data, so that no kind of node need be known but those that become others. */
class Substitution {
  readonly diagnostics: Diagnostic[] = [];
  readonly #text: string;
  readonly #variables = new Map<string, { readonly name: string; readonly value: string }>();
  /** Variables made of variables can double with each DEFINE. */
  #lengthLeft = TEXT_BYTES_MAX;

  constructor(text: string, given: Variables) {
    this.#text = text;
    for (const [name, value] of Object.entries(given)) this.#define(name, value);
  }

  get variables(): Variables {
    return Object.fromEntries([...this.#variables.values()].map(({ name, value }) => [name, value]));
  }

  #define(name: string, value: string): void {
    this.#variables.set(keyOf(name), { name, value });
  }

  statement(statement: Statement): Statement[] {
    const { kind, span } = statement;
    if (kind === "define") {
      this.#define(statement.name, this.#replaced(statement.value, span));
      return [];
    }
    if (kind === "undefine") {
      if (!this.#variables.delete(keyOf(statement.name))) this.#refuseUnknown(statement.name, span);
      return [];
    }
    const isAffected = this.#text.slice(span.start, span.end).includes("${");
    return [isAffected ? (this.#node(statement, span) as Statement) : statement];
  }

  /** `span`: of the innermost node around. */
  #node(node: unknown, span: Span): unknown {
    if (typeof node === "string") return this.#replaced(node, span);
    if (Array.isArray(node)) return node.map((inner) => this.#node(inner, span));
    if (typeof node !== "object" || node === null) return node;
    if (isRef(node)) return this.#literal(node) ?? { ...node, path: this.#path(node.path) };
    if (isPath(node)) return this.#path(node);
    const own = "span" in node ? (node.span as Span) : span;
    const members = Object.entries(node).map(([name, inner]) => [name, this.#node(inner, own)]);
    const copy = Object.fromEntries(members) as object;
    if (isType(copy)) return { ...copy, name: copy.name.toUpperCase() };
    return isSetting(node) && ALONE.test(node.value) ? { ...copy, value: constant((copy as Setting).value) } : copy;
  }

  /** An operand that is a variable alone may be a number, TRUE, FALSE or NULL; null: it is a name. */
  #literal({ path: { parts }, span }: Ref): Expr | null {
    const [only, ...others] = parts;
    if (only === undefined || others.length > 0 || only.quoted || !ALONE.test(only.name)) return null;
    const text = this.#replaced(only.name, span);
    if (NUMBER.test(text)) {
      const number: Expr = { kind: "number", text: text.replace(/^[+-]/, ""), span };
      return text.startsWith("-") ? { kind: "negate", operand: number, span } : number;
    }
    const value = constant(text);
    if (typeof value === "boolean") return { kind: "boolean", value, span };
    return keyOf(text) === "NULL" ? { kind: "null", span } : null;
  }

  #path(path: Path): Path {
    return { ...path, parts: path.parts.flatMap((part) => this.#parts(part)) };
  }

  /** Of a name without quotes the text is read as if it stood there: `elastic.readings` is two parts. */
  #parts(part: Ident): Ident[] {
    const name = this.#replaced(part.name, part.span);
    if (part.quoted || name === part.name) return [{ ...part, name }];
    if (isRawName(name)) return splitRawName(name, 0).map((one) => ({ ...one, span: part.span }));
    const hint = "in back-ticks it is one, here or in DEFINE: '`my topic`'";
    this.diagnostics.push(errorAt("INVALID_VALUE", `'${name}' is no name`, part.span, hint));
    return [{ ...part, name }];
  }

  #replaced(text: string, span: Span): string {
    if (!text.includes("${")) return text;
    return text.replaceAll(REFERENCE, (written, name: string | undefined) => {
      if (name === undefined) return "${";
      const value = this.#variables.get(keyOf(name))?.value;
      if (value === undefined) this.#refuseUnknown(name, this.#placeOf(written, span));
      else if (this.#isRoomFor(value, span)) return value;
      return written;
    });
  }

  #isRoomFor(value: string, span: Span): boolean {
    const hadRoom = this.#lengthLeft >= 0;
    this.#lengthLeft -= value.length;
    if (hadRoom && this.#lengthLeft < 0) {
      this.diagnostics.push(errorAt("TOO_LARGE", `variables stand for more than ${TEXT_BYTES_MAX} characters`, span));
    }
    return this.#lengthLeft >= 0;
  }

  #placeOf(written: string, span: Span): Span {
    const start = this.#text.indexOf(written, span.start);
    return start === -1 || start >= span.end ? span : { start, end: start + written.length };
  }

  #refuseUnknown(name: string, span: Span): void {
    if (this.diagnostics.some(({ code, span: { start } }) => code === "UNKNOWN_VARIABLE" && start === span.start)) return;
    const close = nearest(
      name,
      [...this.#variables.values()].map((one) => one.name),
    );
    const hint = didYouMean(close) ?? `DEFINE ${name} = '…' before the statement says what it stands for`;
    this.diagnostics.push(errorAt("UNKNOWN_VARIABLE", `there is no variable '${name}'`, span, hint));
  }
}

type Setting = (Option | SetStatement) & { readonly value: string };

const isRef = (node: object): node is Ref => "kind" in node && node.kind === "ref";
const isType = (node: object): node is TypeRef => "arguments" in node && "parameters" in node;
const isPath = (node: object): node is Path => "parts" in node;
/** `name = value`, which takes numbers and truths too. */
const isSetting = (node: object): node is Setting => "name" in node && "value" in node && typeof node.value === "string";

function constant(text: string): string | number | boolean {
  if (NUMBER.test(text)) return Number(text);
  return /^(true|false)$/i.test(text) ? keyOf(text) === "TRUE" : text;
}

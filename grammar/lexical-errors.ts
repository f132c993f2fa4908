/** What is wrong with single tokens and with the size and depth of a text, before any grammar. */
import type { IToken } from "chevrotain";
import type { Diagnostic } from "./ast.ts";
import type { SyntaxCode } from "./diagnostic-codes.ts";
import { describeText } from "./expected.ts";
import { isPlainName } from "./names.ts";
import { endOf, GreaterThan, K, LeftParen, LessThan, RightParen, Unclosed, UnknownCharacter } from "./tokens.ts";

/** Bytes of UTF-8. Far above any pipeline written by hand; below it parsing stays around a second. */
export const TEXT_BYTES_MAX = 1 << 20;
/** The parser recurses: at about 300 levels the stack overflows. */
export const DEPTH_MAX = 100;

export function isTooLarge(text: string): boolean {
  if (text.length > TEXT_BYTES_MAX) return true;
  return text.length * 3 > TEXT_BYTES_MAX && new TextEncoder().encode(text).length > TEXT_BYTES_MAX;
}

/** The token that opens a level too many: parentheses, CASE, and the angle brackets of types. */
export function tooDeepAt(tokens: readonly IToken[]): IToken | null {
  let depth = 0;
  let typeDepth = 0;
  for (const [index, token] of tokens.entries()) {
    const type = token.tokenType;
    if (type === LeftParen || type === K.CASE) depth++;
    else if (type === RightParen || type === K.END) depth = Math.max(0, depth - 1);
    else if (type === LessThan && /^(?:ARRAY|MAP|STRUCT)$/i.test(tokens[index - 1]?.image ?? "")) typeDepth++;
    else if (type === GreaterThan) typeDepth = Math.max(0, typeDepth - 1);
    if (Math.max(depth, typeDepth) > DEPTH_MAX) return token;
  }
  return null;
}

/** Unknown characters (neighbours in one diagnostic) and things that are never closed. */
export function lexicalErrors(tokens: readonly IToken[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  let unknown = { start: 0, end: -1, image: "" };
  const reportUnknown = (): void => {
    if (unknown.image === "") return;
    const { start, end, image } = unknown;
    diagnostics.push(error("UNKNOWN_CHARACTER", `unexpected ${describeText(image)}`, start, end, CHARACTER_HINTS[image] ?? null));
    unknown = { start: 0, end: -1, image: "" };
  };
  for (const token of tokens) {
    if (token.tokenType === UnknownCharacter && token.startOffset === unknown.end) {
      unknown = { ...unknown, end: endOf(token), image: unknown.image + token.image };
      continue;
    }
    reportUnknown();
    if (token.tokenType === UnknownCharacter) unknown = { start: token.startOffset, end: endOf(token), image: token.image };
    if (token.tokenType === Unclosed) diagnostics.push(unclosed(token));
  }
  reportUnknown();
  return diagnostics;
}

const CHARACTER_HINTS: Readonly<Record<string, string>> = {
  "&&": "write AND",
  "&": "write AND",
  "|": "write || to join strings, OR between conditions",
  "!": "write NOT, or <>",
  "^": "there is no such operator",
  "“": "strings are written with '",
  "”": "strings are written with '",
  "‘": "strings are written with '",
  "’": "strings are written with '",
  "#": "a comment starts with --",
  "\\": "a quote inside a string is written twice",
};

function unclosed(token: IToken): Diagnostic {
  const { image, startOffset: start } = token;
  const end = start + image.trimEnd().length;
  if (image.startsWith("/*")) return error("UNCLOSED_COMMENT", "this comment is never closed", start, start + 2, null);
  if (image.startsWith("'"))
    return error("UNCLOSED_STRING", "this string is never closed", start, end, "a quote inside a string is written twice: 'it''s'");
  if (image[0] === image[1]) return error("UNCLOSED_NAME", "a quoted name cannot be empty", start, start + 2, null);
  return error("UNCLOSED_NAME", "this quoted name is never closed", start, end, null);
}

export const error = (code: SyntaxCode, message: string, start: number, end: number, hint: string | null): Diagnostic => ({
  severity: "error",
  code,
  message,
  hint,
  span: { start, end },
});

// --- names of statements ------------------------------------------------------------------------

const nameComment = /^(?:--|\/\*)\s*@name\b[ \t]*(.*?)\s*(?:\*\/)?$/s;

/** The `@name` comments of a text: offset of the INSERT behind → name. */
export function statementNames(
  tokens: readonly IToken[],
  comments: readonly IToken[],
): { names: Map<number, string>; diagnostics: Diagnostic[] } {
  const names = new Map<number, string>();
  const diagnostics: Diagnostic[] = [];
  let index = 0;
  for (const comment of comments) {
    const name = nameComment.exec(comment.image)?.[1];
    if (name === undefined) continue;
    while (index < tokens.length && (tokens[index] as IToken).startOffset < comment.startOffset) index++;
    const token = tokens[index];
    const report = (severity: Diagnostic["severity"], message: string, hint: string | null): void => {
      const span = { start: comment.startOffset, end: endOf(comment) };
      diagnostics.push({ severity, code: "INVALID_NAME", message, hint, span });
    };
    if (!isStatementName(name))
      report("error", `${describeText(name)} cannot be the name of a statement`, "letters, digits, '_', '-' and '.' can");
    else if (token?.tokenType === K.INSERT || token?.tokenType === K.UPSERT) {
      if (names.has(token.startOffset)) report("error", "the statement is named twice", null);
      names.set(token.startOffset, name);
    } else report("warning", "@name has no effect here", "it names the INSERT or UPSERT that follows it");
  }
  return { names, diagnostics };
}

const isStatementName = (name: string): boolean =>
  name !== "" && name.split(/[-.]/).every((part) => /^\w+$/.test(part) || isPlainName(part));

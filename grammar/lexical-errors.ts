/** What is wrong with single tokens and with the size and depth of a text, before any grammar. */
import type { IToken } from "chevrotain";
import type { Diagnostic } from "./ast.ts";
import { errorAt } from "./diagnostics.ts";
import { describeText } from "./expected.ts";
import {
  endOf,
  followsDotOrAs,
  GreaterThan,
  K,
  LeftBracket,
  LeftParen,
  LessThan,
  RightBracket,
  RightParen,
  Unclosed,
  UnknownCharacter,
} from "./tokens.ts";

/** Bytes of UTF-8. Far above any pipeline written by hand; below it parsing stays around a second. */
export const TEXT_BYTES_MAX = 1 << 20;
/** The parser recurses: at about 300 levels the stack overflows. */
export const DEPTH_MAX = 100;

export function isTooLarge(text: string): boolean {
  if (text.length > TEXT_BYTES_MAX) return true;
  return text.length * 3 > TEXT_BYTES_MAX && new TextEncoder().encode(text).length > TEXT_BYTES_MAX;
}

/** Types behind which `<` opens their arguments; behind others it compares. */
export const NESTED_TYPE = /^(?:ARRAY|MAP|STRUCT)$/i;

/** The token that opens a level too many: parentheses, CASE, and the angle brackets of types. */
export function tooDeepAt(tokens: readonly IToken[]): IToken | null {
  let depth = 0;
  let typeDepth = 0;
  for (const [index, token] of tokens.entries()) {
    const type = token.tokenType;
    if (type === LeftParen || type === LeftBracket) depth++;
    else if (type === RightParen || type === RightBracket) depth = Math.max(0, depth - 1);
    else if (type === K.CASE) depth += followsDotOrAs(tokens, index) ? 0 : 1;
    else if (type === K.END) depth = Math.max(0, depth - (followsDotOrAs(tokens, index) ? 0 : 1));
    else if (type === LessThan && NESTED_TYPE.test(tokens[index - 1]?.image ?? "")) typeDepth++;
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
    diagnostics.push(
      errorAt("UNKNOWN_CHARACTER", `unexpected ${describeText(image)}`, { start: start, end: end }, CHARACTER_HINTS[image] ?? null),
    );
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

const QUOTE_HINT = "a quote inside a string is written twice: 'it''s'";
const CURLY_HINT = "strings are written with '";
const CHARACTER_HINTS: Readonly<Record<string, string>> = {
  "&": "write AND",
  "&&": "write AND",
  "|": "write || to join strings, OR between conditions",
  "!": "write NOT, or <>",
  "#": "a comment starts with --; a name with # stands in back-ticks",
  ":": "in a struct or map := stands between name and value: STRUCT(a := 1); a cast is written a::INT",
  "^": "write POWER(a, b)",
  "~": "write a RLIKE 'pattern'",
  "\\": QUOTE_HINT,
  "%": "% stands between numbers; in a name it takes back-ticks",
  $: "a name with $ takes back-ticks; ${name} is what DEFINE said",
  ...Object.fromEntries([..."“”‘’„"].map((quote) => [quote, CURLY_HINT])),
};

function unclosed(token: IToken): Diagnostic {
  const { image, startOffset: start } = token;
  const whole = { start, end: start + image.trimEnd().length };
  const opening = { start, end: start + 2 };
  if (image.startsWith("/*")) return errorAt("UNCLOSED_COMMENT", "this comment is never closed", opening, "close it with */");
  if (image.startsWith("'"))
    return errorAt("UNCLOSED_STRING", "this string is never closed", whole, `it ends at the next '; ${QUOTE_HINT}`);
  if (image[0] === image[1]) return errorAt("UNCLOSED_NAME", "a quoted name cannot be empty", opening, "write a name between them");
  return errorAt(
    "UNCLOSED_NAME",
    "this quoted name is never closed",
    whole,
    `it ends at the next ${image[0]}; one inside is written twice`,
  );
}

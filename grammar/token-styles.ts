/** What the parts of a text are, for whoever shows it in colours. */
import { type IToken, tokenMatcher } from "chevrotain";
import type { Span } from "./ast.ts";
import {
  CallFrom,
  CallIn,
  endOf,
  followsDotOrAs,
  GluedNumber,
  K,
  LeftParen,
  NumberToken,
  StringToken,
  tokenize,
  Unclosed,
  Unit,
  UnknownCharacter,
  Variable,
  Word,
} from "./tokens.ts";

export type TokenStyle = "keyword" | "function" | "string" | "number" | "variable" | "comment" | "wrong";

export interface StyledSpan {
  readonly span: Span;
  readonly style: TokenStyle;
}

/** In the order of the text; names and signs have no style. Works in a text that is being typed. */
export function tokenStyles(text: string): readonly StyledSpan[] {
  const { tokens, comments } = tokenize(text);
  const styled = tokens.flatMap((token, index): StyledSpan[] => {
    const style = styleOf(token, index, tokens);
    return style === null ? [] : [{ span: spanOf(token), style }];
  });
  const said = comments.map((comment): StyledSpan => ({ span: spanOf(comment), style: "comment" }));
  return [...styled, ...said].sort((a, b) => a.span.start - b.span.start);
}

const spanOf = (token: IToken): Span => ({ start: token.startOffset, end: endOf(token) });

const STYLES = new Map<unknown, TokenStyle>([
  ...Object.values(K).map((type): [unknown, TokenStyle] => [type, "keyword"]),
  [CallFrom, "keyword"],
  [CallIn, "keyword"],
  [Unit, "keyword"],
  [StringToken, "string"],
  [NumberToken, "number"],
  [GluedNumber, "number"],
  [Variable, "variable"],
  [Unclosed, "wrong"],
  [UnknownCharacter, "wrong"],
]);

function styleOf(token: IToken, index: number, tokens: readonly IToken[]): TokenStyle | null {
  if (token.tokenType === Unclosed && token.image.startsWith("/*")) return "comment";
  const style = STYLES.get(token.tokenType) ?? null;
  const isWord = style === "keyword" || (style === null && /^\w+$/.test(token.image));
  if (!isWord || followsDotOrAs(tokens, index)) return style === "keyword" ? null : style;
  const next = tokens[index + 1];
  // A word of the language that may be a name is written as one: `count(a)`, but `TUMBLING (SIZE …)`.
  const mayBeCalled = style === null || (tokenMatcher(token, Word) && next?.startOffset === endOf(token));
  return mayBeCalled && next?.tokenType === LeftParen ? "function" : style;
}

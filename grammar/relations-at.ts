/** What the SELECT around an offset reads: found by tokens, so that it works in texts that are being written. */
import type { IToken, TokenType } from "chevrotain";
import { splitRawName, unquote } from "./names.ts";
import { endOf, followsDotOrAs, Identifier, K, LeftParen, QuotedName, RawName, RightParen, Semicolon, tokenize } from "./tokens.ts";

export interface RelationAt {
  /** As it is called in expressions. */
  readonly alias: string;
  /** Without quotes. */
  readonly name: string;
}

export interface Surroundings {
  readonly relations: readonly RelationAt[];
  /** Names given by AS to columns, and to the stages of WITH. */
  readonly columns: readonly string[];
  readonly stages: readonly string[];
}

/** Stands at the offset, so that a dot before it does not take the word behind it for a name. */
const PLACEHOLDER = "_ ";

export function surroundingsAt(text: string, offset: number): Surroundings {
  const tokens = statementAt(tokenize(text.slice(0, offset) + PLACEHOLDER + text.slice(offset)).tokens, offset);
  const depths = depthsOf(tokens);
  const here = regionAt(tokens, depths, offset);
  const at = (index: number): TokenType | undefined => tokens[index]?.tokenType;
  const relations: RelationAt[] = [];
  const columns: string[] = [];
  const stages: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const isStage = at(index + 1) === K.AS && at(index + 2) === LeftParen && (at(index + 3) === K.SELECT || at(index + 3) === K.WITH);
    if (isStage) stages.push(nameOf(token));
    if (index < here.start || index >= here.end || depths[index] !== here.depth) continue;
    if (token.tokenType === RawName && (at(index - 1) === K.FROM || at(index - 1) === K.JOIN)) relations.push(relationAt(tokens, index));
    const isAlias = at(index - 1) === K.AS && at(index - 2) !== RawName;
    if (isAlias && !followsDotOrAs(tokens, index - 1) && (token.tokenType === Identifier || token.tokenType === QuotedName)) {
      columns.push(nameOf(token));
    }
  }
  return { relations, columns, stages };
}

const nameOf = ({ image }: IToken): string => (/^[`"]/.test(image) ? unquote(image) : image);

function relationAt(tokens: readonly IToken[], index: number): RelationAt {
  const parts = splitRawName((tokens[index] as IToken).image, 0).map(({ name }) => name);
  const named = tokens[index + 1]?.tokenType === K.AS ? tokens[index + 2] : tokens[index + 1];
  const isAlias = named !== undefined && (named !== tokens[index + 1] || named.tokenType === Identifier || named.tokenType === QuotedName);
  return { name: parts.join("."), alias: isAlias ? nameOf(named) : (parts.at(-1) ?? "") };
}

function statementAt(tokens: readonly IToken[], offset: number): readonly IToken[] {
  const start = tokens.findLastIndex((token) => token.tokenType === Semicolon && endOf(token) <= offset) + 1;
  const end = tokens.findIndex((token, index) => index >= start && token.tokenType === Semicolon);
  return tokens.slice(start, end === -1 ? tokens.length : end);
}

function depthsOf(tokens: readonly IToken[]): number[] {
  let depth = 0;
  return tokens.map(({ tokenType }) => {
    if (tokenType === RightParen) depth--;
    const own = depth;
    if (tokenType === LeftParen) depth++;
    return own;
  });
}

interface Region {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

/** The innermost parentheses around the offset that hold a SELECT, or all. */
function regionAt(tokens: readonly IToken[], depths: readonly number[], offset: number): Region {
  let start = tokens.findLastIndex((token) => token.startOffset < offset);
  for (let depth = Number.POSITIVE_INFINITY; start >= 0; start--) {
    const isOpen = tokens[start]?.tokenType === LeftParen && (depths[start] ?? 0) < depth;
    if (tokens[start]?.tokenType === RightParen) depth = Math.min(depth, depths[start] ?? 0);
    const first = tokens[start + 1]?.tokenType;
    if (isOpen && (first === K.SELECT || first === K.WITH)) break;
  }
  if (start < 0) return { start: 0, end: tokens.length, depth: 0 };
  const depth = (depths[start] ?? 0) + 1;
  const end = tokens.findIndex((_, index) => index > start && (depths[index] ?? 0) < depth);
  return { start: start + 1, end: end === -1 ? tokens.length : end, depth };
}

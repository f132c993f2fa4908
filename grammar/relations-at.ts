/** What the SELECT around an offset reads: found by tokens, so that it works in texts that are being written. */
import type { IToken, TokenType } from "chevrotain";
import { splitRawName, unquote } from "./names.ts";
import {
  endOf,
  followsDotOrAs,
  Identifier,
  isDistinctFrom,
  K,
  LeftParen,
  QuotedName,
  RawName,
  RightParen,
  Semicolon,
  tokenize,
} from "./tokens.ts";

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
  const selects = selectsAround(tokens);
  const here = selects[tokens.findLastIndex((token) => token.startOffset <= offset)] ?? 0;
  const at = (index: number): TokenType | undefined => tokens[index]?.tokenType;
  const relations: RelationAt[] = [];
  const columns: string[] = [];
  const stages: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const isStage = at(index + 1) === K.AS && at(index + 2) === LeftParen && (at(index + 3) === K.SELECT || at(index + 3) === K.WITH);
    if (isStage) stages.push(nameOf(token));
    if (selects[index] !== here) continue;
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

/**
 * For each token the parentheses with a SELECT that it stands in, by a number; those of calls do not count, and end where
 * a FROM shows that one was not closed yet.
 */
function selectsAround(tokens: readonly IToken[]): number[] {
  const open: (number | null)[] = [];
  return tokens.map(({ tokenType }, index) => {
    if (tokenType === RightParen) open.pop();
    if (tokenType === K.FROM && !isDistinctFrom(tokens, index)) while (open.at(-1) === null) open.pop();
    const own = open.findLast((select) => select !== null) ?? 0;
    const behind = tokens[index + 1]?.tokenType;
    if (tokenType === LeftParen) open.push(behind === K.SELECT || behind === K.WITH ? index + 1 : null);
    return own;
  });
}

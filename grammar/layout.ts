/** How a canonical text is spread over lines: those that are too long, or have a comment in them, are broken. */
import type { IToken } from "chevrotain";
import { type Comments, isLineComment } from "./comments.ts";
import { NESTED_TYPE } from "./lexical-errors.ts";
import {
  Comma,
  endOf,
  GreaterThan,
  K,
  LeftBracket,
  LeftParen,
  LessThan,
  PairsClose,
  PairsOpen,
  RightBracket,
  RightParen,
  Semicolon,
} from "./tokens.ts";

const LINE_LENGTH_MAX = 100;
const INDENT = "  ";

/** The white space before each token, and the indent where a line has to be broken there. */
export interface Layout {
  readonly spaces: readonly string[];
  readonly indents: readonly string[];
}

export function layOut(text: string, tokens: readonly IToken[], comments: Comments): Layout {
  const spaces = tokens.map((token, index) => text.slice(index === 0 ? 0 : endOf(tokens[index - 1] as IToken), token.startOffset));
  const indents: string[] = [];
  for (const line of linesOf(spaces)) {
    const first = tokens[line.start] as IToken;
    const indent = (spaces[line.start] as string).replace(/^.*\n/s, "");
    for (let index = line.start; index < line.end; index++) indents.push(indent + INDENT);
    const length = indent.length + endOf(tokens[line.end - 1] as IToken) - first.startOffset;
    if (length > LINE_LENGTH_MAX || hasBreakingComment(line, comments)) breakLine(line, tokens, spaces, indent);
  }
  return { spaces, indents };
}

/** Indexes of the tokens of a line. */
interface Line {
  readonly start: number;
  readonly end: number;
}

function linesOf(spaces: readonly string[]): Line[] {
  const starts = spaces.flatMap((space, index) => (index === 0 || space.includes("\n") ? [index] : []));
  return starts.map((start, line) => ({ start, end: starts[line + 1] ?? spaces.length }));
}

function hasBreakingComment({ start, end }: Line, comments: Comments): boolean {
  for (let gap = start + 1; gap < end; gap++) {
    if (comments.get(gap)?.some((comment) => comment.place === "alone" || isLineComment(comment))) return true;
  }
  return false;
}

/** A list has a line for each of its members; without one, a condition has one for each part of its AND or OR. */
function breakLine(line: Line, tokens: readonly IToken[], spaces: string[], indent: string): void {
  const points = breakPoints(line, tokens);
  const outermost = Math.min(...points.map(({ depth }) => depth));
  const here = points.filter(({ depth }) => depth === outermost);
  const lists = here.filter(({ isList }) => isList);
  const chosen = lists.length > 0 ? lists : here;
  for (const { gap } of chosen) spaces[gap] = `\n${indent}${INDENT}`;
  const enclosing = lists.length > 0 && outermost === 1 ? enclosingParentheses(line, tokens) : null;
  if (enclosing === null) return;
  spaces[enclosing.open + 1] = `\n${indent}${INDENT}`;
  spaces[enclosing.close] = `\n${indent}`;
}

interface BreakPoint {
  readonly gap: number;
  readonly depth: number;
  readonly isList: boolean;
}

const OPENING: ReadonlySet<unknown> = new Set([LeftParen, LeftBracket, PairsOpen, K.CASE]);
const CLOSING: ReadonlySet<unknown> = new Set([RightParen, RightBracket, PairsClose, K.END]);

function breakPoints({ start, end }: Line, tokens: readonly IToken[]): BreakPoint[] {
  const points: BreakPoint[] = [];
  let depth = 0;
  let types = 0;
  let betweens = 0;
  for (let index = start; index < end; index++) {
    const [type, before] = [tokens[index]?.tokenType, tokens[index - 1]];
    if (OPENING.has(type)) depth++;
    else if (CLOSING.has(type)) depth--;
    else if (type === LessThan && NESTED_TYPE.test(before?.image ?? "")) types++;
    else if (type === GreaterThan && types > 0) types--;
    else if (types > 0 || before?.tokenType === K.CREATE) continue;
    else if (type === K.BETWEEN) betweens++;
    else if (type === Comma && index + 1 < end) points.push({ gap: index + 1, depth, isList: true });
    else if (type === K.AND && betweens > 0) betweens--;
    else if (type === K.AND || type === K.OR) points.push({ gap: index, depth, isList: false });
  }
  return points.filter(({ gap }) => gap > start);
}

/** `CREATE STREAM t (…)`: the parentheses that end the line, if they are the only ones that are not in others. */
function enclosingParentheses({ start, end }: Line, tokens: readonly IToken[]): { open: number; close: number } | null {
  const close = tokens[end - 1]?.tokenType === Semicolon ? end - 2 : end - 1;
  if (!CLOSING.has(tokens[close]?.tokenType)) return null;
  let depth = 0;
  for (let index = start, open = -1; index < end; index++) {
    if (OPENING.has(tokens[index]?.tokenType) && depth++ === 0) {
      if (open !== -1) return null;
      open = index;
    }
    if (CLOSING.has(tokens[index]?.tokenType) && --depth === 0 && index === close) return { open, close };
  }
  return null;
}

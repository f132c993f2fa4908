/** Where the statements of a text end: by its tokens, so that a `;` in a string or a comment is none. */
import type { Span } from "./ast.ts";
import { endOf, Semicolon, tokenize, Unclosed } from "./tokens.ts";

export interface Split {
  /** Each with its `;` and what stands between it and the one before. */
  readonly statements: readonly Span[];
  /** What is behind the last `;`, if it is more than comments. */
  readonly rest: Span | null;
  /** A string, a quoted name or a comment never ends. */
  readonly isOpen: boolean;
}

export function split(text: string): Split {
  const { tokens } = tokenize(text);
  const ends = tokens.filter(({ tokenType }) => tokenType === Semicolon).map(endOf);
  const statements = ends.map((end, index) => ({ start: ends[index - 1] ?? 0, end }));
  const start = ends.at(-1) ?? 0;
  const hasRest = (tokens.at(-1)?.startOffset ?? -1) >= start;
  return {
    statements,
    rest: hasRest ? { start, end: text.length } : null,
    isOpen: tokens.some(({ tokenType }) => tokenType === Unclosed),
  };
}

/** Recognises, at the place of a syntax error, what belongs to the wider language and is not built yet. */
import type { IToken, TokenType } from "chevrotain";
import { LATER_WORDS, type LaterWord } from "./later-words.ts";
import { Comma, Identifier, K, LaterWordToken, LeftParen, RawName, RightParen } from "./tokens.ts";

export interface LaterConstruct extends LaterWord {
  /** The word or sign that shows it. */
  readonly token: IToken;
}

/** The construct that shows at a token, or null. */
export function laterConstruct(tokens: readonly IToken[], index: number): LaterConstruct | null {
  const token = tokens[index];
  const word = token?.tokenType === LaterWordToken ? LATER_WORDS.get(token.image.toUpperCase()) : undefined;
  if (token !== undefined && word !== undefined) return { ...word, token };
  const [previous, beforeThat] = [tokens[index - 1]?.tokenType, tokens[index - 2]?.tokenType];
  const shape = SHAPES.find(
    (one) =>
      one.type === token?.tokenType &&
      (one.previous === previous || one.previous === null) &&
      (one.beforeThat === undefined || one.beforeThat === beforeThat) &&
      (one.first === undefined || one.first === tokens[0]?.tokenType) &&
      (one.word === undefined || one.word === token?.image.toUpperCase()),
  );
  return token === undefined || shape === undefined ? null : { what: shape.what, hint: shape.hint, token };
}

/** Constructs of the wider language that show by tokens we have: a token and what stands before it. */
interface Shape extends LaterWord {
  readonly type: TokenType;
  readonly previous: TokenType | null | undefined;
  readonly beforeThat?: TokenType;
  /** What the statement begins with. */
  readonly first?: TokenType;
  /** In upper case. */
  readonly word?: string;
}

const SHAPES: readonly Shape[] = [
  {
    type: K.DELETE,
    previous: undefined,
    what: "DELETE statements",
    hint: "a record without a value deletes, and so does the target's own tool",
  },
  {
    type: Identifier,
    previous: K.CREATE,
    word: "TYPE",
    what: "CREATE TYPE statements",
    hint: "write the type where it is used: CAST(a AS STRUCT<b INT>)",
  },
  { type: K.ORDER, previous: null, what: "ORDER BY clauses", hint: "leave it out: a stream has no end that could be sorted" },
  { type: K.SELECT, previous: K.UNION, what: "UNIONs without ALL", hint: "UNION ALL keeps equal rows" },
  { type: K.SELECT, previous: LeftParen, what: "sub-queries in expressions", hint: "a sub-query can stand in FROM" },
  {
    type: K.SELECT,
    previous: RightParen,
    first: K.INSERT,
    what: "column lists of INSERT … SELECT",
    hint: "name the columns with AS in the SELECT",
  },
  { type: Identifier, previous: Comma, beforeThat: RawName, what: "several sources in one FROM", hint: "JOIN … ON reads two" },
  {
    type: LeftParen,
    previous: RawName,
    beforeThat: K.FROM,
    what: "functions in FROM",
    hint: "a window is written WINDOW TUMBLING (SIZE 1 MINUTE)",
  },
];

/** Recognises, at the place of a syntax error, what belongs to the wider language and is not built yet. */
import type { IToken, TokenType } from "chevrotain";
import { LATER_WORDS, type LaterWord } from "./later-words.ts";
import { Comma, K, LaterWordToken, LeftBracket, LeftParen, RawName, StringToken } from "./tokens.ts";

export interface LaterConstruct extends LaterWord {
  /** The word or sign that shows it. */
  readonly token: IToken;
}

/** The construct that shows at a token, or null. */
export function laterConstruct(tokens: readonly IToken[], index: number): LaterConstruct | null {
  const token = tokens[index];
  // `INTERVAL '1' DAY`: the word alone could be a field
  const wordToken = token?.tokenType === StringToken ? tokens[index - 1] : token;
  const word = wordToken?.tokenType === LaterWordToken ? LATER_WORDS.get(wordToken.image.toUpperCase()) : undefined;
  if (wordToken !== undefined && word !== undefined) return { ...word, token: wordToken };
  // `FROM TUMBLE(…)`, `FROM TABLE(TUMBLE(…))`: the word before the parenthesis was taken for a topic
  const before = token?.tokenType === LeftParen ? tokens[index - 1] : undefined;
  const called = before?.image.toUpperCase() === "TABLE" ? tokens[index + 1] : before;
  const calledWord = called === undefined ? undefined : LATER_WORDS.get(called.image.toUpperCase());
  if (called !== undefined && calledWord !== undefined) return { ...calledWord, token: called };
  const [previous, beforeThat] = [tokens[index - 1]?.tokenType, tokens[index - 2]?.tokenType];
  const shape = SHAPES.find(
    (one) =>
      one.type === token?.tokenType &&
      (one.previous === previous || one.previous === null) &&
      (one.beforeThat === undefined || one.beforeThat === beforeThat) &&
      (one.first === undefined || one.first === tokens[0]?.tokenType),
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
}

const SHAPES: readonly Shape[] = [
  { type: LeftParen, previous: K.FROM, what: "sub-queries", hint: "write the inner SELECT into a topic of its own" },
  { type: K.SELECT, previous: LeftParen, what: "sub-queries", hint: "write the inner SELECT into a topic of its own" },
  { type: Comma, previous: RawName, beforeThat: K.FROM, what: "several sources in one FROM", hint: "a statement reads one topic" },
  {
    type: LeftParen,
    previous: RawName,
    beforeThat: K.INTO,
    what: "column lists of INSERT",
    hint: "name the columns with AS in the SELECT",
  },
  { type: K.AS, previous: null, first: K.CREATE, what: "CREATE … AS SELECT statements", hint: "write INSERT INTO name SELECT …" },
  { type: K.DISTINCT, previous: K.SELECT, what: "SELECT DISTINCT statements", hint: null },
  { type: K.WITH, previous: undefined, what: "WITH queries", hint: "write the inner SELECT into a topic of its own" },
  { type: K.BY, previous: K.WINDOW, what: "WINDOW BY spellings", hint: "write WINDOW TUMBLING (SIZE 1 MINUTE)" },
  { type: LeftBracket, previous: null, what: "arrays and element accesses", hint: null },
];

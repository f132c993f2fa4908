/** Says in a few words what could stand at a place. */
import type { IToken, TokenType } from "chevrotain";
import type { GrammarWalker, Outlook } from "./grammar-walker.ts";
import {
  Alias,
  ArithmeticOperator,
  Arrow,
  Assign,
  CallFrom,
  CallIn,
  ComparisonOperator,
  Dot,
  DotStar,
  DoubleColon,
  FatArrow,
  GluedNumber,
  K,
  LeftBracket,
  LeftParen,
  LessThan,
  LikeOperator,
  LogicOperator,
  Member,
  Minus,
  Name,
  NumberToken,
  QuotedName,
  RawName,
  RawText,
  RightParen,
  Sign,
  Star,
  StringToken,
  Unit,
  Word,
} from "./tokens.ts";

/** Longer lists help nobody. */
const NAMED_MAX = 4;
const IMAGE_LENGTH_MAX = 40;

const EXPRESSION_STARTS: ReadonlySet<TokenType> = new Set([
  NumberToken,
  QuotedName,
  RawText,
  StringToken,
  K.NULL,
  K.TRUE,
  K.FALSE,
  LeftParen,
  K.CASE,
  K.CAST,
  K.TRY_CAST,
  Word,
  K.NOT,
  Sign,
  LeftBracket,
  K.ARRAY,
  K.INTERVAL,
  K.TIMESTAMP,
  K.DATE,
  K.TIME,
]);
/** What may always follow an operand: true, but never what was forgotten. */
const CONTINUATIONS: ReadonlySet<TokenType> = new Set([
  LogicOperator,
  ComparisonOperator,
  ArithmeticOperator,
  CallFrom,
  CallIn,
  Arrow,
  K.IS,
  K.IN,
  K.BETWEEN,
  LikeOperator,
  K.NOT,
  DoubleColon,
  Member,
  Dot,
  Minus,
  LeftBracket,
  K.AT,
  K.FILTER,
  K.OVER,
  FatArrow,
  Assign,
  Unit,
  LeftParen,
  LessThan,
  K.ESCAPE,
]);
/** Between SELECT and its list. */
const SELECT_WORDS: ReadonlySet<TokenType> = new Set([K.DISTINCT, K.STREAM, K.TABLE]);
const ALIASES: ReadonlySet<TokenType> = new Set([K.AS, Alias, DotStar]);
const NAMES: ReadonlySet<TokenType> = new Set([Word, Name, Alias]);

/** What a name is called in the rule where it is expected. */
const NAME_LABELS: Readonly<Record<string, string>> = {
  timeUnit: "a time unit",
  set: "the name of a setting",
  field: "a field",
  clauseField: "a field",
  type: "a type",
  typeArgument: "a type",
  column: "the name of a column",
  alias: "an alias",
  columnAlias: "an alias",
  streamOption: "the name of an option",
};

/** Few functions take them. */
const NULL_TREATMENTS: ReadonlySet<TokenType> = new Set([K.IGNORE, K.RESPECT]);

/** `FROM`, `')' or ','`, `an expression`; null where too much fits, or the text may end, to be worth a list. */
export function describeExpected(outlook: Outlook, walker: GrammarWalker): string | null {
  if (outlook.end) return null;
  const types = new Set(outlook.candidates.map(({ type }) => type));
  if (types.has(K.EXPLAIN) && types.has(K.CREATE)) return "a statement such as INSERT or SELECT";
  if (types.has(K.INSERT) && types.has(K.SELECT)) return "INSERT, UPSERT or SELECT";
  const labels = new Set<string>();
  if (types.has(NumberToken) && types.has(K.CASE)) {
    labels.add("an expression");
    for (const type of EXPRESSION_STARTS) types.delete(type);
    drop(types, SELECT_WORDS);
    if (types.delete(Star)) labels.add("'*'");
  } else if (types.has(StringToken) && types.has(Minus)) {
    return "a string, a number, TRUE or FALSE";
  } else {
    for (const optional of [CONTINUATIONS, ALIASES]) if ([...types].some((type) => !optional.has(type))) drop(types, optional);
    types.delete(GluedNumber); // besides a number
    if (types.has(RawName)) types.delete(K.IF);
    if (types.has(K.RESPECT) && types.has(RightParen)) drop(types, NULL_TREATMENTS);
    if (types.has(Word) || types.has(Name)) types.delete(StringToken);
    if (types.has(RawText)) drop(types, new Set([QuotedName, StringToken]));
  }
  for (const { type, ...candidate } of outlook.candidates) {
    if (!types.has(type)) continue;
    const rule = walker.rulesAround({ type, ...candidate }).find((name) => name in NAME_LABELS) ?? "";
    labels.add((NAMES.has(type) ? NAME_LABELS[rule] : undefined) ?? type.LABEL ?? type.name);
  }
  const all = [...labels];
  if (all.length > NAMED_MAX) return null;
  return all.length < 2 ? (all[0] ?? null) : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}

function drop(types: Set<TokenType>, optional: ReadonlySet<TokenType>): void {
  for (const type of optional) types.delete(type);
}

export const describeFound = (token: IToken): string => describeText(token.image);

/** Quoted, on one line, not too long, and with nothing invisible in it. */
export function describeText(text: string): string {
  const short = text.length > IMAGE_LENGTH_MAX ? `${text.slice(0, IMAGE_LENGTH_MAX)}…` : text;
  const mark = text.startsWith("'") ? "" : "'";
  return `${mark}${short.replace(/\s+/g, " ").replace(INVISIBLE, codePoint)}${mark}`;
}

/** Control characters, zero-width ones and those that turn the direction of text. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
const codePoint = (character: string): string => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

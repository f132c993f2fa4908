/** The vocabulary. Keywords are case-insensitive; which of them may be names is decided by their category. */
import { type CustomPatternMatcherFunc, createToken, type IToken, Lexer, type TokenType } from "chevrotain";
import { LATER_WORDS } from "./later-words.ts";
import { LETTERS, NAME_PATTERN, rawName, rawText } from "./names.ts";

// --- categories ---------------------------------------------------------------------------------

const category = (name: string, label: string, categories: TokenType[] = []): TokenType =>
  createToken({ name, label, pattern: Lexer.NA, categories });

/** What may follow a dot or AS: any word, reserved ones too. */
export const Name = category("Name", "a name");
/** What may be a name anywhere. */
export const Word = category("Word", "a name", [Name]);
/** What may be an alias without AS: no keyword at all, or `FROM t PK id` would call the topic PK. */
export const Alias = category("Alias", "an alias", [Word]);
export const LogicOperator = category("LogicOperator", "AND or OR");
export const ComparisonOperator = category("ComparisonOperator", "a comparison");
export const ArithmeticOperator = category("ArithmeticOperator", "an operator");

// --- names and keywords -------------------------------------------------------------------------

export const Identifier = createToken({
  name: "Identifier",
  label: "a name",
  pattern: new RegExp(NAME_PATTERN),
  categories: Alias,
  line_breaks: false,
});
export const QuotedName = createToken({
  name: "QuotedName",
  label: "a name",
  pattern: /`(?!`(?!`))[^`]*(?:``[^`]*)*`|"(?!"(?!"))[^"]*(?:""[^"]*)*"/,
  categories: Alias,
  line_breaks: true,
});

const RESERVED = [
  "SELECT",
  "FROM",
  "WHERE",
  "GROUP",
  "HAVING",
  "INTO",
  "AS",
  "NOT",
  "NULL",
  "TRUE",
  "FALSE",
  "IS",
  "IN",
  "BETWEEN",
  "LIKE",
  "CASE",
  "WHEN",
  "THEN",
  "ELSE",
  "END",
  "CAST",
  "TRY_CAST",
  "DISTINCT",
  "WITHINDEXSUFFIX",
  "AND",
  "OR",
] as const;
const SOFT = [
  "INSERT",
  "UPSERT",
  "CREATE",
  "STREAM",
  "WITH",
  "SET",
  "EXPLAIN",
  "BY",
  "WINDOW",
  "TUMBLING",
  "SIZE",
  "GRACE",
  "PERIOD",
  "EMIT",
  "CHANGES",
  "FINAL",
  "LIMIT",
  "PK",
  "BATCH",
  "TTL",
  "AUTOCREATE",
  "ESCAPE",
] as const;
export type Keyword = (typeof RESERVED)[number] | (typeof SOFT)[number];

/** The words as a pattern, up to where a name would end. */
const wordPattern = (words: Iterable<string>): RegExp => new RegExp(`(?:${[...words].join("|")})(?![\\w@$${LETTERS}])`, "i");
const keyword = (word: string, categories: TokenType[]): [string, TokenType] => [
  word,
  createToken({ name: word, label: word, pattern: wordPattern([word]), categories, line_breaks: false }),
];
const isLogic = (word: string): boolean => word === "AND" || word === "OR";
export const K = Object.fromEntries([
  ...RESERVED.map((word) => keyword(word, isLogic(word) ? [Name, LogicOperator] : [Name])),
  ...SOFT.map((word) => keyword(word, [Word])),
]) as Record<Keyword, TokenType>;

const reservedWords: ReadonlySet<string> = new Set(RESERVED);
/** Whether a word needs back-ticks where a name starts (after a dot and after AS it does not). */
export const isReserved = (word: string): boolean => reservedWords.has(word.toUpperCase());
/** Words that are no topic or target name unless quoted: a forgotten name must not swallow the clause behind it. */
export const isReservedInNames = (word: string): boolean => isReserved(word) || word.toUpperCase() === "AUTOCREATE";

export const LaterWordToken = createToken({
  name: "LaterWord",
  label: "a name",
  pattern: wordPattern(LATER_WORDS.keys()),
  categories: Word,
  line_breaks: false,
});

// --- literals -----------------------------------------------------------------------------------

/** `1m`: a duration; anywhere else an error, or `2fa` would be the number 2 called fa. */
export const GluedNumber = createToken({
  name: "GluedNumber",
  label: "a duration",
  pattern: new RegExp(`(?:\\d+\\.?\\d*|\\.\\d+)${NAME_PATTERN}`),
  line_breaks: false,
});
export const NumberToken = createToken({
  name: "Number",
  label: "a number",
  pattern: /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/,
  longer_alt: GluedNumber,
  line_breaks: false,
});
export const StringToken = createToken({
  name: "String",
  label: "a string",
  pattern: /'[^']*(?:''[^']*)*'/,
  line_breaks: true,
});

// --- words that depend on what stands before them -----------------------------------------------

/** Custom patterns tell Chevrotain themselves what they can start with: one code per bucket of its table is enough. */
const startHints: (string | number)[] = [];
for (let code = 0; code <= 0xff; code++) startHints.push(code);
for (let code = 0x100; code <= 0xffff; code += 200) startHints.push(code);

/** Whether a word is a name because of what stands before it: a dot, or an AS that is not itself a name (`a.as`, `AS as`). */
export function followsDotOrAs(tokens: readonly IToken[], index: number): boolean {
  let words = 0;
  while (tokens[index - 1 - words]?.tokenType === K.AS) words++;
  return (tokens[index - 1 - words]?.tokenType === Dot) === (words % 2 === 0);
}

/** Whether the FROM at an index belongs to IS DISTINCT FROM. */
export const isDistinctFrom = (tokens: readonly IToken[], index: number): boolean =>
  tokens[index - 1]?.tokenType === K.DISTINCT && !followsDotOrAs(tokens, index - 1);

function introducesName(tokens: readonly IToken[]): boolean {
  const last = tokens.length - 1;
  const type = tokens[last]?.tokenType;
  if (type === K.INTO) return !followsDotOrAs(tokens, last);
  if (type === K.FROM) return !isDistinctFrom(tokens, last) && !followsDotOrAs(tokens, last);
  return type === K.STREAM && tokens[last - 1]?.tokenType === K.CREATE;
}

const matchAt = (pattern: RegExp, text: string, offset: number): RegExpExecArray | null => {
  pattern.lastIndex = offset;
  return pattern.exec(text);
};

const matchRawName: CustomPatternMatcherFunc = (text, offset, tokens) => {
  if (!introducesName(tokens)) return null;
  const match = matchAt(rawName, text, offset);
  return match === null || isReservedInNames(match[0]) ? null : match;
};
const matchRawText: CustomPatternMatcherFunc = (text, offset, tokens) =>
  tokens.at(-1)?.tokenType === Equals && tokens.at(-2)?.tokenType === K.WITHINDEXSUFFIX && !followsDotOrAs(tokens, tokens.length - 2)
    ? matchAt(rawText, text, offset)
    : null;

/** A topic, index or table: `my.topic-1`, `ns:table`, `2fa`, `` elastic.`odd name` ``. */
export const RawName = createToken({
  name: "RawName",
  label: "the name of a topic, index or table",
  pattern: matchRawName,
  line_breaks: true,
  start_chars_hint: startHints,
});
/** The value of WITHINDEXSUFFIX: up to white space or `;`. */
export const RawText = createToken({
  name: "RawText",
  label: "a suffix such as _{yyyy-MM-dd}",
  pattern: matchRawText,
  line_breaks: false,
  start_chars_hint: startHints,
});

// --- punctuation and operators ------------------------------------------------------------------

const sign = (name: string, pattern: string, categories: TokenType[] = []): TokenType =>
  createToken({ name, pattern, label: `'${pattern}'`, categories, line_breaks: false });

export const LeftParen = sign("LeftParen", "(");
export const RightParen = sign("RightParen", ")");
export const LeftBracket = sign("LeftBracket", "[");
export const RightBracket = sign("RightBracket", "]");
export const LeftBrace = sign("LeftBrace", "{");
export const RightBrace = sign("RightBrace", "}");
export const Comma = sign("Comma", ",");
export const Semicolon = sign("Semicolon", ";");
export const Dot = sign("Dot", ".");
/** One token, so that `a.b.*` needs no look-ahead beyond the path. */
export const DotStar = createToken({ name: "DotStar", label: "'.*'", pattern: /\.\s*\*/, line_breaks: true });
export const DoubleColon = sign("DoubleColon", "::");
export const Equals = sign("Equals", "=", [ComparisonOperator]);
export const LessThan = sign("LessThan", "<", [ComparisonOperator]);
export const GreaterThan = sign("GreaterThan", ">", [ComparisonOperator]);
export const Minus = sign("Minus", "-", [ArithmeticOperator]);
export const Star = sign("Star", "*", [ArithmeticOperator]);
const otherOperators = [
  sign("NotEquals", "<>", [ComparisonOperator]),
  sign("BangEquals", "!=", [ComparisonOperator]),
  sign("LessOrEqual", "<=", [ComparisonOperator]),
  sign("GreaterOrEqual", ">=", [ComparisonOperator]),
  sign("Concat", "||", [ArithmeticOperator]),
  sign("Plus", "+", [ArithmeticOperator]),
  sign("Slash", "/", [ArithmeticOperator]),
  sign("Percent", "%", [ArithmeticOperator]),
];

// --- what is skipped, and what is wrong ---------------------------------------------------------

const WhiteSpace = createToken({ name: "WhiteSpace", pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true });
const LineComment = createToken({ name: "LineComment", pattern: /--[^\n\r]*/, group: "comments", line_breaks: false });
const BlockComment = createToken({
  name: "BlockComment",
  pattern: /\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//,
  group: "comments",
  line_breaks: true,
});
/** Strings and quoted names that never end are cut at the line or at `;`, so that the next statements can be read. */
export const Unclosed = createToken({ name: "Unclosed", pattern: /['"`][^\n;]*|\/\*[\0-\uFFFF]*/, line_breaks: true });
/** Everything else, one character at a time: so the lexer itself never fails. */
export const UnknownCharacter = createToken({ name: "UnknownCharacter", pattern: /[\0-\uFFFF]/, line_breaks: true });

/** In the order in which the lexer tries them. */
export const LEXER_TOKENS: readonly TokenType[] = [
  WhiteSpace,
  LineComment,
  BlockComment,
  RawName,
  RawText,
  ...Object.values(K),
  LaterWordToken,
  Identifier,
  QuotedName,
  StringToken,
  Unclosed,
  NumberToken,
  GluedNumber,
  LeftParen,
  RightParen,
  LeftBracket,
  RightBracket,
  LeftBrace,
  RightBrace,
  Comma,
  Semicolon,
  DotStar,
  Dot,
  DoubleColon,
  ...otherOperators,
  Equals,
  LessThan,
  GreaterThan,
  Minus,
  Star,
  UnknownCharacter,
];
export const VOCABULARY: readonly TokenType[] = [...LEXER_TOKENS, Name, Word, Alias, LogicOperator, ComparisonOperator, ArithmeticOperator];

let lexer: Lexer | null = null;

/** Tokens and comments of a text. Never fails: what is no token comes as `Unclosed` or `UnknownCharacter`. */
export function tokenize(text: string): { tokens: IToken[]; comments: IToken[] } {
  // Validation costs more than the rest of the start-up; a test does it.
  lexer ??= new Lexer([...LEXER_TOKENS], { positionTracking: "onlyOffset", ensureOptimizations: true, skipValidations: true });
  const { tokens, groups } = lexer.tokenize(text);
  return { tokens, comments: groups["comments"] ?? [] };
}

/** Half-open offset after the token. */
export const endOf = (token: IToken): number => token.startOffset + token.image.length;

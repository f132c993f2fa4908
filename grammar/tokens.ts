/** The vocabulary. Keywords are case-insensitive; which of them may be names is decided by their category. */
import { type CustomPatternMatcherFunc, createToken, type IMultiModeLexerDefinition, type IToken, Lexer, type TokenType } from "chevrotain";
import { CLAUSE_NAMES, type ClauseName, clauseSpec, clausesOf, RAW_CLAUSES } from "./clause-table.ts";
import { PLAIN, type Keyword as PlainKeyword, RESERVED, SOFT, UNIT_WORDS, wordsOf } from "./keywords.ts";
import { LATER_WORDS } from "./later-words.ts";
import { LETTERS, NAME_PATTERN, pairText, rawName, rawText } from "./names.ts";

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
export const LikeOperator = category("LikeOperator", "LIKE");
export const ComparisonOperator = category("ComparisonOperator", "a comparison");
export const ArithmeticOperator = category("ArithmeticOperator", "an operator");
/** `-` and `+` before an operand. */
export const Sign = category("Sign", "a sign");
/** `.` and ksqlDB's `->`. */
export const Member = category("Member", "'.'");

// --- names and keywords -------------------------------------------------------------------------

const matchAt = (pattern: RegExp, text: string, offset: number): RegExpExecArray | null => {
  pattern.lastIndex = offset;
  return pattern.exec(text);
};

/**
 * Custom patterns tell Chevrotain themselves what they can start with: anything but white space, which would be tried in
 * vain between any two words. One code per bucket of its table is enough.
 */
const startHints: (string | number)[] = [];
for (let code = 0; code <= 0xff; code++) if (!/\s/.test(String.fromCharCode(code))) startHints.push(code);
for (let code = 0x100; code <= 0xffff; code += 200) startHints.push(code);

export const Identifier = createToken({
  name: "Identifier",
  label: "a name",
  pattern: new RegExp(NAME_PATTERN),
  categories: Alias,
  line_breaks: false,
});

/** What each keyword means. */
const wordTypes = new Map<string, TokenType>();
const plainWord = /^\w+$/;

/**
 * A keyword, or several words of one type. There are too many for the lexer to try a pattern for each: it reads any
 * word as an Identifier, which gets its type when the next token is read.
 */
function wordToken(name: string, label: string, words: readonly string[], categories: TokenType[]): TokenType {
  const type = createToken({ name, label, categories, pattern: Lexer.NA });
  for (const word of words) wordTypes.set(word, type);
  return type;
}

function nameKeyword(token: IToken | undefined): void {
  if (token?.tokenType !== Identifier) return;
  const { image } = token;
  const type = wordTypes.get(image) ?? wordTypes.get(image.toUpperCase());
  if (type !== undefined && plainWord.test(image)) retype(token, type);
}

function retype(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx as number;
}

export const QuotedName = createToken({
  name: "QuotedName",
  label: "a name",
  pattern: /`(?!`(?!`))[^`]*(?:``[^`]*)*`|"(?!"(?!"))[^"]*(?:""[^"]*)*"/,
  categories: Alias,
  line_breaks: true,
});

export type Keyword = PlainKeyword | ClauseName;

const isOneOf = (words: string, word: string): boolean => words.split(" ").includes(word);
const reservedCategories = (word: string): TokenType[] => {
  if (isOneOf("AND OR", word)) return [Name, LogicOperator];
  return isOneOf("LIKE ILIKE RLIKE REGEXP", word) ? [Name, LikeOperator] : [Name];
};
const keywords = (words: readonly string[], categories: (word: string) => TokenType[]): [string, TokenType][] =>
  words.map((word) => [word, wordToken(word, word, [word], categories(word))]);
export const K = Object.fromEntries([
  ...keywords(wordsOf(RESERVED), reservedCategories),
  ...keywords(wordsOf(SOFT), () => [Word]),
  ...keywords(wordsOf(PLAIN), () => [Alias]),
  ...keywords(CLAUSE_NAMES, (word) => [isOneOf(RAW_CLAUSES.join(" "), word) ? Name : Word]),
]) as Record<Keyword, TokenType>;

const reservedWords: ReadonlySet<string> = new Set([...wordsOf(RESERVED), ...RAW_CLAUSES]);
/** Whether a word needs back-ticks where a name starts (after a dot and after AS it does not). */
export const isReserved = (word: string): boolean => reservedWords.has(word.toUpperCase());
const flags: ReadonlySet<string> = new Set(clausesOf("flag"));
const clauseTypes: ReadonlySet<TokenType> = new Set(CLAUSE_NAMES.map((word) => K[word]));
/** Whether a word begins a clause of KCQL: in a list of fields it needs back-ticks, or a list left empty would take it. */
export const isClauseWord = (type: TokenType): boolean => clauseTypes.has(type);
const clauseWords: ReadonlySet<string> = new Set(CLAUSE_NAMES);
export const isClauseName = (text: string): boolean => clauseWords.has(text.toUpperCase());
/** Words that are no topic or target name unless quoted: a forgotten name must not swallow the clause behind it. */
export const isReservedInNames = (word: string): boolean => isReserved(word) || flags.has(word.toUpperCase());

/** `DAY`, `DAYS`: what the number of INTERVAL counts. */
export const Unit = wordToken(
  "Unit",
  "a time unit",
  UNIT_WORDS.flatMap((word) => [word, `${word}S`]),
  [Alias],
);
export const LaterWordToken = wordToken("LaterWord", "a name", [...LATER_WORDS.keys()], [Word]);
/** The FROM of EXTRACT(day FROM t), and the IN of POSITION(a IN b). */
export const CallFrom = createToken({ name: "CallFrom", label: "FROM", pattern: Lexer.NA, categories: Name });
export const CallIn = createToken({ name: "CallIn", label: "IN", pattern: Lexer.NA, categories: Name });
/** `${topic}`: what DEFINE said. */
export const Variable = createToken({ name: "Variable", label: "a name", pattern: /\$\{\w+\}/, categories: Alias, line_breaks: false });

// --- literals -----------------------------------------------------------------------------------

/** `1m`: a duration; anywhere else a name, as in KCQL. In `a.2fa` the dot is one of the path. */
export const GluedNumber = createToken({
  name: "GluedNumber",
  label: "a duration",
  pattern: new RegExp(`\\d+\\.?\\d*${NAME_PATTERN}`),
  categories: Word,
  line_breaks: false,
});
export const NumberToken = createToken({
  name: "Number",
  label: "a number",
  pattern: new RegExp(`(?:\\d+\\.?\\d*(?:[eE][+-]?\\d+)?|\\.\\d+(?:[eE][+-]?\\d+)?(?![\\w@$${LETTERS}]))`),
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

/** Whether a word is a name because of what stands before it: a dot, or an AS that is not itself a name (`a.as`, `AS as`). */
export function followsDotOrAs(tokens: readonly IToken[], index: number): boolean {
  let words = 0;
  while (tokens[index - 1 - words]?.tokenType === K.AS) words++;
  return (tokens[index - 1 - words]?.tokenType === Dot) === (words % 2 === 0);
}

/** Whether the FROM at an index belongs to IS DISTINCT FROM. */
export const isDistinctFrom = (tokens: readonly IToken[], index: number): boolean =>
  tokens[index - 1]?.tokenType === K.DISTINCT && !followsDotOrAs(tokens, index - 1);

/** Whether the FROM at an index belongs to PRINT … FROM BEGINNING. */
const isPrintFrom = (tokens: readonly IToken[], index: number): boolean =>
  tokens[index - 1]?.tokenType === RawName && tokens[index - 2]?.tokenType === K.PRINT;

/** Whether the FROM or IN at an index gives one of these functions its argument: then no relation, no list stands behind it. */
function isOfCall(functions: RegExp, tokens: readonly IToken[], index: number): boolean {
  let open = 0;
  for (let at = index - 1; at > 0 && at > index - CALL_TOKENS_MAX; at--) {
    const type = tokens[at]?.tokenType;
    if (type === K.SELECT || type === Semicolon) return false;
    if (type === RightParen) open++;
    else if (type === LeftParen) open--;
    if (open < 0) return functions.test(tokens[at - 1]?.image ?? "");
  }
  return false;
}
function nameOfCall(tokens: readonly IToken[]): void {
  const index = tokens.length - 1;
  const last = tokens[index];
  if (last?.tokenType === K.FROM && isOfCall(TAKES_FROM, tokens, index)) retype(last, CallFrom);
  else if (last?.tokenType === K.IN && isOfCall(TAKES_IN, tokens, index)) retype(last, CallIn);
}
/** The functions to which SQL gives arguments by FROM, and by IN. */
const TAKES_IN = /^POSITION$/i;
export const TAKES_FROM = /^(?:EXTRACT|SUBSTRING|SUBSTR|TRIM|LTRIM|RTRIM)$/i;
/** Nobody writes more of them between the parenthesis and FROM; and no text takes long because of its many FROMs. */
const CALL_TOKENS_MAX = 200;

/** The statements whose first words have a name behind them. */
const HEADS = new RegExp(
  "^(?:CREATE (?:OR REPLACE )?(?:SOURCE )?(?:STREAM|TABLE)(?: IF NOT EXISTS)?|DROP (?:STREAM|TABLE|PIPELINE)(?: IF EXISTS)?|" +
    "(?:PAUSE|RESUME|RESTART|TERMINATE|DESCRIBE)(?: PIPELINE| QUERY)?|PRINT|" +
    "ASSERT (?:(?:NULL )?VALUES|STREAM|TABLE|(?:NOT EXISTS )?TOPIC))$",
);
const HEAD_WORDS_MAX = 7;
const lastOfHead: ReadonlySet<TokenType> = new Set(
  ["STREAM", "TABLE", "EXISTS", "PIPELINE", "QUERY", "PAUSE", "RESUME", "RESTART", "TERMINATE", "DESCRIBE", "PRINT", "VALUES", "TOPIC"].map(
    (word) => K[word as Keyword],
  ),
);
/** What may stand between two words. */
const SPACE = "(?:\\s|--[^\\n]*(?:\\n|$)|/\\*[^*]*\\*+(?:[^/*][^*]*\\*+)*/)";
/** What can still belong to the head, by its last word; a text that ends in white space is being typed. */
const conditionGoesOn = new RegExp(`IF${SPACE}+(?:NOT${SPACE}+)?(?:EXISTS(?!\\w)|$)`, "iy");
const commandGoesOn = new RegExp(`(?:PIPELINE|QUERY|FUNCTION|CONNECTION)(?:${SPACE}+(?:(?!--|/\\*)[^\\s;]|$))|ALL${SPACE}*(?:;|$)`, "iy");
const headGoesOn = new Map<TokenType, RegExp>([
  ...[K.STREAM, K.TABLE, K.PIPELINE].map((word): [TokenType, RegExp] => [word, conditionGoesOn]),
  ...[K.PAUSE, K.RESUME, K.RESTART, K.TERMINATE, K.DESCRIBE].map((word): [TokenType, RegExp] => [word, commandGoesOn]),
]);
const unnest = new RegExp(`UNNEST(?:${SPACE}*\\(|${SPACE}+$)`, "iy");

function introducesName(tokens: readonly IToken[], text: string, offset: number): boolean {
  const last = tokens.length - 1;
  const type = tokens[last]?.tokenType;
  if (type === undefined) return false;
  if (type === K.INTO) return !followsDotOrAs(tokens, last);
  if (type === K.FROM) return !isDistinctFrom(tokens, last) && !followsDotOrAs(tokens, last) && !isPrintFrom(tokens, last);
  if (type === K.JOIN) return !followsDotOrAs(tokens, last) && matchAt(unnest, text, offset) === null;
  if (!lastOfHead.has(type) || !isHead(tokens)) return false;
  const more = headGoesOn.get(type);
  return more === undefined || matchAt(more, text, offset) === null;
}

function isHead(tokens: readonly IToken[]): boolean {
  const start = tokens.findLastIndex(({ tokenType }) => tokenType === Semicolon) + 1;
  if (tokens.length - start > HEAD_WORDS_MAX) return false;
  const words = tokens.slice(start).map(({ image }) => image.toUpperCase());
  return HEADS.test(words.join(" "));
}

/** The first pattern that is tried for every token: so words get their types here. */
const matchRawName: CustomPatternMatcherFunc = (text, offset, tokens) => {
  nameKeyword(tokens.at(-1));
  nameOfCall(tokens);
  if (!introducesName(tokens, text, offset)) return null;
  const match = matchAt(rawName, text, offset);
  return match === null || isReservedInNames(match[0]) ? null : match;
};
/** The words behind which raw text stands, straight or behind `=`. */
const rawAfter = (equals: boolean): ReadonlySet<TokenType> =>
  new Set(RAW_CLAUSES.filter((word) => (clauseSpec(word).equals ?? false) === equals).map((word) => K[word]));
const rawAfterWord = rawAfter(false);
export const rawAfterEquals = rawAfter(true);

const matchRawText: CustomPatternMatcherFunc = (text, offset, tokens) => {
  const equals = tokens.at(-1)?.tokenType === Equals;
  const index = tokens.length - (equals ? 2 : 1);
  const word = tokens[index]?.tokenType;
  if (word === undefined || !(equals ? rawAfterEquals : rawAfterWord).has(word) || followsDotOrAs(tokens, index)) return null;
  const match = matchAt(rawText, text, offset);
  return match === null || (isClauseName(match[0]) && !takesWord(word, match[0])) ? null : match;
};
/** `WITH_SCHEMA_EVOLUTION = IGNORE`: else a clause's word is the next clause, and the value was forgotten. */
const takesWord = ({ name }: TokenType, text: string): boolean =>
  clauseSpec(name as ClauseName).words?.includes(text.toUpperCase()) ?? false;

/** The parenthesis that begins a list of pairs: behind PROPERTIES, WITHTAG, and the type of STOREAS. */
const matchPairsOpen: CustomPatternMatcherFunc = (text, offset, tokens) => {
  if (text[offset] !== "(") return null;
  const behindText = tokens.at(-1)?.tokenType === RawText;
  const index = tokens.length - (behindText ? 2 : 1);
  const word = tokens[index]?.tokenType;
  const opens = behindText ? word === K.STOREAS : word === K.PROPERTIES || word === K.WITHTAG;
  return opens && !followsDotOrAs(tokens, index) ? matchAt(/\(/y, text, offset) : null;
};
const matchPairText: CustomPatternMatcherFunc = (text, offset) => matchAt(pairText, text, offset);

/** A topic, index or table: `my.topic-1`, `ns:table`, `2fa`, `` elastic.`odd name` ``. */
export const RawName = createToken({
  name: "RawName",
  label: "the name of a topic, index or table",
  pattern: matchRawName,
  line_breaks: true,
  start_chars_hint: startHints,
});
/** The value of a clause: up to white space, `;`, a comma or a parenthesis; quoted if it has such. */
export const RawText = createToken({
  name: "RawText",
  label: "a value",
  pattern: matchRawText,
  line_breaks: false,
  start_chars_hint: startHints,
});

/** Between PairsOpen and PairsClose words are texts, whatever they mean elsewhere: a mode of the lexer. */
const PAIRS = "pairs";
export const PairsOpen = createToken({
  name: "PairsOpen",
  label: "'('",
  pattern: matchPairsOpen,
  push_mode: PAIRS,
  line_breaks: false,
  start_chars_hint: ["("],
});
export const PairsClose = createToken({ name: "PairsClose", label: "')'", pattern: ")", pop_mode: true, line_breaks: false });
export const PairText = createToken({
  name: "PairText",
  label: "a name or a value",
  pattern: matchPairText,
  line_breaks: true,
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
export const Dot = sign("Dot", ".", [Member]);
export const Arrow = sign("Arrow", "->", [Member]);
/** Between the parameters of a lambda and its body. */
export const FatArrow = sign("FatArrow", "=>");
export const Assign = sign("Assign", ":=");
/** One token, so that `a.b.*` needs no look-ahead beyond the path. */
export const DotStar = createToken({ name: "DotStar", label: "'.*'", pattern: /(?:\.|->)\s*\*/, line_breaks: true });
export const DoubleColon = sign("DoubleColon", "::");
export const Equals = sign("Equals", "=", [ComparisonOperator]);
export const LessThan = sign("LessThan", "<", [ComparisonOperator]);
export const GreaterThan = sign("GreaterThan", ">", [ComparisonOperator]);
export const Minus = sign("Minus", "-", [ArithmeticOperator, Sign]);
export const Star = sign("Star", "*", [ArithmeticOperator]);
const otherOperators = [
  sign("NotEquals", "<>", [ComparisonOperator]),
  sign("BangEquals", "!=", [ComparisonOperator]),
  sign("LessOrEqual", "<=", [ComparisonOperator]),
  sign("GreaterOrEqual", ">=", [ComparisonOperator]),
  sign("Concat", "||", [ArithmeticOperator]),
  sign("Plus", "+", [ArithmeticOperator, Sign]),
  sign("Slash", "/", [ArithmeticOperator]),
  sign("Percent", "%", [ArithmeticOperator]),
];

// --- what is skipped, and what is wrong ---------------------------------------------------------

const WhiteSpace = createToken({ name: "WhiteSpace", pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true });
const LineComment = createToken({ name: "LineComment", pattern: /--[^\n]*/, group: "comments", line_breaks: false });
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
const USUAL_TOKENS: readonly TokenType[] = [
  WhiteSpace,
  LineComment,
  BlockComment,
  RawName,
  RawText,
  PairsOpen,
  ...Object.values(K),
  Unit,
  LaterWordToken,
  CallFrom,
  CallIn,
  Variable,
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
  Arrow,
  FatArrow,
  Assign,
  DoubleColon,
  ...otherOperators,
  Equals,
  LessThan,
  GreaterThan,
  Minus,
  Star,
  UnknownCharacter,
];
/**
 * A `;` ends the list too: nobody would find the parenthesis that is missing in the next statement. It and AS then get
 * the types that they have elsewhere.
 */
const PairsEnd = createToken({ name: "PairsEnd", pattern: ";", pop_mode: true, line_breaks: false });
export const PairsAs = createToken({ name: "PairsAs", pattern: new RegExp(`AS(?![\\w@$${LETTERS}])`, "i"), line_breaks: false });
const PAIR_TOKENS: readonly TokenType[] = [
  WhiteSpace,
  LineComment,
  BlockComment,
  PairsClose,
  PairsEnd,
  Comma,
  Equals,
  PairsAs,
  PairText,
  Unclosed,
  UnknownCharacter,
];
export const LEXER_TOKENS: readonly TokenType[] = [...new Set([...USUAL_TOKENS, ...PAIR_TOKENS])];
export const LEXER_MODES: IMultiModeLexerDefinition = {
  modes: { usual: [...USUAL_TOKENS], [PAIRS]: [...PAIR_TOKENS] },
  defaultMode: "usual",
};
const CATEGORIES = [Name, Word, Alias, LogicOperator, LikeOperator, ComparisonOperator, ArithmeticOperator, Sign, Member];
export const VOCABULARY: readonly TokenType[] = [...LEXER_TOKENS, ...CATEGORIES];

let lexer: Lexer | null = null;

/** Tokens and comments of a text. Never fails: what is no token comes as `Unclosed` or `UnknownCharacter`. */
export function tokenize(text: string): { tokens: IToken[]; comments: IToken[] } {
  // Validation costs more than the rest of the start-up; a test does it.
  lexer ??= new Lexer(LEXER_MODES, { positionTracking: "onlyOffset", ensureOptimizations: true, skipValidations: true });
  const { tokens, groups } = lexer.tokenize(text);
  nameKeyword(tokens.at(-1));
  for (const token of tokens) {
    if (token.tokenType === PairsEnd) retype(token, Semicolon);
    else if (token.tokenType === PairsAs) retype(token, K.AS);
  }
  return { tokens, comments: groups["comments"] ?? [] };
}

/** Half-open offset after the token. */
export const endOf = (token: IToken): number => token.startOffset + token.image.length;

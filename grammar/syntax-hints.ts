/**
 * What to write instead, at the token where no reading of a text is left. The rules are asked in their order, and the
 * first that knows something is heard: what a construct is known to be mistaken for, then a token that is missing or one
 * too many, tried out on the grammar, and at last how the clause or statement around the place is written.
 */
import { type IToken, type TokenType, tokenMatcher } from "chevrotain";
import { clauseExample, clausesOf } from "./clause-table.ts";
import type { GrammarWalker, Outlook } from "./grammar-walker.ts";
import {
  Alias,
  ArithmeticOperator,
  Comma,
  ComparisonOperator,
  Dot,
  DotStar,
  Equals,
  endOf,
  FatArrow,
  followsDotOrAs,
  isClauseWord,
  K,
  LeftParen,
  LogicOperator,
  Name,
  NumberToken,
  PairsClose,
  RawName,
  RawText,
  RightBracket,
  RightParen,
  Star,
  StringToken,
  Word,
} from "./tokens.ts";

export interface ErrorPlace {
  readonly tokens: readonly IToken[];
  /** Of the token that does not fit; behind the last one where the text ends too early. */
  readonly index: number;
  readonly outlook: Outlook;
  /** Before the token before it, where that is known. */
  readonly before: Outlook | null;
  readonly walker: GrammarWalker;
}

type HintRule = (place: ErrorPlace) => string | null;

export function hintAt(place: ErrorPlace): string | null {
  for (const rule of RULES) {
    const hint = rule(place);
    if (hint !== null) return hint;
  }
  return null;
}

export const DIGIT_HINT = "a name that starts with a digit needs back-ticks";

// --- helpers --------------------------------------------------------------------------------------

const tokenAt = ({ tokens, index }: ErrorPlace): IToken | undefined => tokens[index];
const tokenBefore = ({ tokens, index }: ErrorPlace): IToken | undefined => tokens[index - 1];
const expects = ({ outlook }: ErrorPlace, wanted: TokenType): boolean => outlook.candidates.some(({ type }) => type === wanted);
const isOf = (token: IToken | undefined, type: TokenType): boolean => token !== undefined && tokenMatcher(token, type);

/** Whether the text goes on well from an outlook with the token at an index and those behind it. */
function goesOn({ tokens, walker }: ErrorPlace, outlook: Outlook, from: number): boolean {
  let at = outlook;
  for (let index = from; index < from + TOKENS_TRIED; index++) {
    const token = tokens[index];
    if (token === undefined) return at.end;
    const places = walker.step(at, (type) => tokenMatcher(token, type));
    if (places.length === 0) return false;
    at = walker.look(places);
  }
  return true;
}
/** Behind so many tokens that fit, what was tried is hardly wrong. */
const TOKENS_TRIED = 6;

// --- what is known to be mistaken -------------------------------------------------------------------

const statementEnd: HintRule = (place) => {
  const token = tokenAt(place);
  const starts = token !== undefined && place.index > 0 && place.outlook.end && STATEMENT_STARTS.has(token.tokenType);
  return starts ? `is a ';' missing before ${token.image.toUpperCase()}?` : null;
};
const STATEMENT_STARTS: ReadonlySet<TokenType> = new Set([K.SELECT, K.INSERT, K.UPSERT, K.UPDATE, K.CREATE, K.EXPLAIN, K.SET]);

const equalsSign: HintRule = (place) => {
  const [token, previous] = [tokenAt(place), tokenBefore(place)];
  if (token === undefined || previous === undefined || !tokenMatcher(token, ComparisonOperator)) return null;
  const word = previous.image.toUpperCase();
  if (token.tokenType === Equals && FLAGS.has(previous.tokenType)) return `${word} stands alone, without a value`;
  if (token.tokenType === Equals && (isClauseWord(previous.tokenType) || previous.tokenType === K.LIMIT))
    return `${word} is written without =`;
  if (tokenMatcher(previous, ComparisonOperator)) return "equality is written with one =";
  return expects(place, ArithmeticOperator) ? "comparisons do not chain: write a < b AND b < c" : null;
};

const FLAGS: ReadonlySet<TokenType> = new Set(clausesOf("flag").map((name) => K[name]));

const isOperand: HintRule = (place) => {
  if (tokenAt(place)?.tokenType === K.NULL && tokenBefore(place)?.tokenType === K.NOT) return "write IS NOT NULL";
  if (tokenAt(place)?.tokenType === K.IS && expects(place, LogicOperator)) return "an IS is no operand of another IS without parentheses";
  const isValue = isOf(tokenAt(place), NumberToken) || isOf(tokenAt(place), StringToken);
  return tokenBefore(place)?.tokenType === K.IS && isValue ? `equality is written with =, and IS DISTINCT FROM knows NULLs` : null;
};

const digits: HintRule = (place) => {
  const [token, previous] = [tokenAt(place), tokenBefore(place)];
  const glued = token?.tokenType === NumberToken && isOf(previous, Name) && endOf(previous as IToken) === token.startOffset;
  return glued ? DIGIT_HINT : null;
};

const keyColumn: HintRule = (place) => {
  if (place.tokens[0]?.tokenType !== K.CREATE || !/^(PRIMARY|KEY)$/i.test(tokenAt(place)?.image ?? "")) return null;
  return "WITH (key = 'field') says which field the key equals";
};

const stars: HintRule = (place) => {
  const [token, previous] = [tokenAt(place), tokenBefore(place)];
  if (previous?.tokenType === Star || previous?.tokenType === DotStar) {
    if (token?.tokenType === Dot) return "a star stands last, as in a.*";
  }
  return token?.tokenType === DotStar && expects(place, Dot) ? "only SELECT takes a star: name the fields" : null;
};

const quotedName: HintRule = (place) =>
  isOf(tokenAt(place), StringToken) && (expects(place, Word) || expects(place, Name))
    ? "a name is written without quotes, or in back-ticks"
    : null;

const oddAlias: HintRule = (place) => {
  const [alias, sign, rest] = [tokenBefore(place), tokenAt(place), place.tokens[place.index + 1]];
  if (alias === undefined || sign === undefined || rest === undefined || !/^[-.]$/.test(sign.image)) return null;
  const isAlias = place.tokens[place.index - 2]?.tokenType === K.AS && isOf(rest, Name);
  return isAlias ? `a name with such a sign stands in back-ticks: AS \`${alias.image}${sign.image}${rest.image}\`` : null;
};

const forgottenAs: HintRule = (place) => {
  const token = tokenAt(place);
  if (token === undefined || !tokenMatcher(token, Alias) || !expects(place, K.AS) || !expects(place, Comma)) return null;
  return `an alias takes AS: AS ${token.image}; another column takes a comma before it`;
};

const unquotedText: HintRule = (place) => {
  const token = tokenAt(place);
  if (token === undefined || !expects(place, StringToken) || expects(place, Word)) return null;
  const isText = tokenMatcher(token, Word) || place.outlook.candidates.every(({ type }) => type === StringToken);
  return isText && token.tokenType !== RightParen ? `a text is written in quotes: '${token.image.replace(/^`(.*)`$/s, "$1")}'` : null;
};

const quotedNumber: HintRule = (place) => {
  const digits = /^'(\d+)'$/.exec(tokenAt(place)?.image ?? "")?.[1];
  return digits !== undefined && expects(place, NumberToken) ? `write ${digits}` : null;
};

const lambda: HintRule = (place) =>
  tokenAt(place)?.tokenType === FatArrow ? "a lambda is an argument of a function: TRANSFORM(a, x => x + 1)" : null;

/** `a + FROM`, `b = 1 AND GROUP` */
const operand: HintRule = (place) => {
  const previous = tokenBefore(place);
  if (previous === undefined || !expects(place, K.CASE)) return null;
  const isOperator = [ArithmeticOperator, ComparisonOperator, LogicOperator].some((type) => tokenMatcher(previous, type));
  return isOperator || previous.tokenType === K.NOT ? `${shown(previous)} takes an operand behind it` : null;
};

/** `a > 1 adn b < 2` */
const connective: HintRule = (place) => {
  const token = tokenAt(place);
  if (token === undefined || !tokenMatcher(token, Word) || !expects(place, LogicOperator)) return null;
  const after = place.walker.look(place.walker.step(place.outlook, (type) => type === LogicOperator));
  return goesOn(place, after, place.index + 1) ? "conditions are joined with AND or OR" : null;
};

/** `WITHPIPELINE = a b` */
const spacedText: HintRule = (place) => {
  const [token, previous] = [tokenAt(place), tokenBefore(place)];
  if (token === undefined || previous?.tokenType !== RawText || isClauseWord(token.tokenType) || !place.outlook.end) return null;
  if (/^[`'"]/.test(previous.image) || token.tokenType === Comma) return null;
  return `a value with spaces stands in back-ticks: \`${previous.image} ${token.image}\``;
};

/** A reserved word that would fit as a name. */
const reservedName: HintRule = (place) => {
  const token = tokenAt(place);
  if (token === undefined || !tokenMatcher(token, Name) || tokenMatcher(token, Word)) return null;
  const places = place.walker.step(place.outlook, (type) => type === Word);
  if (places.length === 0) return null;
  const next = place.tokens[place.index + 1];
  const after = place.walker.look(places);
  const fits = next === undefined ? after.end : place.walker.step(after, (type) => tokenMatcher(next, type)).length > 0;
  return fits ? `a field called ${token.image} is written \`${token.image}\`` : null;
};

/** `FROM WHERE`, `FROM %t%`: what stands there is no name. */
const rawName: HintRule = (place) => {
  const [token, previous] = [tokenAt(place), tokenBefore(place)];
  if (!expects(place, RawName) || previous === undefined) return null;
  const word = previous.image.toUpperCase();
  const example = EXAMPLES[word];
  if (token === undefined || example === undefined) return null;
  if (tokenMatcher(token, Name)) return `for example ${example}; one called ${token.image} is written \`${token.image}\``;
  return `for example ${example}; a name with other signs stands in back-ticks`;
};

const behindRawName: HintRule = (place) =>
  tokenBefore(place)?.tokenType === RawName && tokenAt(place)?.tokenType === Dot ? "one dot stands between two names" : null;

// --- a token that is missing, or one too many ---------------------------------------------------------

/** What is forgotten, the most likely first. */
const FORGOTTEN: readonly (readonly [TokenType, string])[] = [
  [RightParen, "')'"],
  [PairsClose, "')'"],
  [RightBracket, "']'"],
  [Comma, "','"],
  [LeftParen, "'('"],
  [Equals, "'='"],
  [LogicOperator, "AND"],
  ...(
    ["AS", "BY", "INTO", "FROM", "SELECT", "JOIN", "WHERE", "ON", "KEY", "WHEN", "END", "VALUES", "STREAM", "EXISTS", "SIZE"] as const
  ).map((word): [TokenType, string] => [K[word], word]),
];

const missing: HintRule = (place) => {
  const token = tokenAt(place);
  for (const [type, written] of FORGOTTEN) {
    if (!expects(place, type) || (place.outlook.end && type.name in K)) continue;
    if (type === LeftParen && token?.tokenType === RightParen) continue;
    const after = place.walker.look(place.walker.step(place.outlook, (candidate) => candidate === type));
    if (!goesOn(place, after, place.index)) continue;
    return token === undefined ? `is ${written} missing at the end?` : `is ${written} missing before ${shown(token)}?`;
  }
  return null;
};

const superfluous: HintRule = (place) => {
  const [token, previous] = [tokenAt(place), tokenBefore(place)];
  if (previous?.tokenType === Comma && place.before !== null && goesOn(place, place.before, place.index))
    return "leave the comma before it out";
  if (token === undefined || !goesOn(place, place.outlook, place.index + 1)) return null;
  return `leave ${shown(token)} out`;
};

const shown = ({ image }: IToken): string => (/^['"`]|^\w+$/.test(image) ? image : `'${image}'`);

// --- how it is written ----------------------------------------------------------------------------------

/** By types of tokens; some of these words begin a statement of their own. */
const EXAMPLES: Readonly<Record<string, string>> = {
  SELECT: "SELECT a, b FROM t",
  FROM: "FROM readings",
  INTO: "INTO elastic.readings",
  INSERT: "INSERT INTO target SELECT * FROM topic",
  UPSERT: "UPSERT INTO target SELECT * FROM topic PK id",
  WITH: "WITH hot AS (SELECT * FROM readings WHERE t > 28)",
  WHERE: "WHERE a > 1 AND b IS NOT NULL",
  GROUP: "GROUP BY a, b",
  HAVING: "HAVING COUNT(*) > 1",
  PARTITION: "PARTITION BY a",
  EVENTTIME: "EVENTTIME BY measuredAt",
  JOIN: "JOIN rooms AS r ON t.room = r.id",
  LEFT: "LEFT JOIN rooms AS r ON t.room = r.id",
  RIGHT: "RIGHT JOIN rooms AS r ON t.room = r.id",
  FULL: "FULL JOIN rooms AS r ON t.room = r.id",
  CROSS: "CROSS JOIN UNNEST(items) AS i",
  UNNEST: "CROSS JOIN UNNEST(items) AS i",
  ON: "ON t.room = r.id",
  WITHIN: "WITHIN 1 HOUR, or WITHIN (1 HOUR, 10 MINUTES)",
  WINDOW: "WINDOW TUMBLING (SIZE 1 MINUTE)",
  SIZE: "SIZE 1 MINUTE",
  ADVANCE: "ADVANCE BY 10 SECONDS",
  GRACE: "GRACE PERIOD 10 SECONDS",
  EMIT: "EMIT FINAL",
  EVERY: "EMIT EVERY 10 SECONDS",
  LATE: "LATE INTO too_late",
  START: "START AT EARLIEST",
  LIMIT: "LIMIT 10",
  UNION: "UNION ALL SELECT a FROM t",
  STORE: "INSERT INTO copy STORE KEY AS STRING VALUE AS JSON SELECT * FROM t",
  CASE: "CASE WHEN a > 1 THEN 'much' ELSE 'little' END",
  CAST: "CAST(a AS INT)",
  TRY_CAST: "TRY_CAST(a AS INT)",
  BETWEEN: "BETWEEN 1 AND 5",
  IN: "IN (1, 2)",
  IS: "IS NULL, IS TRUE, IS DISTINCT FROM b",
  LIKE: "LIKE 'x%'",
  ESCAPE: "ESCAPE '!'",
  FILTER: "FILTER (WHERE a > 1)",
  OVER: "OVER (PARTITION BY a ORDER BY b)",
  INTERVAL: "INTERVAL '1' DAY",
  DoubleColon: "a::INT",
  CallIn: "POSITION('x' IN a)",
  CallFrom: "SUBSTRING(a FROM 2 FOR 3)",
  BOTH: "TRIM(BOTH '-' FROM a)",
  LEADING: "TRIM(LEADING '-' FROM a)",
  TRAILING: "TRIM(TRAILING '-' FROM a)",
  CREATE: "CREATE STREAM readings (id STRING, t DOUBLE) WITH (key = 'id')",
  DROP: "DROP STREAM readings",
  SHOW: "SHOW STREAMS",
  LIST: "LIST TOPICS",
  DESCRIBE: "DESCRIBE readings",
  EXPLAIN: "EXPLAIN SELECT a FROM t",
  SET: "SET 'error.policy' = 'noop'",
  UNSET: "UNSET 'error.policy'",
  DEFINE: "DEFINE topic = 'readings'",
  PAUSE: "PAUSE PIPELINE persist",
  RESUME: "RESUME PIPELINE persist",
  RESTART: "RESTART PIPELINE persist",
  TERMINATE: "TERMINATE persist",
  PRINT: "PRINT readings FROM BEGINNING LIMIT 5",
  ASSERT: "ASSERT VALUES hot (id, n) VALUES ('a', 1)",
};

/** How the clause is written that is not complete before the place; where none is, the one that does not belong there. */
const example: HintRule = ({ tokens, index, outlook }) => {
  const [first, token] = [tokens[0]?.tokenType, tokens[index]];
  if (outlook.end && token !== undefined) {
    if (token.tokenType === K.AS) return "columns of SELECT and relations of FROM have an alias";
    return exampleOf(token) ?? written(tokens[index - 1]) ?? (first === K.CREATE ? exampleOf(tokens[0]) : null);
  }
  if (first !== undefined && ADMINISTRATION.has(first)) return exampleOf(tokens[0]);
  for (let at = index - 1; at >= Math.max(0, index - CLAUSE_TOKENS_MAX); at--) {
    const hint = followsDotOrAs(tokens, at) || tokens[at]?.tokenType === K.INTO ? null : exampleOf(tokens[at]);
    if (hint !== null) return hint;
  }
  return null;
};
const written = (token: IToken | undefined): string | null => (token === undefined ? null : clauseExample(token.image));

function exampleOf(token: IToken | undefined): string | null {
  if (token === undefined) return null;
  if (isClauseWord(token.tokenType)) return clauseExample(token.image);
  const text = EXAMPLES[token.tokenType.name];
  return text === undefined ? null : `for example ${text}`;
}
/** Statements whose words mean something else in others. */
const ADMINISTRATION: ReadonlySet<TokenType> = new Set(
  (["DROP", "SHOW", "LIST", "DESCRIBE", "SET", "UNSET", "DEFINE", "PAUSE", "RESUME", "RESTART", "PRINT", "ASSERT"] as const).map(
    (word) => K[word],
  ),
);
/** Behind so many tokens of a list a hint about its clause says nothing new. */
const CLAUSE_TOKENS_MAX = 20;

const firstWord: HintRule = ({ index }) => (index === 0 ? `for example ${EXAMPLES.INSERT}` : null);

const RULES: readonly HintRule[] = [
  statementEnd,
  equalsSign,
  isOperand,
  digits,
  keyColumn,
  stars,
  quotedName,
  oddAlias,
  forgottenAs,
  unquotedText,
  quotedNumber,
  lambda,
  spacedText,
  reservedName,
  rawName,
  behindRawName,
  missing,
  connective,
  superfluous,
  operand,
  example,
  firstWord,
];

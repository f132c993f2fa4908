/** What could be written at a place: keywords by the grammar, names by what the tools are told. */
import { type IToken, type TokenType, tokenMatcher } from "chevrotain";
import type { Span } from "./ast.ts";
import { type Candidate, type GrammarWalker, type Outlook, sharedWalker } from "./grammar-walker.ts";
import { keywordDoc } from "./keyword-docs.ts";
import type { CompletionKind, KnownName, KnownNames } from "./known-names.ts";
import { isPlainName } from "./names.ts";
import { namesAt, type Place } from "./names-at.ts";
import {
  Dot,
  endOf,
  isReservedInNames,
  K,
  type Keyword,
  LikeOperator,
  LogicOperator,
  RawName,
  Semicolon,
  tokenize,
  Unclosed,
} from "./tokens.ts";

export interface Completion {
  readonly kind: CompletionKind;
  /** What is written in place of the word at the cursor. */
  readonly label: string;
  /** The signature of a function, the type of a field, an example of a clause. */
  readonly detail: string | null;
  readonly doc: string | null;
}

export interface Completions {
  /** The word that is being written, up to the offset. */
  readonly span: Span;
  /** Fields first, keywords last. Empty too where the text before is wrong. */
  readonly items: readonly Completion[];
}

const KINDS: readonly CompletionKind[] = ["field", "setting", "value", "relation", "target", "function", "keyword"];
/** Keywords that share a token category, and so are no tokens of their own in the grammar. */
const MEMBERS: ReadonlyMap<TokenType, readonly Keyword[]> = new Map([
  [LogicOperator, ["AND", "OR"]],
  [LikeOperator, ["LIKE", "ILIKE", "RLIKE"]],
]);

export function complete(text: string, offset: number, names: KnownNames): Completions {
  const { tokens, word, start } = writtenUpTo(text, offset);
  const { outlook, walker } = outlookBehind(tokens);
  const found = new Map<string, Completion>();
  const add = (kind: CompletionKind, { name: label, detail, doc }: KnownName): void => {
    if (fits(label, word) && !found.has(`${kind} ${label}`)) found.set(`${kind} ${label}`, { kind, label, detail, doc });
  };
  const place: Place = { text, offset, tokens };
  for (const candidate of outlook.candidates) {
    for (const keyword of keywordsOf(candidate.type)) add("keyword", { name: keyword, ...keywordDoc(keyword) });
    const { kind, known } = namesAt(candidate.type, walker.rulesAround(candidate), place, names);
    for (const one of known) add(kind, one);
  }
  const items = [...found.values()].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  return { span: { start, end: offset }, items };
}

function keywordsOf(type: TokenType): readonly Keyword[] {
  return MEMBERS.get(type) ?? (type.name in K ? [type.name as Keyword] : []);
}

const fits = (label: string, word: string): boolean => withoutQuote(label).startsWith(withoutQuote(word));
const withoutQuote = (text: string): string => text.replace(/^['`"]/, "").toLowerCase();

interface Written {
  /** The whole words of the statement. */
  readonly tokens: readonly IToken[];
  /** The one that is being written. */
  readonly word: string;
  readonly start: number;
}

/** A word that ends at the offset is being written; so is a string or a quoted name that is not closed. */
function writtenUpTo(text: string, offset: number): Written {
  const start = startOfWord(tokenize(text.slice(0, offset)).tokens, offset);
  // anew, because the word itself may have told the lexer what stands before it
  const { tokens } = tokenize(text.slice(0, start));
  const statement = tokens.slice(tokens.findLastIndex((token) => token.tokenType === Semicolon) + 1);
  return { tokens: statement, word: text.slice(start, offset), start };
}

function startOfWord(tokens: readonly IToken[], offset: number): number {
  const [last, before] = [tokens.at(-1), tokens.at(-2)];
  if (last === undefined || endOf(last) !== offset) return offset;
  if (last.tokenType === Unclosed || /[\w@$}\u00AA-\uFFFF]$/.test(last.image)) return last.startOffset;
  const isDotted = last.tokenType === Dot && before?.tokenType === RawName && endOf(before) === last.startOffset;
  return isDotted ? before.startOffset : offset;
}

/** The last word is a name as well where what follows decides it: `CREATE STREAM if (` or `CREATE STREAM IF NOT`. */
function outlookBehind(tokens: readonly IToken[]): { outlook: Outlook; walker: GrammarWalker } {
  const walker = sharedWalker();
  let places = walker.start("statement");
  for (const token of tokens) {
    const isName = token === tokens.at(-1) && isPlainName(token.image) && !isReservedInNames(token.image);
    places = walker.step(walker.look(places), (type) => tokenMatcher(token, type) || (isName && type === RawName));
  }
  return { outlook: walker.look(places), walker };
}

/** One kind of token that may stand at a place. */
export interface Expectation {
  /** `GROUP`, `RawName`, `Word`, … from `tokens.ts`. */
  readonly token: string;
  /** For people: `GROUP`, `the name of a topic, index or table`. */
  readonly label: string;
  /** The grammar rules around the place, innermost first: `["path", "field", …, "where", …]`. */
  readonly rules: readonly string[];
}

/**
 * What may stand at an offset, given the statement before it; a word that ends at the offset is taken as being typed.
 * Empty if the text before is wrong.
 */
export function expectedTokens(text: string, offset: number): readonly Expectation[] {
  const { outlook, walker } = outlookBehind(writtenUpTo(text, offset).tokens);
  const found = new Map<string, Expectation>();
  const expect = (candidate: Candidate): void => {
    const rules = walker.rulesAround(candidate);
    const { name, LABEL } = candidate.type;
    const key = `${name} ${rules[0]}`;
    if (!found.has(key)) found.set(key, { token: name, label: LABEL ?? name, rules });
  };
  for (const candidate of outlook.candidates) expect(candidate);
  return [...found.values()];
}

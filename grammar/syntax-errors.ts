/**
 * Messages for text that does not fit the grammar. The walker finds the exact token at which no reading is left, what
 * was expected there and whether a keyword was mistyped; after an error it goes on behind a repaired word, or at the
 * next clause, so that several errors of one statement are reported.
 */
import { type IRecognitionException, type IToken, type TokenType, tokenMatcher } from "chevrotain";
import type { Diagnostic, Span } from "./ast.ts";
import { errorAt } from "./diagnostics.ts";
import { describeExpected, describeFound } from "./expected.ts";
import { type GrammarWalker, type Outlook, type Places, sharedWalker } from "./grammar-walker.ts";
import { laterConstruct } from "./later-constructs.ts";
import { nearest } from "./nearest.ts";
import { DIGIT_HINT, hintAt } from "./syntax-hints.ts";
import {
  Alias,
  Equals,
  endOf,
  followsDotOrAs,
  GluedNumber,
  Identifier,
  isDistinctFrom,
  K,
  LeftParen,
  Member,
  NumberToken,
  PairsOpen,
  RawName,
  RawText,
  RightParen,
  rawAfterEquals,
  StringToken,
} from "./tokens.ts";

export interface SyntaxErrors {
  readonly diagnostics: readonly Diagnostic[];
  /** The text ends where it must go on. */
  readonly incomplete: boolean;
}

/** Nobody reads more. */
export const DIAGNOSTICS_MAX = 100;
/** Explaining takes five times as long as parsing; in a longer statement the first error is only pointed at. */
const TOKENS_EXPLAINED_MAX = 20_000;

/**
 * @param tokens one statement, which the parser refused
 * @param errors what the parser says
 * @param cut the tokens stop at something that never ends, so a missing end is no news
 */
export function findSyntaxErrors(tokens: readonly IToken[], errors: readonly IRecognitionException[], cut: boolean): SyntaxErrors {
  const found = tokens.length > TOKENS_EXPLAINED_MAX ? null : new Search(sharedWalker(), tokens).run(cut);
  return found !== null && (found.diagnostics.length > 0 || cut) ? found : pointAt(errors[0]?.token, tokens);
}

function pointAt(token: IToken | undefined, tokens: readonly IToken[]): SyntaxErrors {
  const last = tokens.at(-1);
  const atEnd = token === undefined || Number.isNaN(token.startOffset) || token.startOffset < 0;
  const end = last === undefined ? 0 : endOf(last);
  const message = atEnd ? "the statement ends too early" : `unexpected ${describeFound(token)}`;
  const span = atEnd ? { start: end, end } : spanOf(token);
  return { diagnostics: [errorAt("SYNTAX", message, span)], incomplete: atEnd };
}

/** Where reading stands: all places in the grammar, and the index of the next token. */
interface Position {
  readonly places: Places;
  readonly index: number;
}

class Search {
  readonly #walker: GrammarWalker;
  readonly #tokens: readonly IToken[];
  readonly #diagnostics: Diagnostic[] = [];

  constructor(walker: GrammarWalker, tokens: readonly IToken[]) {
    this.#walker = walker;
    this.#tokens = tokens;
  }

  run(cut: boolean): SyntaxErrors {
    let places = this.#walker.start("statement");
    let before: Outlook | null = null;
    let restartedAt = -1;
    let index = 0;
    for (;;) {
      const outlook = this.#walker.look(places);
      const token = this.#tokens[index];
      if (token === undefined) {
        const incomplete = !cut && !outlook.end;
        if (incomplete) this.#reportEnd(outlook, before);
        return { diagnostics: this.#diagnostics, incomplete };
      }
      const next = this.#walker.step(outlook, (type) => tokenMatcher(token, type));
      if (next.length > 0) {
        [before, places] = [outlook, next];
        index++;
        continue;
      }
      // `FROM t GRUOP BY a`: GRUOP was a legal alias, only BY behind it is wrong
      const repair: Position | null = this.#repair(index, outlook) ?? (before === null ? null : this.#repair(index - 1, before));
      if (repair !== null) {
        [before, places, index] = [null, repair.places, repair.index];
        continue;
      }
      this.#report(index, outlook, before);
      if (this.#diagnostics.length >= DIAGNOSTICS_MAX) return { diagnostics: this.#diagnostics, incomplete: false };
      const restart = this.#restart(index === restartedAt ? index + 1 : this.#behindQuery(index));
      if (restart === null) return { diagnostics: this.#diagnostics, incomplete: false };
      [before, places, index, restartedAt] = [null, restart.places, restart.index, restart.index];
    }
  }

  // --- mistyped keywords ------------------------------------------------------------------------

  /** Takes the word at an index for the keyword that was probably meant, if the text goes on well behind it. */
  #repair(index: number, outlook: Outlook): Position | null {
    const keyword = this.#mistyped(index, outlook);
    if (keyword === null) return null;
    const token = this.#tokens[index] as IToken;
    const after = this.#behind(keyword, index + 1, outlook);
    if (after !== null) this.#add("SYNTAX", `unexpected ${describeFound(token)}`, spanOf(token), `did you mean ${keyword.name}?`);
    return after;
  }

  /** Where reading stands behind a repaired keyword and the token that follows it; null if that does not fit. */
  #behind(keyword: TokenType, start: number, outlook: Outlook): Position | null {
    let [places, index] = [this.#walker.step(outlook, (type) => type === keyword), start];
    for (let steps = rawAfterEquals.has(keyword) ? 2 : 1; steps > 0 && index < this.#tokens.length; steps--) {
      const token = this.#tokens[index++] as IToken;
      const next = this.#walker.look(places);
      // Behind a mistyped word names and suffixes were not read as such: what is glued together belongs together.
      if (token.tokenType === LeftParen && next.candidates.some(({ type }) => type === PairsOpen)) return this.#behindPairs(index);
      const isRaw = next.candidates.some(({ type }) => type === RawName || type === RawText);
      while (isRaw && this.#tokens[index]?.startOffset === endOf(this.#tokens[index - 1] as IToken)) index++;
      places = this.#walker.step(next, (type) => isRaw || tokenMatcher(token, type));
      if (places.length === 0) return null;
    }
    return { places, index };
  }

  /** Behind a list of pairs that was not read as one: what it says is not looked at. */
  #behindPairs(start: number): Position {
    let index = start;
    while (index < this.#tokens.length && this.#tokens[index]?.tokenType !== RightParen) index++;
    return { places: this.#walker.start("clauses"), index: index + 1 };
  }

  #mistyped(index: number, outlook: Outlook): TokenType | null {
    const token = this.#tokens[index];
    if (token === undefined || !tokenMatcher(token, Alias) || !MISTYPED.test(token.image)) return null;
    const keywords = outlook.candidates.map(({ type }) => type).filter((type) => type.name in K);
    const word = nearest(
      token.image,
      keywords.map((type) => type.name),
    );
    return keywords.find((type) => type.name === word) ?? null;
  }

  // --- everything else --------------------------------------------------------------------------

  #report(index: number, outlook: Outlook, before: Outlook | null): void {
    if (this.#reportBefore(index)) return;
    const token = this.#tokens[index] as IToken;
    const found = describeFound(token);
    const expected = describeExpected(outlook, this.#walker);
    const later = laterConstruct(this.#tokens, index);
    if (later !== null) {
      this.#add("NOT_SUPPORTED_YET", `${later.what} are not supported yet`, spanOf(later.token), later.hint);
    } else if (token.tokenType === GluedNumber) {
      this.#add("SYNTAX", `${found} is neither a number nor a name`, spanOf(token), DIGIT_HINT);
    } else {
      const message = expected === null ? `unexpected ${found}` : `expected ${expected}, but found ${found}`;
      this.#add("SYNTAX", message, spanOf(token), this.#hint(index, outlook, before));
    }
  }

  /** `SELECT a. FROM t`, `FROM t FOO = 5`: the word before was taken for a name, and is what is wrong. */
  #reportBefore(index: number): boolean {
    const [sign, word, next] = [this.#tokens[index - 2], this.#tokens[index - 1], this.#tokens[index]];
    if (sign === undefined || word === undefined || next === undefined) return false;
    if (sign.tokenType === RawName && word.tokenType === Identifier && NEVER_BEHIND_ALIAS.has(next.tokenType)) {
      this.#add("SYNTAX", `unexpected ${describeFound(word)}`, spanOf(word), "no clause begins with it");
      return true;
    }
    const isApart = sign.tokenType === K.AS || (tokenMatcher(sign, Member) && endOf(sign) < word.startOffset);
    if (!isApart || !CLAUSE_STARTS.has(word.tokenType)) return false;
    const written = sign.tokenType === K.AS ? `AS \`${word.image}\`` : `${sign.image}${word.image}`;
    const hint = `leave the ${sign.tokenType === K.AS ? "AS" : "dot"} out; a field of that name is written ${written}`;
    this.#add("SYNTAX", `expected a name, but found ${describeFound(word)}`, spanOf(word), hint);
    return true;
  }

  #reportEnd(outlook: Outlook, before: Outlook | null): void {
    const last = this.#tokens.at(-1);
    const end = last === undefined ? 0 : endOf(last);
    const expected = describeExpected(outlook, this.#walker);
    const message = expected === null ? "the statement ends too early" : `expected ${expected}, but the statement ends`;
    this.#add("SYNTAX", message, { start: end, end }, this.#hint(this.#tokens.length, outlook, before));
  }

  #hint(index: number, outlook: Outlook, before: Outlook | null): string | null {
    const mistyped = this.#mistyped(index, outlook);
    if (mistyped !== null) return `did you mean ${mistyped.name}?`;
    return hintAt({ tokens: this.#tokens, index, outlook, before, walker: this.#walker });
  }

  /** Where reading can go on after an error: at a clause or at a statement whose `;` was forgotten. */
  #restart(from: number): Position | null {
    for (let index = from; index < this.#tokens.length; index++) {
      const rule = ruleStartingAt(this.#tokens, index);
      if (rule !== null) return { places: this.#walker.start(rule), index };
    }
    return null;
  }

  /** Behind the parentheses of a sub-query, whose clauses are not those of the statement. */
  #behindQuery(index: number): number {
    if (this.#tokens[index]?.tokenType !== K.SELECT && this.#tokens[index + 1]?.tokenType !== K.SELECT) return index;
    let open = this.#tokens[index]?.tokenType === LeftParen ? 0 : 1;
    for (let at = index; at < this.#tokens.length; at++) {
      const type = this.#tokens[at]?.tokenType;
      if (type === LeftParen) open++;
      if (type === RightParen && --open === 0) return at + 1;
    }
    return index;
  }

  #add(code: "SYNTAX" | "NOT_SUPPORTED_YET", message: string, span: Span, hint: string | null): void {
    this.#diagnostics.push(errorAt(code, message, span, hint));
  }
}

const spanOf = (token: IToken): Span => ({ start: token.startOffset, end: endOf(token) });

/** What no text goes on with behind `FROM t alias`. */
const NEVER_BEHIND_ALIAS: ReadonlySet<TokenType> = new Set([Equals, NumberToken, StringToken, LeftParen]);
/** Reserved words that one hardly means as names. */
const CLAUSE_STARTS: ReadonlySet<TokenType> = new Set([K.SELECT, K.FROM, K.WHERE, K.GROUP, K.HAVING, K.JOIN, K.INTO]);
/** Shorter words are near to too many others. */
const MISTYPED = /^\w{3,}$/;

const WINDOW_STARTS: ReadonlySet<TokenType> = new Set([K.TUMBLING, K.HOPPING, K.CUMULATING, K.SLIDING, K.SESSION, K.COUNT, K.BY]);

/** The rule to restart with at a token that can hardly be anything but the start of a clause or statement. */
function ruleStartingAt(tokens: readonly IToken[], index: number): string | null {
  const [token, next] = [tokens[index]?.tokenType, tokens[index + 1]?.tokenType];
  if (followsDotOrAs(tokens, index)) return null;
  if (token === K.FROM) return isDistinctFrom(tokens, index) ? null : "tail";
  if (token === K.WHERE || token === K.HAVING || token === K.WITHINDEXSUFFIX) return "clauses";
  if ((token === K.GROUP && next === K.BY) || (token === K.WINDOW && next !== undefined && WINDOW_STARTS.has(next))) return "clauses";
  if (token === K.EMIT && (next === K.CHANGES || next === K.FINAL || next === K.EVERY)) return "clauses";
  if ((token === K.PARTITION || token === K.EVENTTIME) && next === K.BY) return "clauses";
  return index > 0 && (token === K.INSERT || token === K.UPSERT || token === K.UPDATE) && next === K.INTO ? "statement" : null;
}

import type { ForeignProblem } from "./connector-file.ts";
import type { Dialect } from "./dialects.ts";

export type ForeignToken =
  | { readonly kind: "word" | "number" | "sign" | "comment"; readonly start: number; readonly end: number; readonly text: string }
  /** `text` is what the quotes mean. */
  | { readonly kind: "name" | "string"; readonly start: number; readonly end: number; readonly text: string };

export interface ForeignTokens {
  readonly tokens: readonly ForeignToken[];
  readonly problems: readonly ForeignProblem[];
}

const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const HASH_COMMENT = /#[^\n\r]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?(\*\/|$)/y;
const WORD = /[\p{L}_@$][\p{L}\p{N}_@$]*/uy;
const NUMBER = /0[xX][\da-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const DOLLAR_STRING = /(\$(?:[A-Za-z_]\w*)?\$)([\s\S]*?)\1/y;
const SIGN = /<=>|->>|::|:=|<>|!=|<=|>=|\|\||&&|->|=>|[\s\S]/uy;

const MEANINGS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "0": "\0", Z: "\x1a" };

/** Of an escaped character; `\%` and `\_` keep their backslash, as patterns of LIKE want it. */
const meaning = (unit: string): string => (unit === "%" || unit === "_" ? `\\${unit}` : (MEANINGS[unit] ?? unit));

/** Strings begun by a letter: which read backslashes, and which do not. Others (`X'1F'`, `B'01'`) have no counterpart. */
const PREFIXES: Readonly<Record<string, { readonly backslashes: boolean | null }>> = {
  E: { backslashes: true },
  R: { backslashes: false },
  N: { backslashes: null },
};

/** The text of a dialect in tokens. Never fails: what has no end is reported, and reaches to the end of the text. */
export function foreignTokens(text: string, dialect: Dialect): ForeignTokens {
  return new Scanner(text, dialect).scan();
}

class Scanner {
  private readonly text: string;
  private readonly dialect: Dialect;
  private position = 0;
  private readonly tokens: ForeignToken[] = [];
  private readonly problems: ForeignProblem[] = [];

  constructor(text: string, dialect: Dialect) {
    this.text = text;
    this.dialect = dialect;
  }

  scan(): ForeignTokens {
    while (this.position < this.text.length) {
      if (this.match(SPACE) !== null) continue;
      this.comment() || this.quoted() || this.number() || this.word() || this.push("sign", this.match(SIGN)?.[0] ?? "");
    }
    return { tokens: this.tokens, problems: this.problems };
  }

  /** What the pattern finds here, which is passed by. */
  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match !== null) this.position += match[0].length;
    return match;
  }

  private push(kind: ForeignToken["kind"], text: string, start: number = this.position - text.length): true {
    this.tokens.push({ kind, start, end: this.position, text });
    return true;
  }

  private fail(message: string, start: number, hint: string | null = null): void {
    this.problems.push({ message, hint, start, end: this.position });
  }

  private comment(): boolean {
    const line = this.match(LINE_COMMENT) ?? (this.dialect.hashComments ? this.match(HASH_COMMENT) : null);
    if (line !== null) return this.push("comment", line[0]);
    const block = this.match(BLOCK_COMMENT);
    if (block === null) return false;
    if (block[1] === "") this.fail("this comment has no */", this.position - block[0].length);
    return this.push("comment", block[0]);
  }

  private quoted(): boolean {
    const { dialect, text, position } = this;
    const quote = text.charAt(position);
    if (quote === "'") return this.readQuoted("string", quote, dialect.backslashes);
    if (quote === '"') return this.readQuoted(dialect.doubleQuotes, quote, dialect.doubleQuotes === "string" && dialect.backslashes);
    if (quote === "`") return this.readQuoted("name", quote, false);
    if (quote === "[" && dialect.brackets) return this.readQuoted("name", "]", false);
    const dollar = dialect.dollarStrings ? this.match(DOLLAR_STRING) : null;
    return dollar !== null && this.push("string", dollar[2] ?? "", position);
  }

  /** Up to the closing quote; a doubled one stands for itself. */
  private readQuoted(kind: "name" | "string", quote: string, backslashes: boolean, start: number = this.position): boolean {
    const parts: string[] = [];
    for (let at = this.position + 1; at < this.text.length; at++) {
      const unit = this.text.charAt(at);
      if (unit === "\\" && backslashes) parts.push(meaning(this.text.charAt(++at)));
      else if (unit !== quote) parts.push(unit);
      else if (this.text.charAt(at + 1) === quote) parts.push(this.text.charAt(at++));
      else {
        this.position = at + 1;
        return this.push(kind, parts.join(""), start);
      }
    }
    this.position = this.text.length;
    this.fail(`this ${kind} is never closed`, start, "a quote inside is written twice");
    return this.push(kind, parts.join(""), start);
  }

  private number(): boolean {
    const number = this.match(NUMBER);
    return number !== null && this.push("number", number[0]);
  }

  private word(): boolean {
    const start = this.position;
    const word = this.match(WORD)?.[0];
    if (word === undefined) return false;
    const quote = this.text.charAt(this.position);
    const isString = quote === "'" || (quote === '"' && this.dialect.doubleQuotes === "string");
    if (!isString || word.length > 2) return this.push("word", word);
    const prefix = PREFIXES[word.toUpperCase()];
    if (prefix === undefined) this.fail(`strings that begin with ${word}${quote} have no counterpart`, start, "write the text itself");
    return this.readQuoted("string", quote, prefix?.backslashes ?? this.dialect.backslashes, start);
  }
}

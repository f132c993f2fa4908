import type { IToken } from "chevrotain";
import type { Clause, FieldsClause, Ident, OffsetsClause, Path, Property, Span, Tag } from "./ast.ts";
import { CallRules } from "./calls.ts";
import { type ClauseName, clauseExample, clauseSpec, clausesOf } from "./clause-table.ts";
import { missingClause, missingOffset, missingPath, missingProperty, missingTag, noProperties } from "./missing.ts";
import { unquoteWhole } from "./names.ts";
import { nearest } from "./nearest.ts";
import type { Rule } from "./rules.ts";
import {
  Comma,
  Dot,
  Equals,
  endOf,
  isClauseWord,
  K,
  LeftParen,
  Minus,
  Name,
  NumberToken,
  PairsClose,
  PairsOpen,
  PairText,
  RawName,
  RawText,
  RightParen,
  StringToken,
  Word,
} from "./tokens.ts";

const hasEquals = (name: ClauseName): boolean => clauseSpec(name).equals === true;
const FLAGS = clausesOf("flag");
const NUMBERS = clausesOf("number");
const TEXTS = clausesOf("text", "word", "path");
const FIELDS = clausesOf("fields");
const BUCKETS = clausesOf("buckets");

/** What the character between the parts of a key may be. */
const DELIMITER = /^[-\w+/{}:|#@`^[\]*?$.]$/;

/** The clauses of KCQL: a rule for each shape of `clause-table.ts`. */
export abstract class KcqlClauseRules extends CallRules {
  readonly kcqlClause: Rule<Clause> = this.rule("kcqlClause", missingClause, () =>
    this.OR([
      { ALT: () => this.SUBRULE(this.flagClause) },
      { ALT: () => this.SUBRULE(this.numberClause) },
      { ALT: () => this.SUBRULE(this.bareNumberClause) },
      { ALT: () => this.SUBRULE(this.textClause) },
      { ALT: () => this.SUBRULE(this.bareTextClause) },
      { ALT: () => this.SUBRULE(this.fieldsClause) },
      { ALT: () => this.SUBRULE(this.keyClause) },
      { ALT: () => this.SUBRULE(this.delimiterClause) },
      { ALT: () => this.SUBRULE(this.timeClause) },
      { ALT: () => this.SUBRULE(this.storeAsClause) },
      { ALT: () => this.SUBRULE(this.tagsClause) },
      { ALT: () => this.SUBRULE(this.propertiesClause) },
      { ALT: () => this.SUBRULE(this.bucketsClause) },
      { ALT: () => this.SUBRULE(this.offsetsClause) },
      { ALT: () => this.SUBRULE(this.sampleClause) },
    ]),
  );

  #clause(name: string, body: (start: number) => Clause): Rule<Clause> {
    return this.rule(name, missingClause, body);
  }

  #word<Word extends ClauseName>(words: readonly Word[]): Word {
    const token = this.OR(words.map((word) => ({ ALT: () => this.CONSUME(K[word]) })));
    return this.ACTION(() => token.tokenType.name as Word);
  }

  // --- a word alone, numbers, texts -------------------------------------------------------------

  readonly flagClause = this.#clause("flagClause", (start) => {
    const name = this.#word(FLAGS);
    return { kind: "flag", name, span: this.spanFrom(start) };
  });

  readonly numberClause = this.#clause("numberClause", (start) => {
    const name = this.#word(NUMBERS.filter(hasEquals));
    this.CONSUME(Equals);
    const token = this.CONSUME(NumberToken);
    return this.ACTION(() => ({ kind: "number", name, value: this.#inRange(name, token), span: this.spanFrom(start) }));
  });

  readonly bareNumberClause = this.#clause("bareNumberClause", (start) => {
    const name = this.#word(NUMBERS.filter((word) => !hasEquals(word)));
    const token = this.CONSUME(NumberToken);
    return this.ACTION(() => ({ kind: "number", name, value: this.#inRange(name, token), span: this.spanFrom(start) }));
  });

  #inRange(name: ClauseName, token: IToken): number {
    const [min, max] = clauseSpec(name).range ?? [1, Number.MAX_SAFE_INTEGER];
    return this.wholeNumber(name, token, min, max);
  }

  /** Reports what is no whole number within the bounds. */
  protected wholeNumber(what: string, token: IToken, min = 1, max = 2 ** 31 - 1): number {
    const value = /^\d+$/.test(token.image) ? Number(token.image) : Number.NaN;
    if (!(value >= min && value <= max)) {
      const bound = value > max ? `up to ${max}` : min === 1 ? "greater than 0" : `from ${min}`;
      const example = clauseExample(what) ?? (/^[A-Z]/.test(what) ? `for example ${what} 10` : null);
      this.report("VALUE_OUT_OF_RANGE", `${what} takes a whole number ${bound}`, this.tokenSpan(token), example);
    }
    return value;
  }

  readonly textClause = this.#clause("textClause", (start) => {
    const name = this.#word(TEXTS.filter(hasEquals));
    this.CONSUME(Equals);
    const token = this.CONSUME(RawText);
    return this.ACTION(() => this.#text(name, token, start));
  });

  readonly bareTextClause = this.#clause("bareTextClause", (start) => {
    const name = this.#word(TEXTS.filter((word) => !hasEquals(word)));
    const token = this.CONSUME(RawText);
    return this.ACTION(() => this.#text(name, token, start));
  });

  #text(name: (typeof TEXTS)[number], token: IToken, start: number): Clause {
    const { shape, words } = clauseSpec(name);
    const textSpan = this.tokenSpan(token);
    const span = this.spanFrom(start);
    if (shape === "path") return { kind: "text", name, text: token.image, textSpan, span };
    const text = unquoteWhole(token.image);
    if (words === undefined) return { kind: "text", name, text, textSpan, span };
    const upper = text.toUpperCase();
    if (!words.includes(upper)) {
      const meant = nearest(text, words);
      const list = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
      this.report("VALUE_OUT_OF_RANGE", `${name} takes ${list}`, textSpan, meant === null ? clauseExample(name) : `did you mean ${meant}?`);
    }
    return { kind: "text", name, text: upper, textSpan, span };
  }

  readonly delimiterClause = this.#clause("delimiterClause", (start) => {
    this.CONSUME(K.KEYDELIMITER);
    this.CONSUME(Equals);
    const token = this.CONSUME(StringToken);
    return this.ACTION(() => {
      const textSpan = this.tokenSpan(token);
      const text = unquoteWhole(token.image);
      if (!DELIMITER.test(text)) {
        const message = "KEYDELIMITER takes one character in quotes: a letter, a digit or one of _ - + / { } : | # @ ` ^ [ ] * ? $ .";
        this.report("VALUE_OUT_OF_RANGE", message, textSpan, "for example '-'");
      }
      return { kind: "text", name: "KEYDELIMITER", text, textSpan, span: this.spanFrom(start) };
    });
  });

  // --- fields -----------------------------------------------------------------------------------

  readonly fieldsClause = this.#clause("fieldsClause", (start) => {
    const name = this.#word(FIELDS);
    const fields: Path[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => fields.push(this.SUBRULE(this.clauseField)) });
    return this.ACTION(() => this.#fields(name, fields, this.spanFrom(start)));
  });

  readonly keyClause = this.#clause("keyClause", (start) => {
    this.CONSUME(K.WITHKEY);
    this.CONSUME(LeftParen);
    const fields: Path[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => fields.push(this.SUBRULE(this.clauseField)) });
    this.CONSUME(RightParen);
    return this.ACTION(() => {
      const nested = fields.find(({ parts }) => parts.length > 1);
      if (nested !== undefined) {
        this.report("SYNTAX", "WITHKEY takes names without dots", nested.span, "a name that has a dot is written in back-ticks");
      }
      return this.#fields("WITHKEY", fields, this.spanFrom(start));
    });
  });

  #fields(name: FieldsClause["name"], fields: readonly Path[], span: Span): Clause {
    const fold = name === "PARTITIONBY" ? (text: string): string => text.toLowerCase() : (text: string): string => text;
    this.#reportRepeated(
      name,
      fields.map((path) => ({ key: fold(path.parts.map((part) => part.name).join("\0")), span: path.span })),
    );
    return { kind: "fields", name, fields, span };
  }

  #reportRepeated(name: ClauseName, keys: readonly { readonly key: string; readonly span: Span }[]): void {
    const seen = new Set<string>();
    for (const { key, span } of keys) {
      if (seen.has(key)) this.report("DUPLICATE_NAME", `${name} names '${key.replaceAll("\0", ".")}' twice`, span, "keep one of them");
      seen.add(key);
    }
  }

  /** `a.b`, `_key.x`, `` _header.`x.y` ``, `'odd name'`, `device-id`, `2fa`: where no arithmetic can stand, a dash is part of a name. */
  readonly clauseField: Rule<Path> = this.rule("clauseField", missingPath, (start) => {
    const tokens = [this.OR([{ ALT: () => this.CONSUME(Word) }, { ALT: () => this.CONSUME(StringToken) }])];
    this.MANY(() => {
      tokens.push(this.OR1([{ ALT: () => this.CONSUME(Dot) }, { ALT: () => this.CONSUME(Minus) }]));
      tokens.push(
        this.OR2([{ ALT: () => this.CONSUME(Name) }, { ALT: () => this.CONSUME1(StringToken) }, { ALT: () => this.CONSUME(NumberToken) }]),
      );
    });
    return this.ACTION(() => ({ parts: this.#partsOf(tokens), span: this.spanFrom(start) }));
  });

  #partsOf(tokens: readonly IToken[]): Ident[] {
    const [first] = tokens;
    if (first === undefined) return [];
    if (isClauseWord(first.tokenType)) {
      const hint = `a field of that name is written \`${first.image}\``;
      this.report("SYNTAX", `expected a field, but found '${first.image}'`, this.tokenSpan(first), hint);
    }
    const parts = this.fieldParts(first);
    for (let index = 1; index + 1 < tokens.length; index += 2) {
      const [sign, token, last] = [tokens[index] as IToken, tokens[index + 1] as IToken, parts.at(-1) as Ident];
      const number = token.tokenType === NumberToken;
      if (sign.tokenType === Dot && !number) {
        parts.push(this.ident(token));
        continue;
      }
      const glued = endOf(tokens[index - 1] as IToken) === sign.startOffset && endOf(sign) === token.startOffset;
      if (!glued || last.quoted || sign.tokenType === Dot || (number && !/^\d+$/.test(token.image))) {
        const place = sign.tokenType === Dot ? token : sign;
        this.report("SYNTAX", `unexpected '${place.image}'`, this.tokenSpan(place), "a name with other signs is written in back-ticks");
      }
      parts[parts.length - 1] = { ...last, name: last.name + sign.image + token.image, span: { ...last.span, end: endOf(token) } };
    }
    return parts;
  }

  readonly timeClause = this.#clause("timeClause", (start) => {
    this.CONSUME(K.WITHTIMESTAMP);
    const field = this.SUBRULE(this.clauseField);
    const called = this.OPTION(() => {
      this.CONSUME(LeftParen);
      return this.CONSUME(RightParen);
    });
    return this.ACTION(() => {
      const span = this.spanFrom(start);
      if (called === undefined) return { kind: "time", name: "WITHTIMESTAMP", field, span };
      if (field.parts.length !== 1 || field.parts[0]?.name.toLowerCase() !== "sys_time") {
        this.report("SYNTAX", "WITHTIMESTAMP takes a field or sys_time()", field.span, "a SELECT can compute a field");
      }
      return { kind: "time", name: "WITHTIMESTAMP", field: null, span };
    });
  });

  // --- names and values in parentheses ------------------------------------------------------------

  readonly storeAsClause = this.#clause("storeAsClause", (start) => {
    this.CONSUME(K.STOREAS);
    const type = this.CONSUME(RawText);
    const parameters = this.OPTION(() => {
      this.CONSUME(PairsOpen);
      const pairs: Property[] = [];
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => pairs.push(this.SUBRULE(this.pair)) });
      this.CONSUME(PairsClose);
      return pairs;
    });
    return this.ACTION(() => {
      const pairs = parameters ?? [];
      this.#reportRepeated(
        "STOREAS",
        pairs.map(({ key, span }) => ({ key: key.toLowerCase(), span })),
      );
      return { kind: "storeas", name: "STOREAS", type: unquoteWhole(type.image), parameters: pairs, span: this.spanFrom(start) };
    });
  });

  readonly propertiesClause = this.#clause("propertiesClause", (start) => {
    this.CONSUME(K.PROPERTIES);
    this.CONSUME(PairsOpen);
    const properties = this.OPTION(() => this.SUBRULE(this.pairs)) ?? [];
    this.CONSUME(PairsClose);
    this.ACTION(() => this.#warnOfRepeated(properties));
    return { kind: "properties", name: "PROPERTIES", properties, span: this.spanFrom(start) };
  });

  #warnOfRepeated(properties: readonly Property[]): void {
    const seen = new Set<string>();
    for (const { key, span } of properties) {
      if (seen.has(key)) this.warn("DUPLICATE_NAME", `PROPERTIES has '${key}' twice`, span, "the last value counts");
      seen.add(key);
    }
  }

  readonly pairs: Rule<Property[]> = this.rule("pairs", noProperties, () => {
    const pairs: Property[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => pairs.push(this.SUBRULE(this.pair)) });
    return pairs;
  });

  readonly pair: Rule<Property> = this.rule("pair", missingProperty, (start) => {
    const key = this.CONSUME(PairText);
    this.CONSUME(Equals);
    const value = this.CONSUME1(PairText);
    return this.ACTION(() => ({ key: unquoteWhole(key.image), value: unquoteWhole(value.image), span: this.spanFrom(start) }));
  });

  readonly tagsClause = this.#clause("tagsClause", (start) => {
    this.CONSUME(K.WITHTAG);
    this.CONSUME(PairsOpen);
    const tags: Tag[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => tags.push(this.SUBRULE(this.tag)) });
    this.CONSUME(PairsClose);
    return this.ACTION(() => {
      this.#reportRepeated(
        "WITHTAG",
        tags.map((tag) => ({ key: tag.type === "ALIAS" ? (tag.value ?? "") : tag.key, span: tag.span })),
      );
      return { kind: "tags", name: "WITHTAG", tags, span: this.spanFrom(start) };
    });
  });

  readonly tag: Rule<Tag> = this.rule("tag", missingTag, (start) => {
    const key = this.CONSUME(PairText);
    const rest = this.OPTION(() => {
      const sign = this.OR([{ ALT: () => this.CONSUME(Equals) }, { ALT: () => this.CONSUME(K.AS) }]);
      return { sign, value: this.CONSUME1(PairText) };
    });
    return this.ACTION(() => {
      for (const token of [key, rest?.value]) {
        if (token !== undefined && token !== rest?.value && /^\.|\.\.|\.$/.test(token.image)) {
          this.report("SYNTAX", `'${token.image}' is no field: a dot stands between names`, this.tokenSpan(token), "for example a.b");
        }
      }
      const type = rest === undefined ? "DEFAULT" : rest.sign.tokenType === Equals ? "CONSTANT" : "ALIAS";
      const value = rest === undefined ? null : unquoteWhole(rest.value.image);
      return { key: unquoteWhole(key.image), type, value, span: this.spanFrom(start) };
    });
  });

  // --- what older connectors know -----------------------------------------------------------------

  readonly bucketsClause = this.#clause("bucketsClause", (start) => {
    const name = this.#word(BUCKETS);
    const fields: Path[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => fields.push(this.SUBRULE(this.clauseField)) });
    this.CONSUME(K.INTO);
    const count = this.CONSUME(RawName); // behind INTO anything is a name
    this.CONSUME(K.BUCKETS);
    return this.ACTION(() => ({ kind: "buckets", name, fields, count: this.wholeNumber(name, count), span: this.spanFrom(start) }));
  });

  readonly offsetsClause = this.#clause("offsetsClause", (start) => {
    this.CONSUME(K.WITHOFFSET);
    const offsets: OffsetsClause["offsets"][number][] = [];
    const keys: { key: string; span: Span }[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        const at = this.ACTION(() => this.offsetOf(this.LA(1)));
        const offset = this.SUBRULE(this.offset);
        offsets.push(offset);
        keys.push({ key: `partition ${offset.partition}`, span: this.spanFrom(at) });
      },
    });
    this.ACTION(() => this.#reportRepeated("WITHOFFSET", keys));
    return { kind: "offsets", name: "WITHOFFSET", offsets, span: this.spanFrom(start) };
  });

  readonly offset: Rule<OffsetsClause["offsets"][number]> = this.rule("offset", missingOffset, () => {
    this.CONSUME(LeftParen);
    const partition = this.CONSUME(NumberToken);
    const offset = this.OPTION(() => {
      this.CONSUME(Comma);
      return this.CONSUME1(NumberToken);
    });
    this.CONSUME(RightParen);
    return this.ACTION(() => ({
      partition: this.wholeNumber("a partition", partition, 0),
      offset: offset === undefined ? null : this.wholeNumber("an offset", offset, 0, Number.MAX_SAFE_INTEGER),
    }));
  });

  readonly sampleClause = this.#clause("sampleClause", (start) => {
    this.CONSUME(K.SAMPLE);
    const count = this.CONSUME(NumberToken);
    this.CONSUME(K.EVERY);
    const every = this.CONSUME1(NumberToken);
    return this.ACTION(() => ({
      kind: "sample",
      name: "SAMPLE",
      count: this.wholeNumber("SAMPLE", count),
      every: this.wholeNumber("EVERY", every),
      span: this.spanFrom(start),
    }));
  });
}

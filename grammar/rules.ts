import { EmbeddedActionsParser, type IParserConfig, type IToken, type ParserMethod, tokenMatcher } from "chevrotain";
import type { Diagnostic, Ident, Path, Span, TypeRef } from "./ast.ts";
import type { SyntaxCode } from "./diagnostic-codes.ts";
import { errorAt } from "./diagnostics.ts";
import { NESTED_TYPE } from "./lexical-errors.ts";
import { missingIdent, missingPath, missingType, missingTypeArgument } from "./missing.ts";
import { quotedFacet, splitRawName, unquote } from "./names.ts";
import {
  Alias,
  Comma,
  endOf,
  GluedNumber,
  GreaterThan,
  K,
  LeftParen,
  LessThan,
  Member,
  Name,
  NumberToken,
  QuotedName,
  RawName,
  RightParen,
  StringToken,
  VOCABULARY,
  Word,
} from "./tokens.ts";

export type Rule<T> = ParserMethod<[], T>;

/**
 * What all rules share, and the smallest ones: names and types.
 *
 * Chevrotain runs every rule body once with dummy tokens to learn the grammar, so whatever looks into a token or a node
 * is wrapped in ACTION. What two tokens tell apart is then computed from all that each alternative can begin with, which takes
 * longest where these are expressions: where a GATE decides, MAX_LOOKAHEAD is 1.
 */
export abstract class BasicRules extends EmbeddedActionsParser {
  /** Findings that are not syntax: values out of range, clauses given twice. */
  readonly findings: Diagnostic[] = [];
  /** Where the statement's text ends: the place of everything that is missing at its end. */
  protected textEnd = 0;

  constructor(config: IParserConfig) {
    super([...VOCABULARY], { recoveryEnabled: true, maxLookahead: 2, ...config });
  }

  // --- helpers ----------------------------------------------------------------------------------

  /** A rule that knows where it starts, and what to return when error recovery has skipped its text. */
  protected rule<T>(name: string, missing: (span: Span) => T, body: (start: number) => T): Rule<T> {
    return this.RULE(name, () => body(this.offsetOf(this.LA(1))), { recoveryValueFunc: () => missing(this.here()) });
  }

  /** End-of-input and tokens inserted by recovery have no place of their own. */
  protected offsetOf(token: IToken): number {
    return token.startOffset >= 0 ? token.startOffset : this.textEnd;
  }

  protected here(): Span {
    const offset = this.offsetOf(this.LA(1));
    return { start: offset, end: offset };
  }

  /** From a start to the end of the last consumed token. */
  protected spanFrom(start: number): Span {
    const last = this.LA(0);
    return { start, end: last.startOffset >= 0 ? Math.max(start, endOf(last)) : start };
  }

  protected tokenSpan(token: IToken): Span {
    const start = this.offsetOf(token);
    return { start, end: start + token.image.length };
  }

  protected report(code: SyntaxCode, message: string, span: Span, hint: string | null = null): void {
    if (span.end > span.start) this.findings.push(errorAt(code, message, span, hint));
  }

  protected warn(code: SyntaxCode, message: string, span: Span, hint: string | null = null): void {
    this.findings.push({ ...errorAt(code, message, span, hint), severity: "warning" });
  }

  protected ident(token: IToken): Ident {
    if (token.tokenType === GluedNumber && token.image.includes(".")) {
      this.report(
        "SYNTAX",
        `'${token.image}' is neither a number nor a name`,
        this.tokenSpan(token),
        "a name with a dot stands in back-ticks",
      );
    }
    const quoted = token.tokenType === QuotedName || token.tokenType === StringToken;
    return { name: quoted ? unquote(token.image) : token.image, quoted, span: this.tokenSpan(token) };
  }

  /** What begins a path: `` `_key.'odd name'` `` is KCQL's way to write `` _key.`odd name` ``. */
  protected fieldParts(token: IToken): Ident[] {
    const facet = token.tokenType === QuotedName && quotedFacet.test(token.image);
    if (!facet) return [this.ident(token)];
    return splitRawName(token.image.slice(1, -1), this.offsetOf(token) + 1);
  }

  // --- names and types --------------------------------------------------------------------------

  /** `a.b.c`: reserved words need quotes in the first place only. */
  readonly path: Rule<Path> = this.rule("path", missingPath, (start) => {
    const tokens = [this.CONSUME(Word)];
    this.MANY(() => {
      this.CONSUME(Member);
      tokens.push(this.OR([{ ALT: () => this.CONSUME(Name) }, { ALT: () => this.CONSUME(StringToken) }]));
    });
    return this.ACTION(() => {
      const [first, ...others] = tokens as [IToken, ...IToken[]];
      const parts = [...this.fieldParts(first), ...others.map((token) => this.ident(token))];
      return { parts, span: this.spanFrom(start) };
    });
  });

  readonly rawPath: Rule<Path> = this.rule("rawPath", missingPath, () => {
    const token = this.CONSUME(RawName);
    return this.ACTION(() => ({ parts: splitRawName(token.image, this.offsetOf(token)), span: this.tokenSpan(token) }));
  });

  /** A column's alias takes AS, or a comma forgotten would call `a` by the name of `b` in `SELECT a b`. */
  readonly columnAlias: Rule<Ident> = this.rule("columnAlias", missingIdent, () => {
    this.CONSUME(K.AS);
    const token = this.OR([{ ALT: () => this.CONSUME(Name) }, { ALT: () => this.CONSUME(StringToken) }]);
    return this.ACTION(() => this.ident(token));
  });

  readonly alias: Rule<Ident> = this.rule("alias", missingIdent, () =>
    this.OR([
      { ALT: () => this.SUBRULE(this.columnAlias) },
      {
        ALT: () => {
          const token = this.CONSUME(Alias);
          return this.ACTION(() => this.ident(token));
        },
      },
    ]),
  );

  readonly type: Rule<TypeRef> = this.rule("type", missingType, (start) => {
    const word = this.CONSUME(Word);
    const parameters: number[] = [];
    this.OPTION(() => {
      this.CONSUME(LeftParen);
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => parameters.push(Number(this.CONSUME(NumberToken).image)) });
      this.CONSUME(RightParen);
    });
    const typeArguments: TypeRef["arguments"][number][] = [];
    this.OPTION1({
      // `a::INT < b` is a comparison.
      GATE: () => NESTED_TYPE.test(word.image),
      DEF: () => {
        this.CONSUME(LessThan);
        this.AT_LEAST_ONE_SEP1({ SEP: Comma, DEF: () => typeArguments.push(this.SUBRULE(this.typeArgument)) });
        this.CONSUME(GreaterThan);
      },
    });
    return this.ACTION(() => {
      const type: TypeRef = { name: this.ident(word).name.toUpperCase(), parameters, arguments: typeArguments, span: this.spanFrom(start) };
      this.#checkArguments(type);
      return type;
    });
  });

  readonly typeArgument: Rule<TypeRef["arguments"][number]> = this.rule("typeArgument", missingTypeArgument, () =>
    this.OR({
      MAX_LOOKAHEAD: 1,
      DEF: [
        {
          GATE: () => tokenMatcher(this.LA(2), Word),
          ALT: () => {
            const name = this.CONSUME(Word);
            const type = this.SUBRULE(this.type);
            return this.ACTION(() => ({ name: this.ident(name), type }));
          },
          IGNORE_AMBIGUITIES: true,
        },
        { ALT: () => ({ name: null, type: this.SUBRULE1(this.type) }) },
      ],
    }),
  );

  #checkArguments(type: TypeRef): void {
    const named = type.name === "STRUCT";
    if (type.arguments.some((argument) => (argument.name !== null) !== named)) {
      const message = named ? "every field of a STRUCT needs a name and a type" : `the element types of ${type.name} have no names`;
      this.report("SYNTAX", message, type.span, named ? "for example STRUCT<a INT, b STRING>" : "for example ARRAY<INT>");
    }
    if (type.parameters.some((value) => !Number.isSafeInteger(value))) {
      this.report("VALUE_OUT_OF_RANGE", `${type.name} takes whole numbers in parentheses`, type.span, "for example DECIMAL(10, 2)");
    }
  }
}

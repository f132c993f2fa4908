import { EmbeddedActionsParser, type IParserConfig, type IToken, type ParserMethod, type TokenType } from "chevrotain";
import type { BinaryOp, Case, Diagnostic, Expr, Ident, Is, Path, Ref, Span, TypeRef } from "./ast.ts";
import type { SyntaxCode } from "./diagnostic-codes.ts";
import { foldBinary } from "./precedence.ts";
import {
  ArithmeticOperator, Comma, ComparisonOperator, Dot, DoubleColon, endOf, GreaterThan, K, LeftParen, LessThan, LogicOperator, Minus,
  Name, NumberToken, QuotedName, RightParen, Star, StringToken, unquote, VOCABULARY, Word,
} from "./tokens.ts";

export type Rule<T> = ParserMethod<[], T>;

/**
 * Expressions, names and types. From loosest to tightest: expression (OR, AND) → negation → test (IS) → comparison →
 * membership (IN, BETWEEN, LIKE) → arithmetic → operand (signs, `::`) → primary; see `precedence.ts`.
 *
 * Chevrotain runs every rule body once with dummy tokens to learn the grammar, so whatever looks into a token or a node
 * is wrapped in ACTION. The span of a parenthesised expression covers its parentheses: then spans of parents can be
 * taken from their children.
 */
export abstract class ExpressionRules extends EmbeddedActionsParser {
  /** Findings that are not syntax: values out of range, clauses given twice. */
  readonly findings: Diagnostic[] = [];
  /** Where the statement's text ends: the place of everything that is missing at its end. */
  protected textEnd = 0;

  constructor(config: IParserConfig) {
    super([...VOCABULARY], { recoveryEnabled: true, maxLookahead: 2, ...config });
  }

  // --- helpers ----------------------------------------------------------------------------------

  /** A rule that knows where it starts, and what to return when error recovery has skipped its text. */
  protected rule<T>(name: string, body: (start: number) => T, missing: (span: Span) => T): Rule<T> {
    return this.RULE(name, () => body(this.offsetOf(this.LA(1))), { recoveryValueFunc: () => missing(this.here()) });
  }

  #expr(name: string, body: (start: number) => Expr): Rule<Expr> {
    return this.rule(name, body, (span): Expr => ({ kind: "missing", span }));
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
    if (span.end > span.start) this.findings.push({ severity: "error", code, message, hint, span });
  }

  protected ident(token: IToken): Ident {
    const quoted = token.tokenType === QuotedName;
    return { name: quoted ? unquote(token.image) : token.image, quoted, span: this.tokenSpan(token) };
  }

  /** Operands of one kind with operators of one category between them, folded by precedence. */
  #chain(operator: TokenType, operand: Rule<Expr>): Expr {
    const operands = [this.SUBRULE(operand)];
    const operators: BinaryOp[] = [];
    this.MANY(() => {
      operators.push(operatorOf(this.CONSUME(operator)));
      operands.push(this.SUBRULE1(operand));
    });
    return this.ACTION(() => foldBinary(operands, operators));
  }

  // --- operators --------------------------------------------------------------------------------

  readonly expression: Rule<Expr> = this.#expr("expression", () => this.#chain(LogicOperator, this.negation));

  readonly negation: Rule<Expr> = this.#expr("negation", () => {
    const starts: number[] = [];
    this.MANY(() => starts.push(this.offsetOf(this.CONSUME(K.NOT))));
    const operand = this.SUBRULE(this.test);
    return this.ACTION(() => wrap("not", starts, operand));
  });

  readonly test: Rule<Expr> = this.#expr("test", (start) => {
    let left = this.SUBRULE(this.comparison);
    this.MANY(() => {
      this.CONSUME(K.IS);
      const negated = this.OPTION(() => this.CONSUME(K.NOT)) !== undefined;
      this.OR([
        {
          ALT: () => {
            const what = this.SUBRULE(this.truth);
            left = this.ACTION((): Expr => ({ kind: "is", operand: left, what, negated, span: this.spanFrom(start) }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.DISTINCT);
            this.CONSUME(K.FROM);
            const right = this.SUBRULE1(this.comparison);
            const op = negated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM";
            left = this.ACTION((): Expr => ({ kind: "binary", op, left, right, span: this.spanFrom(start) }));
          },
        },
      ]);
    });
    return left;
  });

  readonly truth: Rule<Is["what"]> = this.rule(
    "truth",
    () => {
      const token = this.OR([
        { ALT: () => this.CONSUME(K.NULL) },
        { ALT: () => this.CONSUME(K.TRUE) },
        { ALT: () => this.CONSUME(K.FALSE) },
      ]);
      return this.ACTION(() => token.tokenType.name as Is["what"]);
    },
    () => "NULL",
  );

  /** Not a chain: `a < b < c` is nearly always meant otherwise. */
  readonly comparison: Rule<Expr> = this.#expr("comparison", (start) => {
    let left = this.SUBRULE(this.membership);
    this.OPTION(() => {
      const operator = this.CONSUME(ComparisonOperator);
      const right = this.SUBRULE1(this.membership);
      left = this.ACTION((): Expr => ({ kind: "binary", op: operatorOf(operator), left, right, span: this.spanFrom(start) }));
    });
    return left;
  });

  readonly membership: Rule<Expr> = this.#expr("membership", (start) => {
    let result = this.SUBRULE(this.arithmetic);
    this.OPTION(() => {
      const operand = result;
      const negated = this.OPTION1(() => this.CONSUME(K.NOT)) !== undefined;
      this.OR([
        {
          ALT: () => {
            this.CONSUME(K.BETWEEN);
            const low = this.SUBRULE1(this.arithmetic);
            this.CONSUME(K.AND);
            const high = this.SUBRULE2(this.arithmetic);
            result = this.ACTION((): Expr => ({ kind: "between", operand, low, high, negated, span: this.spanFrom(start) }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.IN);
            this.CONSUME(LeftParen);
            const list: Expr[] = [];
            this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => list.push(this.SUBRULE(this.expression)) });
            this.CONSUME(RightParen);
            result = this.ACTION((): Expr => ({ kind: "in", operand, list, negated, span: this.spanFrom(start) }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.LIKE);
            const pattern = this.SUBRULE3(this.arithmetic);
            const escape = this.OPTION2(() => this.SUBRULE(this.escape)) ?? null;
            result = this.ACTION((): Expr => ({ kind: "like", operand, pattern, escape, negated, span: this.spanFrom(start) }));
          },
        },
      ]);
    });
    return result;
  });

  readonly escape: Rule<Expr> = this.#expr("escape", () => {
    this.CONSUME(K.ESCAPE);
    const token = this.CONSUME(StringToken);
    return this.ACTION(() => {
      const span = this.tokenSpan(token);
      const value = unquote(token.image);
      if (value.length !== 1) this.report("VALUE_OUT_OF_RANGE", "ESCAPE takes exactly one character", span);
      return { kind: "string", value, span };
    });
  });

  readonly arithmetic: Rule<Expr> = this.#expr("arithmetic", () => this.#chain(ArithmeticOperator, this.operand));

  readonly operand: Rule<Expr> = this.#expr("operand", (outer) => {
    const starts: number[] = [];
    this.MANY(() => starts.push(this.offsetOf(this.CONSUME(Minus))));
    const start = this.ACTION(() => (starts.length === 0 ? outer : this.offsetOf(this.LA(1))));
    let operand = this.SUBRULE(this.primary);
    this.MANY1(() => {
      this.CONSUME(DoubleColon);
      const type = this.SUBRULE(this.type);
      operand = this.ACTION((): Expr => ({ kind: "cast", operand, type, safe: false, span: this.spanFrom(start) }));
    });
    return this.ACTION(() => wrap("negate", starts, operand));
  });

  // --- primaries --------------------------------------------------------------------------------

  readonly primary: Rule<Expr> = this.#expr("primary", (start) =>
    this.OR([
      { ALT: () => this.SUBRULE(this.literal) },
      {
        ALT: () => {
          this.CONSUME(LeftParen);
          const inner = this.SUBRULE(this.expression);
          this.CONSUME(RightParen);
          return this.ACTION((): Expr => ({ ...inner, span: this.spanFrom(start) }));
        },
      },
      { ALT: () => this.SUBRULE(this.caseExpression) },
      { ALT: () => this.SUBRULE(this.cast) },
      { ALT: () => this.SUBRULE(this.call) },
      { ALT: () => this.SUBRULE(this.field) },
    ]),
  );

  readonly literal: Rule<Expr> = this.#expr("literal", () => {
    const token = this.OR([
      { ALT: () => this.CONSUME(NumberToken) },
      { ALT: () => this.CONSUME(StringToken) },
      { ALT: () => this.CONSUME(K.NULL) },
      { ALT: () => this.CONSUME(K.TRUE) },
      { ALT: () => this.CONSUME(K.FALSE) },
    ]);
    return this.ACTION((): Expr => {
      const span = this.tokenSpan(token);
      if (token.tokenType === NumberToken) return { kind: "number", text: token.image, span };
      if (token.tokenType === StringToken) return { kind: "string", value: unquote(token.image), span };
      if (token.tokenType === K.NULL) return { kind: "null", span };
      return { kind: "boolean", value: token.tokenType === K.TRUE, span };
    });
  });

  readonly caseExpression: Rule<Expr> = this.#expr("caseExpression", (start) => {
    this.CONSUME(K.CASE);
    const operand = this.OPTION(() => this.SUBRULE(this.expression)) ?? null;
    const branches: Case["branches"][number][] = [];
    this.AT_LEAST_ONE(() => {
      this.CONSUME(K.WHEN);
      const when = this.SUBRULE1(this.expression);
      this.CONSUME(K.THEN);
      branches.push({ when, then: this.SUBRULE2(this.expression) });
    });
    const otherwise = this.OPTION1(() => {
      this.CONSUME(K.ELSE);
      return this.SUBRULE3(this.expression);
    }) ?? null;
    this.CONSUME(K.END);
    return { kind: "case", operand, branches, otherwise, span: this.spanFrom(start) };
  });

  readonly cast: Rule<Expr> = this.#expr("cast", (start) => {
    const word = this.OR([{ ALT: () => this.CONSUME(K.CAST) }, { ALT: () => this.CONSUME(K.TRY_CAST) }]);
    this.CONSUME(LeftParen);
    const operand = this.SUBRULE(this.expression);
    this.CONSUME(K.AS);
    const type = this.SUBRULE(this.type);
    this.CONSUME(RightParen);
    return this.ACTION((): Expr => ({ kind: "cast", operand, type, safe: word.tokenType === K.TRY_CAST, span: this.spanFrom(start) }));
  });

  readonly call: Rule<Expr> = this.#expr("call", (start) => {
    const name = this.CONSUME(Word);
    this.CONSUME(LeftParen);
    const args: Expr[] = [];
    let star = false;
    let distinct = false;
    this.OPTION(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(Star);
            star = true;
          },
        },
        {
          ALT: () => {
            distinct = this.OPTION1(() => this.CONSUME(K.DISTINCT)) !== undefined;
            this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => args.push(this.SUBRULE(this.expression)) });
          },
        },
      ]);
    });
    this.CONSUME(RightParen);
    return this.ACTION((): Expr => ({ kind: "call", name: this.ident(name), args, star, distinct, span: this.spanFrom(start) }));
  });

  readonly field: Rule<Ref> = this.rule<Ref>(
    "field",
    () => {
      const path = this.SUBRULE(this.path);
      return this.ACTION(() => ({ kind: "ref", path, span: path.span }));
    },
    (span) => ({ kind: "ref", path: { parts: [], span }, span }),
  );

  // --- names and types --------------------------------------------------------------------------

  /** `a.b.c`: reserved words need quotes in the first place only. */
  readonly path: Rule<Path> = this.rule<Path>(
    "path",
    (start) => {
      const tokens = [this.CONSUME(Word)];
      this.MANY(() => {
        this.CONSUME(Dot);
        tokens.push(this.CONSUME(Name));
      });
      return this.ACTION(() => ({ parts: tokens.map((token) => this.ident(token)), span: this.spanFrom(start) }));
    },
    (span) => ({ parts: [], span }),
  );

  readonly type: Rule<TypeRef> = this.rule<TypeRef>(
    "type",
    (start) => {
      const word = this.CONSUME(Word);
      const parameters: number[] = [];
      this.OPTION(() => {
        this.CONSUME(LeftParen);
        this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => parameters.push(Number(this.CONSUME(NumberToken).image)) });
        this.CONSUME(RightParen);
      });
      const typeArguments: TypeRef["arguments"][number][] = [];
      this.OPTION1(() => {
        this.CONSUME(LessThan);
        this.AT_LEAST_ONE_SEP1({ SEP: Comma, DEF: () => typeArguments.push(this.SUBRULE(this.typeArgument)) });
        this.CONSUME(GreaterThan);
      });
      return this.ACTION(() => {
        const type: TypeRef = { name: word.image.toUpperCase(), parameters, arguments: typeArguments, span: this.spanFrom(start) };
        this.#checkArguments(type);
        return type;
      });
    },
    (span) => ({ name: "", parameters: [], arguments: [], span }),
  );

  readonly typeArgument: Rule<TypeRef["arguments"][number]> = this.rule<TypeRef["arguments"][number]>(
    "typeArgument",
    () =>
      this.OR([
        {
          ALT: () => {
            const name = this.CONSUME(Word);
            const type = this.SUBRULE(this.type);
            return this.ACTION(() => ({ name: this.ident(name), type }));
          },
        },
        { ALT: () => ({ name: null, type: this.SUBRULE1(this.type) }) },
      ]),
    (span) => ({ name: null, type: { name: "", parameters: [], arguments: [], span } }),
  );

  #checkArguments(type: TypeRef): void {
    const named = type.name === "STRUCT";
    if (type.arguments.some((argument) => (argument.name !== null) !== named)) {
      const message = named ? "every field of a STRUCT needs a name and a type" : `the element types of ${type.name} have no names`;
      this.report("SYNTAX", message, type.span, named ? "for example STRUCT<a INT, b STRING>" : null);
    }
    if (type.parameters.some((value) => !Number.isSafeInteger(value))) {
      this.report("VALUE_OUT_OF_RANGE", `${type.name} takes whole numbers in parentheses`, type.span);
    }
  }
}

function operatorOf(token: IToken): BinaryOp {
  const image = token.image.toUpperCase();
  return (image === "!=" ? "<>" : image) as BinaryOp;
}

/** `NOT NOT a`, `- -a`: signs are read in a loop, so that a long row of them does not go deep into the stack. */
function wrap(kind: "not" | "negate", starts: readonly number[], operand: Expr): Expr {
  return starts.reduceRight((inner, start) => ({ kind, operand: inner, span: { start, end: inner.span.end } }), operand);
}

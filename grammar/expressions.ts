import type { IToken, TokenType } from "chevrotain";
import type { BinaryOp, Case, Expr, Is, Like, Ref, TypedLiteral } from "./ast.ts";
import { missingExpr, missingField, missingTruth } from "./missing.ts";
import { unquote } from "./names.ts";
import { foldBinary } from "./precedence.ts";
import { BasicRules, type Rule } from "./rules.ts";
import {
  ArithmeticOperator,
  Comma,
  ComparisonOperator,
  DoubleColon,
  GluedNumber,
  Identifier,
  K,
  LeftBracket,
  LeftParen,
  LikeOperator,
  LogicOperator,
  Member,
  Minus,
  Name,
  NumberToken,
  RightBracket,
  RightParen,
  Sign,
  StringToken,
  Unit,
} from "./tokens.ts";
import { INTERVAL_UNITS } from "./units.ts";

/**
 * From loosest to tightest: expression (OR, AND, NOT) → test (IS) → comparison → membership (IN, BETWEEN, LIKE) →
 * arithmetic (with signs and `::`) → primary; see `precedence.ts`. The span of a parenthesised expression covers its
 * parentheses: so spans of parents can be taken from their children.
 */
export abstract class ExpressionRules extends BasicRules {
  /** `calls.ts` */
  protected abstract readonly call: Rule<Expr>;

  #expr(name: string, body: (start: number) => Expr): Rule<Expr> {
    return this.rule(name, missingExpr, body);
  }

  /**
   * Operands with operators of one category between them, folded by precedence. `operand` is called for the first
   * (0) and for the others (1): Chevrotain wants to tell places apart by number.
   */
  #chain(operator: TokenType, operand: (place: 0 | 1) => Expr): Expr {
    const operands = [operand(0)];
    const operators: BinaryOp[] = [];
    this.MANY(() => {
      operators.push(operatorOf(this.CONSUME(operator)));
      operands.push(operand(1));
    });
    return this.ACTION(() => foldBinary(operands, operators));
  }

  // --- operators --------------------------------------------------------------------------------

  readonly expression: Rule<Expr> = this.#expr("expression", () => {
    // most expressions are a field alone: this spares them the way down, not the grammar
    if (this.LA(1).tokenType === Identifier && BEHIND_AN_EXPRESSION.has(this.LA(2).tokenType)) return this.SUBRULE(this.field);
    return this.#chain(LogicOperator, (place) => this.#negation(place));
  });

  /** Not a rule of its own, nor is `#operand`: each rule on the way down to a parenthesis costs stack space. */
  #negation(place: 0 | 1): Expr {
    const starts: number[] = [];
    this.many(place + 1, () => starts.push(this.offsetOf(this.consume(place, K.NOT))));
    const operand = this.subrule(place, this.test);
    return starts.length === 0 ? operand : this.ACTION(() => negated(starts, operand));
  }

  /** Like comparisons not a chain: `a IS NULL IS TRUE` needs parentheses. */
  readonly test: Rule<Expr> = this.#expr("test", (start) => {
    let left = this.SUBRULE(this.comparison);
    this.OPTION1(() => {
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

  readonly truth: Rule<Is["what"]> = this.rule("truth", missingTruth, () => {
    const token = this.OR([{ ALT: () => this.CONSUME(K.NULL) }, { ALT: () => this.CONSUME(K.TRUE) }, { ALT: () => this.CONSUME(K.FALSE) }]);
    return this.ACTION(() => token.tokenType.name as Is["what"]);
  });

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
            const word = this.CONSUME(LikeOperator);
            const pattern = this.SUBRULE3(this.arithmetic);
            const mark = this.OPTION2(() => this.SUBRULE(this.escape)) ?? null;
            result = this.ACTION((): Expr => {
              const op = likeOperatorOf(word);
              if (op === "RLIKE" && mark !== null)
                this.report(
                  "SYNTAX",
                  "a regular expression has no ESCAPE",
                  mark.span,
                  "leave it out: \\ makes the sign behind it mean itself",
                );
              return { kind: "like", op, operand, pattern, escape: mark, negated, span: this.spanFrom(start) };
            });
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
      if (value.length !== 1) this.report("VALUE_OUT_OF_RANGE", "ESCAPE takes exactly one character", span, "for example ESCAPE '!'");
      return { kind: "string", value, span };
    });
  });

  readonly arithmetic: Rule<Expr> = this.#expr("arithmetic", () => this.#chain(ArithmeticOperator, (place) => this.#operand(place)));

  #operand(place: 0 | 1): Expr {
    const signs: IToken[] = [];
    this.many(2 * place + 1, () => signs.push(this.consume(place, Sign)));
    const start = this.ACTION(() => this.offsetOf(this.LA(1)));
    let operand = this.subrule(place, this.primary);
    this.many(2 * place + 2, () => {
      operand = this.#postfixed(place, operand, start);
    });
    return signs.length === 0 ? operand : this.ACTION(() => this.#signed(signs, operand));
  }

  /** A plus changes nothing, as parentheses do: the operand's place has it within. */
  #signed(signs: readonly IToken[], operand: Expr): Expr {
    let signed = operand;
    for (const sign of signs.toReversed()) {
      const span = { start: this.offsetOf(sign), end: signed.span.end };
      signed = sign.tokenType === Minus ? { kind: "negate", operand: signed, span } : Object.assign({}, signed, { span });
    }
    return signed;
  }

  /** What is written behind an operand and binds most tightly: `a[1]`, `f(x).name`, `a::INT`, `t AT TIME ZONE 'UTC'`. */
  #postfixed(place: 0 | 1, operand: Expr, start: number): Expr {
    return this.or(place, [
      {
        ALT: () => {
          this.consume(place, LeftBracket);
          const index = this.subrule(place, this.expression);
          this.consume(place, RightBracket);
          return this.ACTION((): Expr => ({ kind: "index", operand, index, span: this.spanFrom(start) }));
        },
      },
      {
        ALT: () => {
          this.consume(place, Member);
          const token = this.consume(place, Name);
          return this.ACTION((): Expr => ({ kind: "access", operand, name: this.ident(token), span: this.spanFrom(start) }));
        },
      },
      {
        ALT: () => {
          this.consume(place, DoubleColon);
          const type = this.subrule(place, this.type);
          return this.ACTION((): Expr => ({ kind: "cast", operand, type, safe: false, span: this.spanFrom(start) }));
        },
      },
      {
        ALT: () => {
          this.consume(place, K.AT);
          this.consume(place, K.TIME);
          this.consume(place, K.ZONE);
          const zone = this.subrule(place + 2, this.primary);
          return this.ACTION((): Expr => ({ kind: "at-time-zone", operand, zone, span: this.spanFrom(start) }));
        },
      },
    ]);
  }

  // --- primaries --------------------------------------------------------------------------------

  readonly primary: Rule<Expr> = this.#expr("primary", (start) => {
    // most operands are fields, calls and constants: this spares them the look-ahead, not the grammar
    const { tokenType } = this.LA(1);
    if (tokenType === Identifier) return this.LA(2).tokenType === LeftParen ? this.SUBRULE(this.call) : this.SUBRULE(this.field);
    if (tokenType === NumberToken || tokenType === StringToken) return this.SUBRULE(this.literal);
    return this.OR([
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
      { ALT: () => this.SUBRULE(this.typedLiteral) },
      { ALT: () => this.SUBRULE(this.interval) },
      { ALT: () => this.SUBRULE(this.array) },
      { ALT: () => this.SUBRULE(this.call) },
      { ALT: () => this.SUBRULE(this.field) },
    ]);
  });

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
    const otherwise =
      this.OPTION1(() => {
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

  readonly typedLiteral: Rule<Expr> = this.#expr("typedLiteral", (start) => {
    const word = this.OR([
      { ALT: () => this.CONSUME(K.TIMESTAMP) },
      { ALT: () => this.CONSUME(K.DATE) },
      { ALT: () => this.CONSUME(K.TIME) },
    ]);
    const text = this.CONSUME(StringToken);
    return this.ACTION((): Expr => {
      const type = word.tokenType.name as TypedLiteral["type"];
      return { kind: "typed", type, text: unquote(text.image), span: this.spanFrom(start) };
    });
  });

  readonly interval: Rule<Expr> = this.#expr("interval", (start) => {
    this.CONSUME(K.INTERVAL);
    const count = this.OR([
      { ALT: () => this.CONSUME(StringToken) },
      { ALT: () => this.CONSUME(NumberToken) },
      { ALT: () => this.CONSUME(GluedNumber) },
    ]);
    const unit = this.OPTION(() => this.CONSUME(Unit));
    return this.ACTION((): Expr => {
      const span = this.spanFrom(start);
      const glued = count.tokenType === GluedNumber ? (/^[\d.]*/.exec(count.image) ?? [""])[0] : null;
      const text = glued ?? (count.tokenType === StringToken ? unquote(count.image) : count.image);
      const word = glued === null ? unit?.image : count.image.slice(glued.length);
      const name = word === undefined ? null : (INTERVAL_UNITS.get(word.toUpperCase()) ?? null);
      if (name === null && count.tokenType !== StringToken) {
        this.report("SYNTAX", "an interval needs a unit", span, "for example INTERVAL 5 MINUTES");
      }
      return { kind: "interval", text, unit: name, span };
    });
  });

  readonly array: Rule<Expr> = this.#expr("array", (start) => {
    this.OPTION(() => this.CONSUME(K.ARRAY));
    this.CONSUME(LeftBracket);
    const items: Expr[] = [];
    this.MANY_SEP({ SEP: Comma, DEF: () => items.push(this.SUBRULE(this.expression)) });
    this.CONSUME(RightBracket);
    return { kind: "array", items, span: this.spanFrom(start) };
  });

  readonly field: Rule<Ref> = this.rule("field", missingField, () => {
    const path = this.SUBRULE(this.path);
    return this.ACTION(() => ({ kind: "ref", path, span: path.span }));
  });
}

const BEHIND_AN_EXPRESSION: ReadonlySet<TokenType> = new Set([Comma, RightParen, K.FROM, K.AS]);

function likeOperatorOf(token: IToken): Like["op"] {
  const image = token.image.toUpperCase();
  return (image === "REGEXP" ? "RLIKE" : image) as Like["op"];
}

function operatorOf(token: IToken): BinaryOp {
  const image = token.image.toUpperCase();
  return (image === "!=" ? "<>" : image) as BinaryOp;
}

/** `NOT NOT a`: read in a loop, as signs are, so that a long row of them does not go deep into the stack. */
function negated(starts: readonly number[], operand: Expr): Expr {
  return starts.reduceRight((inner, start) => ({ kind: "not", operand: inner, span: { start, end: inner.span.end } }), operand);
}

import { type IToken, tokenMatcher } from "chevrotain";
import type { Call, Expr, Frame, FrameBound, Ident, Lambda, OrderItem, Over } from "./ast.ts";
import { ExpressionRules } from "./expressions.ts";
import { missingBound, missingExpr, missingFrame, missingOrderItem, missingOver } from "./missing.ts";
import type { Rule } from "./rules.ts";
import {
  Arrow,
  Assign,
  CallFrom,
  CallIn,
  Comma,
  endOf,
  FatArrow,
  K,
  LeftParen,
  NumberToken,
  RightParen,
  Star,
  StringToken,
  TAKES_FROM,
  Word,
} from "./tokens.ts";

/** An argument, with what `:=` gives it in MAP and STRUCT. */
interface Argument {
  readonly expr: Expr;
  readonly value: Expr | null;
}

/** What stands behind FROM and FOR, or behind IN: `SUBSTRING(a FROM 1 FOR 2)`, `POSITION(a IN b)`. */
interface Tail {
  readonly word: "FROM" | "IN";
  readonly from: Expr;
  readonly length: Expr | null;
}

const POSITION_EXAMPLE = "for example POSITION('a' IN name)";
/** What stands between the side that TRIM is told and FROM. */
const SIDE_FOLLOWERS = [CallFrom, StringToken, NumberToken, Word, K.CAST, K.CASE];

/** Calls of functions, with lambdas, FILTER and OVER; and MAP and STRUCT, which look like calls. */
export abstract class CallRules extends ExpressionRules {
  protected readonly call: Rule<Expr> = this.rule("call", missingExpr, (start) => {
    const name = this.CONSUME(Word);
    this.CONSUME(LeftParen);
    const args: Argument[] = [];
    let star = false;
    let distinct = false;
    let tail = null as Tail | null;
    let side = null as IToken | null;
    let nulls = null as IToken | null;
    this.OPTION(() => {
      this.OR({
        MAX_LOOKAHEAD: 1,
        DEF: [
          {
            ALT: () => {
              this.CONSUME(Star);
              star = true;
            },
          },
          {
            GATE: () => this.#isSide(name),
            ALT: () => {
              side = this.SUBRULE(this.trimSide);
              this.OPTION7(() => args.push({ expr: this.SUBRULE4(this.expression), value: null }));
              tail = this.#from(1);
            },
            IGNORE_AMBIGUITIES: true,
          },
          {
            ALT: () => {
              distinct = this.OPTION1(() => this.CONSUME(K.DISTINCT)) !== undefined;
              this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => args.push(this.#argument()) });
              tail = this.OPTION5(() => this.#tail()) ?? null;
              nulls = this.option(10, () => this.SUBRULE(this.nullTreatment)) ?? null;
            },
          },
        ],
      });
    });
    this.CONSUME(RightParen);
    const filter = this.OPTION2(() => this.SUBRULE(this.filter)) ?? null;
    this.OPTION9({
      GATE: () => this.LA(2).tokenType === K.NULLS && this.LA(3).tokenType === K.OVER,
      DEF: () => {
        nulls = this.SUBRULE1(this.nullTreatment);
      },
    });
    const over = this.OPTION3(() => this.SUBRULE(this.over)) ?? null;
    return this.ACTION((): Expr => {
      const treatment = nulls === null ? {} : { nulls: nulls.tokenType === K.IGNORE ? ("IGNORE" as const) : ("RESPECT" as const) };
      const own = { kind: "call", name: this.ident(name), star, distinct, ...treatment, filter, over } as const;
      const call = { ...own, span: this.spanFrom(start) };
      if (side !== null && tail !== null) return { ...call, ...this.#trim(side, tail, args, call.name) };
      if (tail !== null) return { ...call, args: this.#argumentsBefore(tail, name, args) };
      return this.#constructed(call, args) ?? { ...call, args: args.map(({ expr }) => expr) };
    });
  });

  // --- SQL's own ways to give arguments ---------------------------------------------------------

  #tail(): Tail {
    return this.OR2([
      { ALT: () => this.#from(0) },
      {
        ALT: (): Tail => {
          this.CONSUME(CallIn);
          return { word: "IN", from: this.SUBRULE2(this.expression), length: null };
        },
      },
    ]);
  }

  #from(place: 0 | 1): Tail {
    this.consume(place, CallFrom);
    const from = this.subrule(place === 0 ? 5 : 6, this.expression);
    const length = this.option(place === 0 ? 6 : 8, () => {
      this.consume(place, K.FOR);
      return this.subrule(place === 0 ? 7 : 8, this.expression);
    });
    return { word: "FROM", from, length: length ?? null };
  }

  /** `TRIM(BOTH FROM a)`, but not `TRIM(both)`: what follows could not stand behind a field of that name. */
  #isSide(name: IToken): boolean {
    const next = this.LA(2);
    return /^TRIM$/i.test(name.image) && SIDE_FOLLOWERS.some((type) => tokenMatcher(next, type));
  }

  readonly trimSide: Rule<IToken> = this.RULE("trimSide", () =>
    this.OR([{ ALT: () => this.CONSUME(K.BOTH) }, { ALT: () => this.CONSUME(K.LEADING) }, { ALT: () => this.CONSUME(K.TRAILING) }]),
  );

  /** `TRIM(LEADING '-' FROM a)` is `ltrim(a, '-')`. */
  #trim(side: IToken, { from }: Tail, args: readonly Argument[], name: Ident): Pick<Call, "name" | "args"> {
    const word = { BOTH: "TRIM", LEADING: "LTRIM", TRAILING: "RTRIM" }[side.tokenType.name] ?? "TRIM";
    return { name: { ...name, name: word }, args: [from, ...args.map(({ expr }) => expr)] };
  }

  /** `EXTRACT(day FROM t)` is `extract('day', t)`, `TRIM('-' FROM a)` is `trim(a, '-')`; of SUBSTRING FROM stands for a comma. */
  #argumentsBefore({ word: sign, from, length }: Tail, name: IToken, args: readonly Argument[]): Expr[] {
    const word = name.image.toUpperCase();
    const [first, ...others] = args.map(({ expr, value }) => value ?? expr);
    if (sign === "IN" && first !== undefined) {
      if (others.length > 0) this.report("SYNTAX", "the arguments of POSITION are given by commas", from.span, POSITION_EXAMPLE);
      return [from, first];
    }
    const isSubstring = word.startsWith("SUBSTR");
    if (first === undefined || others.length > 0 || !TAKES_FROM.test(word) || (length !== null && !isSubstring)) {
      this.report("SYNTAX", `the arguments of ${name.image} are given by commas`, from.span, "EXTRACT, SUBSTRING and TRIM know FROM");
    }
    if (first === undefined) return [from];
    if (isSubstring) return length === null ? [first, from] : [first, from, length];
    if (word !== "EXTRACT") return [from, first];
    const [part, ...more] = first.kind === "ref" ? first.path.parts : [];
    const isWord = part !== undefined && more.length === 0;
    return [isWord ? { kind: "string", value: part.name.toLowerCase(), span: first.span } : first, from];
  }

  /** Not a rule of its own: each rule on the way down to a parenthesis costs stack space. */
  #argument(): Argument {
    return this.OR1({
      MAX_LOOKAHEAD: 1,
      DEF: [
        {
          GATE: () => this.#isLambda(),
          ALT: (): Argument => ({ expr: this.SUBRULE(this.lambda), value: null }),
          IGNORE_AMBIGUITIES: true,
        },
        {
          ALT: (): Argument => {
            const expr = this.SUBRULE(this.expression);
            const value =
              this.OPTION4(() => {
                this.CONSUME(Assign);
                return this.SUBRULE1(this.expression);
              }) ?? null;
            return { expr, value };
          },
        },
      ],
    });
  }

  /** `MAP('a' := 1)`, `STRUCT(a := 1)`; null: an ordinary call. */
  #constructed({ name, star, distinct, filter, over, span }: Omit<Call, "args">, args: readonly Argument[]): Expr | null {
    const entries = args.flatMap(({ expr, value }) => (value === null ? [] : [{ key: expr, value }]));
    const word = name.quoted ? "" : name.name.toUpperCase();
    const constructs = word === "MAP" || word === "STRUCT";
    if (entries.length === 0 && (args.length > 0 || !constructs || star)) return null;
    const hint = "for example MAP('a' := 1) or STRUCT(a := 1)";
    if (!constructs || entries.length < args.length || distinct || filter !== null || over !== null) {
      this.report(
        "SYNTAX",
        constructs ? `all members of ${word} are given by :=` : "only MAP and STRUCT have members given by :=",
        span,
        hint,
      );
      return null;
    }
    if (word === "MAP") return { kind: "map", entries, span };
    const fields = entries.map(({ key, value }) => ({ name: this.#fieldName(key), value }));
    return { kind: "struct", fields, span };
  }

  #fieldName(key: Expr): Ident {
    const [first, ...others] = key.kind === "ref" && key.span.end === key.path.span.end ? key.path.parts : [];
    if (first !== undefined && others.length === 0) return first;
    this.report("SYNTAX", "a field of STRUCT is given by its name", key.span, "for example STRUCT(a := 1)");
    return { name: "", quoted: false, span: key.span };
  }

  /** Inside the parentheses or behind them: `LAST_VALUE(a IGNORE NULLS)`. */
  readonly nullTreatment: Rule<IToken> = this.RULE("nullTreatment", () => {
    const word = this.OR([{ ALT: () => this.CONSUME(K.IGNORE) }, { ALT: () => this.CONSUME(K.RESPECT) }]);
    this.CONSUME(K.NULLS);
    return word;
  });

  // --- lambdas ----------------------------------------------------------------------------------

  /** `x =>`, `(x, y) =>`: two tokens do not tell the second from an expression. */
  #isLambda(): boolean {
    if (tokenMatcher(this.LA(1), Word)) return this.#isArrow(2);
    if (this.LA(1).tokenType !== LeftParen) return false;
    let index = 2;
    while (tokenMatcher(this.LA(index), Word) && this.LA(index + 1).tokenType === Comma) index += 2;
    return tokenMatcher(this.LA(index), Word) && this.LA(index + 1).tokenType === RightParen && this.#isArrow(index + 2);
  }

  /** `x -> x + 1` is how others write it; `a->b` without spaces is a member. */
  #isArrow(index: number): boolean {
    const arrow = this.LA(index);
    if (arrow.tokenType !== Arrow) return arrow.tokenType === FatArrow;
    return arrow.startOffset > endOf(this.LA(index - 1)) && this.LA(index + 1).startOffset > endOf(arrow);
  }

  readonly lambda: Rule<Expr> = this.rule("lambda", missingExpr, (start) => {
    const parameters = this.OR([
      { ALT: () => [this.CONSUME(Word)] },
      {
        ALT: () => {
          const tokens: IToken[] = [];
          this.CONSUME(LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => tokens.push(this.CONSUME1(Word)) });
          this.CONSUME(RightParen);
          return tokens;
        },
      },
    ]);
    this.OR1([
      { ALT: () => this.CONSUME(FatArrow) },
      {
        ALT: () => {
          const arrow = this.CONSUME(Arrow);
          this.ACTION(() => this.report("SYNTAX", "a lambda is written with =>", this.tokenSpan(arrow), "for example x => x + 1"));
        },
      },
    ]);
    const body = this.SUBRULE(this.expression);
    return this.ACTION(
      (): Lambda => ({
        kind: "lambda",
        parameters: parameters.map((token) => this.ident(token)),
        body,
        span: this.spanFrom(start),
      }),
    );
  });

  // --- FILTER and OVER --------------------------------------------------------------------------

  readonly filter: Rule<Expr> = this.rule("filter", missingExpr, () => {
    this.CONSUME(K.FILTER);
    this.CONSUME(LeftParen);
    this.CONSUME(K.WHERE);
    const condition = this.SUBRULE(this.expression);
    this.CONSUME(RightParen);
    return condition;
  });

  readonly over: Rule<Over> = this.rule("over", missingOver, (start) => {
    this.CONSUME(K.OVER);
    this.CONSUME(LeftParen);
    const partitionBy: Expr[] = [];
    this.OPTION(() => {
      this.CONSUME(K.PARTITION);
      this.CONSUME(K.BY);
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => partitionBy.push(this.SUBRULE(this.expression)) });
    });
    const orderBy: OrderItem[] = [];
    this.OPTION1(() => {
      this.CONSUME(K.ORDER);
      this.CONSUME1(K.BY);
      this.AT_LEAST_ONE_SEP1({ SEP: Comma, DEF: () => orderBy.push(this.SUBRULE(this.orderItem)) });
    });
    const frame = this.OPTION2(() => this.SUBRULE(this.frame)) ?? null;
    this.CONSUME(RightParen);
    return { partitionBy, orderBy, frame, span: this.spanFrom(start) };
  });

  readonly orderItem: Rule<OrderItem> = this.rule("orderItem", missingOrderItem, (start) => {
    const expr = this.SUBRULE(this.expression);
    const order = this.OPTION(() => this.OR([{ ALT: () => this.CONSUME(K.ASC) }, { ALT: () => this.CONSUME(K.DESC) }]));
    const place = this.OPTION1(() => {
      this.CONSUME(K.NULLS);
      return this.OR1([{ ALT: () => this.CONSUME(K.FIRST) }, { ALT: () => this.CONSUME(K.LAST) }]);
    });
    return this.ACTION(() => {
      const nulls = place === undefined ? null : place.tokenType === K.FIRST ? "FIRST" : "LAST";
      return { expr, descending: order?.tokenType === K.DESC, nulls, span: this.spanFrom(start) };
    });
  });

  readonly frame: Rule<Frame> = this.rule("frame", missingFrame, (begin) => {
    const unit = this.OR([{ ALT: () => this.CONSUME(K.ROWS) }, { ALT: () => this.CONSUME(K.RANGE) }]);
    let end: FrameBound | null = null;
    const start = this.OR1([
      {
        ALT: () => {
          this.CONSUME(K.BETWEEN);
          const from = this.SUBRULE(this.frameBound);
          this.CONSUME(K.AND);
          end = this.SUBRULE1(this.frameBound);
          return from;
        },
      },
      { ALT: () => this.SUBRULE2(this.frameBound) },
    ]);
    return this.ACTION(() => ({ unit: unit.tokenType === K.ROWS ? "ROWS" : "RANGE", start, end, span: this.spanFrom(begin) }));
  });

  readonly frameBound: Rule<FrameBound> = this.rule("frameBound", missingBound, (start) =>
    this.OR([
      {
        ALT: (): FrameBound => {
          this.CONSUME(K.CURRENT);
          this.CONSUME(K.ROW);
          return this.ACTION((): FrameBound => ({ direction: "CURRENT ROW", distance: null, span: this.spanFrom(start) }));
        },
      },
      {
        ALT: (): FrameBound => {
          this.CONSUME(K.UNBOUNDED);
          return this.#boundTo(1, null, start);
        },
        IGNORE_AMBIGUITIES: true, // a field of that name takes back-ticks
      },
      { ALT: (): FrameBound => this.#boundTo(2, this.SUBRULE(this.arithmetic), start) },
    ]),
  );

  #boundTo(place: 1 | 2, distance: Expr | null, start: number): FrameBound {
    const word = this.or(place, [{ ALT: () => this.consume(place, K.PRECEDING) }, { ALT: () => this.consume(place, K.FOLLOWING) }]);
    return this.ACTION((): FrameBound => {
      const direction = word.tokenType === K.PRECEDING ? "PRECEDING" : "FOLLOWING";
      return { direction, distance, span: this.spanFrom(start) };
    });
  }
}

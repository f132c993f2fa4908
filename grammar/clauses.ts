import type { IToken } from "chevrotain";
import type { Clause, Duration, Emit, Expr, Limit, Span, Window } from "./ast.ts";
import { KcqlClauseRules } from "./kcql-clauses.ts";
import { missingDuration, missingPart, missingWindow, noParts } from "./missing.ts";
import { nearest } from "./nearest.ts";
import type { Rule } from "./rules.ts";
import { Comma, GluedNumber, K, LeftParen, NumberToken, RightParen, Word } from "./tokens.ts";
import { DURATION_UNITS, UNIT_MS } from "./units.ts";

/** A clause as it was read, before SELECT gives each its place. */
export type Part =
  | { readonly kind: "where"; readonly expr: Expr; readonly span: Span }
  | { readonly kind: "window"; readonly window: Window; readonly span: Span }
  | { readonly kind: "group by"; readonly exprs: readonly Expr[]; readonly span: Span }
  | { readonly kind: "having"; readonly expr: Expr; readonly span: Span }
  | { readonly kind: "emit"; readonly emit: Emit; readonly span: Span }
  | { readonly kind: "limit"; readonly limit: Limit; readonly span: Span }
  | { readonly kind: "clause"; readonly clause: Clause; readonly span: Span }
  | { readonly kind: "missing"; readonly span: Span };

/** What may follow FROM. A new clause of SQL is a rule, a case of `Part` and a line in `clause`. */
export abstract class ClauseRules extends KcqlClauseRules {
  readonly clauses: Rule<Part[]> = this.rule("clauses", noParts, () => {
    const parts: Part[] = [];
    this.MANY(() => parts.push(this.SUBRULE(this.clause)));
    return parts;
  });

  readonly clause: Rule<Part> = this.rule("clause", missingPart, (start) =>
    this.OR([
      { ALT: () => this.SUBRULE(this.where) },
      { ALT: () => this.SUBRULE(this.window) },
      { ALT: () => this.SUBRULE(this.groupBy) },
      { ALT: () => this.SUBRULE(this.having) },
      { ALT: () => this.SUBRULE(this.emit) },
      { ALT: () => this.SUBRULE(this.limit) },
      {
        ALT: (): Part => {
          const clause = this.SUBRULE(this.kcqlClause);
          return this.ACTION((): Part => ({ kind: "clause", clause, span: this.spanFrom(start) }));
        },
      },
    ]),
  );

  #part(name: string, body: (start: number) => Part): Rule<Part> {
    return this.rule(name, missingPart, body);
  }

  readonly where = this.#part("where", (start) => {
    this.CONSUME(K.WHERE);
    const expr = this.SUBRULE(this.expression);
    return { kind: "where", expr, span: this.spanFrom(start) };
  });

  readonly window = this.#part("window", (start) => {
    this.CONSUME(K.WINDOW);
    const window = this.SUBRULE(this.tumbling);
    return { kind: "window", window, span: this.spanFrom(start) };
  });

  readonly tumbling: Rule<Window> = this.rule("tumbling", missingWindow, (start) => {
    this.CONSUME(K.TUMBLING);
    this.CONSUME(LeftParen);
    this.CONSUME(K.SIZE);
    const size = this.SUBRULE(this.duration);
    const grace =
      this.OPTION(() => {
        this.CONSUME(Comma);
        this.CONSUME(K.GRACE);
        this.CONSUME(K.PERIOD);
        return this.SUBRULE1(this.duration);
      }) ?? null;
    this.CONSUME(RightParen);
    return this.ACTION(() => {
      if (size.count === 0) this.report("VALUE_OUT_OF_RANGE", "the size of a window must be greater than 0", size.span);
      return { kind: "tumbling", size, grace, offset: null, timeZone: null, retention: null, span: this.spanFrom(start) };
    });
  });

  readonly duration: Rule<Duration> = this.rule("duration", missingDuration, (start) =>
    this.OR([
      {
        ALT: () => {
          const count = this.CONSUME(NumberToken);
          const unit = this.SUBRULE(this.timeUnit);
          return this.ACTION(() => this.#duration(count.image, unit.image, this.tokenSpan(unit), this.spanFrom(start)));
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(GluedNumber);
          return this.ACTION(() => {
            const span = this.tokenSpan(token);
            const [count = ""] = /^[\d.]*/.exec(token.image) ?? [];
            return this.#duration(count, token.image.slice(count.length), { start: span.start + count.length, end: span.end }, span);
          });
        },
      },
    ]),
  );

  /** Any word here: with tokens of their own, `m`, `s` and `d` could not be aliases. */
  readonly timeUnit: Rule<IToken> = this.RULE("timeUnit", () => this.CONSUME(Word), { recoveryValueFunc: () => this.LA(1) });

  #duration(countText: string, unitText: string, unitSpan: Span, span: Span): Duration {
    const count = /^\d+$/.test(countText) ? Number(countText) : Number.NaN;
    const unit = DURATION_UNITS.get(unitText.toUpperCase());
    if (unit === undefined) {
      const close = nearest(
        unitText,
        [...DURATION_UNITS.keys()].filter((word) => word.length > 2),
      );
      const hint = close === null ? "units are MILLISECONDS, SECONDS, MINUTES, HOURS and DAYS" : `did you mean ${close}?`;
      this.report("SYNTAX", `expected a time unit, but found '${unitText}'`, unitSpan, hint);
    } else if (!Number.isSafeInteger(count * UNIT_MS[unit])) {
      this.report("VALUE_OUT_OF_RANGE", "a duration takes a whole number", span);
    }
    return { count, unit: unit ?? "MILLISECOND", span };
  }

  readonly groupBy = this.#part("groupBy", (start) => {
    this.CONSUME(K.GROUP);
    this.CONSUME(K.BY);
    const exprs: Expr[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => exprs.push(this.SUBRULE(this.expression)) });
    return { kind: "group by", exprs, span: this.spanFrom(start) };
  });

  readonly having = this.#part("having", (start) => {
    this.CONSUME(K.HAVING);
    const expr = this.SUBRULE(this.expression);
    return { kind: "having", expr, span: this.spanFrom(start) };
  });

  readonly emit = this.#part("emit", (start) => {
    this.CONSUME(K.EMIT);
    const mode = this.OR([{ ALT: () => this.CONSUME(K.CHANGES) }, { ALT: () => this.CONSUME(K.FINAL) }]);
    return this.ACTION(() => {
      const span = this.spanFrom(start);
      return { kind: "emit", emit: { mode: mode.tokenType === K.FINAL ? "FINAL" : "CHANGES", every: null, span }, span };
    });
  });

  readonly limit = this.#part("limit", (start) => {
    this.CONSUME(K.LIMIT);
    const token = this.CONSUME(NumberToken);
    return this.ACTION(() => {
      const span = this.spanFrom(start);
      return { kind: "limit", limit: { count: this.wholeNumber("LIMIT", token), span }, span };
    });
  });
}

import type { Clause, Duration, Emit, Expr, Limit, Path, Span, StartAt, Window } from "./ast.ts";
import { JoinRules } from "./joins.ts";
import { missingPart, noParts } from "./missing.ts";
import type { Rule } from "./rules.ts";
import { Comma, K, NumberToken } from "./tokens.ts";

/** A clause as it was read, before SELECT gives each its place. */
export type Part =
  | { readonly kind: "where"; readonly expr: Expr; readonly span: Span }
  | { readonly kind: "window"; readonly window: Window; readonly span: Span }
  | { readonly kind: "group by"; readonly exprs: readonly Expr[]; readonly span: Span }
  | { readonly kind: "having"; readonly expr: Expr; readonly span: Span }
  | { readonly kind: "partition by"; readonly exprs: readonly Expr[]; readonly span: Span }
  | { readonly kind: "eventtime by"; readonly expr: Expr; readonly span: Span }
  | { readonly kind: "start at"; readonly startAt: StartAt; readonly span: Span }
  | { readonly kind: "late into"; readonly target: Path; readonly span: Span }
  | { readonly kind: "emit"; readonly emit: Emit; readonly span: Span }
  | { readonly kind: "limit"; readonly limit: Limit; readonly span: Span }
  | { readonly kind: "clause"; readonly clause: Clause; readonly span: Span }
  | { readonly kind: "missing"; readonly span: Span };

/** What may follow FROM. A new clause of SQL is a rule, a case of `Part` and a line in `clause`. */
export abstract class ClauseRules extends JoinRules {
  readonly clauses: Rule<Part[]> = this.rule("clauses", noParts, () => {
    const parts: Part[] = [];
    this.MANY(() => parts.push(this.SUBRULE(this.clause)));
    return parts;
  });

  readonly clause: Rule<Part> = this.rule("clause", missingPart, (start) =>
    this.OR([
      { ALT: () => this.SUBRULE(this.where) },
      {
        ALT: () => {
          const window = this.SUBRULE(this.window);
          return this.ACTION((): Part => ({ kind: "window", window, span: this.spanFrom(start) }));
        },
      },
      { ALT: () => this.SUBRULE(this.groupBy) },
      { ALT: () => this.SUBRULE(this.having) },
      { ALT: () => this.SUBRULE(this.partitionBy) },
      { ALT: () => this.SUBRULE(this.eventTime) },
      { ALT: () => this.SUBRULE(this.startAt) },
      { ALT: () => this.SUBRULE(this.late) },
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

  #expressions(): Expr[] {
    const exprs: Expr[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => exprs.push(this.SUBRULE(this.expression)) });
    return exprs;
  }

  readonly where = this.#part("where", (start) => {
    this.CONSUME(K.WHERE);
    const expr = this.SUBRULE(this.expression);
    return { kind: "where", expr, span: this.spanFrom(start) };
  });

  readonly groupBy = this.#part("groupBy", (start) => {
    this.CONSUME(K.GROUP);
    this.CONSUME(K.BY);
    return { kind: "group by", exprs: this.#expressions(), span: this.spanFrom(start) };
  });

  readonly having = this.#part("having", (start) => {
    this.CONSUME(K.HAVING);
    const expr = this.SUBRULE(this.expression);
    return { kind: "having", expr, span: this.spanFrom(start) };
  });

  readonly partitionBy = this.#part("partitionBy", (start) => {
    this.CONSUME(K.PARTITION);
    this.CONSUME(K.BY);
    return { kind: "partition by", exprs: this.#expressions(), span: this.spanFrom(start) };
  });

  readonly eventTime = this.#part("eventTime", (start) => {
    this.CONSUME(K.EVENTTIME);
    this.CONSUME(K.BY);
    const expr = this.SUBRULE(this.expression);
    return { kind: "eventtime by", expr, span: this.spanFrom(start) };
  });

  readonly startAt = this.#part("startAt", (start) => {
    this.CONSUME(K.START);
    this.CONSUME(K.AT);
    const time = this.OR([
      { ALT: () => this.CONSUME(K.EARLIEST) },
      { ALT: () => this.CONSUME(K.LATEST) },
      { ALT: () => this.SUBRULE(this.literal) },
      { ALT: () => this.SUBRULE(this.typedLiteral) },
    ]);
    return this.ACTION((): Part => {
      const span = this.spanFrom(start);
      if ("kind" in time) return { kind: "start at", startAt: { position: "TIME", time, span }, span };
      const position = time.tokenType === K.LATEST ? "LATEST" : "EARLIEST";
      return { kind: "start at", startAt: { position, time: null, span }, span };
    });
  });

  readonly late = this.#part("late", (start) => {
    this.CONSUME(K.LATE);
    this.CONSUME(K.INTO);
    const target = this.SUBRULE(this.rawPath);
    return { kind: "late into", target, span: this.spanFrom(start) };
  });

  readonly emit = this.#part("emit", (start) => {
    this.CONSUME(K.EMIT);
    let mode: Emit["mode"] = "CHANGES";
    let every: Duration | null = null;
    this.OR([
      { ALT: () => this.CONSUME(K.CHANGES) },
      {
        ALT: () => {
          this.CONSUME(K.FINAL);
          mode = "FINAL";
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.EVERY);
          mode = "EVERY";
          every = this.SUBRULE(this.duration);
        },
      },
    ]);
    return this.ACTION((): Part => {
      const span = this.spanFrom(start);
      return { kind: "emit", emit: { mode, every, span }, span };
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

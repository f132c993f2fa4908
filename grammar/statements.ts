import type { IParserConfig, IToken } from "chevrotain";
import type {
  Clause, ColumnDefinition, CreateStreamStatement, Diagnostic, Duration, Emit, ExplainStatement, Expr, InsertStatement, Limit, Option,
  Path, Relation, Select, SelectItem, SelectStatement, SetStatement, Span, Statement, Window,
} from "./ast.ts";
import { ExpressionRules, type Rule } from "./expressions.ts";
import { nearest } from "./nearest.ts";
import {
  Alias, Comma, DotStar, Equals, GluedNumber, K, LeftParen, Minus, Name, NumberToken, QuotedName, RawName, RawText, RightParen,
  splitRawName, Star, StringToken, unquote, Word,
} from "./tokens.ts";
import { DURATION_UNITS, UNIT_MS } from "./units.ts";

/** A clause as it was read, before `SELECT` gives each its place. */
type Part =
  | { readonly kind: "where"; readonly expr: Expr; readonly span: Span }
  | { readonly kind: "window"; readonly window: Window; readonly span: Span }
  | { readonly kind: "group by"; readonly exprs: readonly Expr[]; readonly span: Span }
  | { readonly kind: "having"; readonly expr: Expr; readonly span: Span }
  | { readonly kind: "emit"; readonly emit: Emit; readonly span: Span }
  | { readonly kind: "limit"; readonly limit: Limit; readonly span: Span }
  | Clause;

type Value = string | number | boolean;

/** Statements, SELECT and its clauses. A new clause is a rule, a case of `Part` and a line in `clause`. */
export class StatementRules extends ExpressionRules {
  #names: ReadonlyMap<number, string> = new Map();

  constructor(config: IParserConfig = {}) {
    super({ skipValidations: true, ...config });
    this.performSelfAnalysis();
  }

  /**
   * Reads one statement. `names` gives the `@name` written before the token at an offset; `textEnd` is where the
   * statement's text ends. Null when nothing sensible could be recovered.
   */
  read(tokens: IToken[], names: ReadonlyMap<number, string>, textEnd: number): { statement: Statement | null; findings: Diagnostic[] } {
    this.findings.length = 0;
    this.#names = names;
    this.textEnd = textEnd;
    this.input = tokens;
    const statement = this.statement();
    return { statement, findings: [...this.findings] };
  }

  readonly statement: Rule<Statement | null> = this.rule<Statement | null>(
    "statement",
    () =>
      this.OR([
        { ALT: () => this.SUBRULE(this.insert) },
        { ALT: () => this.SUBRULE(this.query) },
        { ALT: () => this.SUBRULE(this.createStream) },
        { ALT: () => this.SUBRULE(this.set) },
        { ALT: () => this.SUBRULE(this.explain) },
      ]),
    () => null,
  );

  readonly insert: Rule<InsertStatement> = this.rule<InsertStatement>(
    "insert",
    (start) => {
      const word = this.OR([{ ALT: () => this.CONSUME(K.INSERT) }, { ALT: () => this.CONSUME(K.UPSERT) }]);
      this.CONSUME(K.INTO);
      const target = this.SUBRULE(this.rawPath);
      const select = this.SUBRULE(this.select);
      return this.ACTION(() => ({
        kind: "insert", name: this.#names.get(start) ?? null, mode: word.tokenType === K.UPSERT ? "UPSERT" : "INSERT", target, select,
        span: this.spanFrom(start),
      }));
    },
    (span) => ({ kind: "insert", name: null, mode: "INSERT", target: { parts: [], span }, select: missingSelect(span), span }),
  );

  readonly query: Rule<SelectStatement> = this.rule<SelectStatement>(
    "query",
    () => {
      const select = this.SUBRULE(this.select);
      return this.ACTION(() => ({ kind: "select", select, span: select.span }));
    },
    (span) => ({ kind: "select", select: missingSelect(span), span }),
  );

  readonly createStream: Rule<CreateStreamStatement> = this.rule<CreateStreamStatement>(
    "createStream",
    (start) => {
      this.CONSUME(K.CREATE);
      this.CONSUME(K.STREAM);
      const name = this.SUBRULE(this.rawPath);
      const columns: ColumnDefinition[] = [];
      this.OPTION(() => {
        this.CONSUME(LeftParen);
        this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => columns.push(this.SUBRULE(this.column)) });
        this.CONSUME(RightParen);
      });
      const options: Option[] = [];
      this.OPTION1(() => {
        this.CONSUME(K.WITH);
        this.CONSUME1(LeftParen);
        this.AT_LEAST_ONE_SEP1({ SEP: Comma, DEF: () => options.push(this.SUBRULE(this.streamOption)) });
        this.CONSUME1(RightParen);
      });
      return { kind: "create-stream", name, columns, options, span: this.spanFrom(start) };
    },
    (span) => ({ kind: "create-stream", name: { parts: [], span }, columns: [], options: [], span }),
  );

  readonly column: Rule<ColumnDefinition> = this.rule<ColumnDefinition>(
    "column",
    (start) => {
      const name = this.CONSUME(Word);
      const type = this.SUBRULE(this.type);
      return this.ACTION(() => ({ name: this.ident(name), type, span: this.spanFrom(start) }));
    },
    (span) => ({ name: { name: "", quoted: false, span }, type: { name: "", parameters: [], arguments: [], span }, span }),
  );

  readonly streamOption: Rule<Option> = this.rule<Option>(
    "streamOption",
    (start) => {
      const name = this.CONSUME(Word);
      this.CONSUME(Equals);
      const value = this.SUBRULE(this.value);
      return this.ACTION(() => ({ name: this.ident(name), value, span: this.spanFrom(start) }));
    },
    (span) => ({ name: { name: "", quoted: false, span }, value: "", span }),
  );

  readonly set: Rule<SetStatement> = this.rule<SetStatement>(
    "set",
    (start) => {
      this.CONSUME(K.SET);
      const name = this.OR([
        {
          ALT: () => {
            const token = this.CONSUME(StringToken);
            return this.ACTION(() => unquote(token.image));
          },
        },
        {
          ALT: () => {
            const path = this.SUBRULE(this.path);
            return this.ACTION(() => path.parts.map((part) => part.name).join("."));
          },
        },
      ]);
      this.CONSUME(Equals);
      const value = this.SUBRULE(this.value);
      return { kind: "set", name, value, span: this.spanFrom(start) };
    },
    (span) => ({ kind: "set", name: "", value: "", span }),
  );

  readonly value: Rule<Value> = this.rule<Value>(
    "value",
    (start) =>
      this.OR([
        {
          ALT: () => {
            const token = this.CONSUME(StringToken);
            return this.ACTION(() => unquote(token.image));
          },
        },
        {
          ALT: () => {
            const minus = this.OPTION(() => this.CONSUME(Minus)) !== undefined;
            const token = this.CONSUME(NumberToken);
            return this.ACTION(() => {
              const value = Number(token.image);
              if (!Number.isFinite(value)) this.report("VALUE_OUT_OF_RANGE", "the number is too large", this.spanFrom(start));
              return minus ? -value : value;
            });
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.TRUE);
            return true;
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.FALSE);
            return false;
          },
        },
      ]),
    () => "",
  );

  readonly explain: Rule<ExplainStatement> = this.rule<ExplainStatement>(
    "explain",
    (start) => {
      this.CONSUME(K.EXPLAIN);
      const statement = this.OR([{ ALT: () => this.SUBRULE(this.insert) }, { ALT: () => this.SUBRULE(this.query) }]);
      return { kind: "explain", statement, span: this.spanFrom(start) };
    },
    (span) => ({ kind: "explain", statement: { kind: "select", select: missingSelect(span), span }, span }),
  );

  // --- SELECT -----------------------------------------------------------------------------------

  readonly select: Rule<Select> = this.rule<Select>(
    "select",
    (start) => {
      this.CONSUME(K.SELECT);
      const items: SelectItem[] = [];
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => items.push(this.SUBRULE(this.selectItem)) });
      const { from, parts } = this.SUBRULE(this.tail);
      return this.ACTION(() => this.#assemble(items, from, parts, this.spanFrom(start)));
    },
    missingSelect,
  );

  readonly selectItem: Rule<SelectItem> = this.rule<SelectItem>(
    "selectItem",
    (start) =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(Star);
            return this.ACTION((): SelectItem => ({ kind: "star", prefix: null, span: this.spanFrom(start) }));
          },
        },
        {
          ALT: () => {
            const expr = this.SUBRULE(this.expression);
            const star = this.OPTION({ DEF: () => this.CONSUME(DotStar) });
            const alias = this.OPTION1(() => this.SUBRULE(this.alias)) ?? null;
            return this.ACTION((): SelectItem => {
              const span = this.spanFrom(start);
              if (star === undefined) return { kind: "expr", expr, alias, span };
              if (expr.kind !== "ref" || expr.span.end > expr.path.span.end) {
                this.report("SYNTAX", "only the path of a field can stand before .*", span);
              }
              if (alias !== null) this.report("SYNTAX", "a star has no alias", alias.span);
              return { kind: "star", prefix: expr.kind === "ref" ? expr.path : null, span };
            });
          },
        },
      ]),
    (span) => ({ kind: "expr", expr: { kind: "missing", span }, alias: null, span }),
  );

  readonly alias = this.rule(
    "alias",
    () => {
      const token = this.OR([
        {
          ALT: () => {
            this.CONSUME(K.AS);
            return this.CONSUME(Name);
          },
        },
        { ALT: () => this.CONSUME(Alias) },
      ]);
      return this.ACTION(() => this.ident(token));
    },
    (span) => ({ name: "", quoted: false, span }),
  );

  /** What follows the select list; also where reading goes on after an error in the list. */
  readonly tail: Rule<{ from: Relation; parts: Part[] }> = this.rule(
    "tail",
    () => {
      const from = this.SUBRULE(this.from);
      const parts = this.SUBRULE(this.clauses);
      return { from, parts };
    },
    (span) => ({ from: missingRelation(span), parts: [] }),
  );

  readonly from: Rule<Relation> = this.rule<Relation>(
    "from",
    () => {
      this.CONSUME(K.FROM);
      return this.SUBRULE(this.relation);
    },
    missingRelation,
  );

  readonly relation: Rule<Relation> = this.rule<Relation>(
    "relation",
    (start) => {
      const path = this.SUBRULE(this.rawPath);
      const alias = this.OPTION(() => this.SUBRULE(this.alias)) ?? null;
      return { path, alias, span: this.spanFrom(start) };
    },
    missingRelation,
  );

  readonly rawPath: Rule<Path> = this.rule<Path>(
    "rawPath",
    () => {
      const token = this.CONSUME(RawName);
      return this.ACTION(() => ({ parts: splitRawName(token.image, this.offsetOf(token)), span: this.tokenSpan(token) }));
    },
    (span) => ({ parts: [], span }),
  );

  // --- clauses, in any order --------------------------------------------------------------------

  readonly clauses: Rule<Part[]> = this.rule<Part[]>(
    "clauses",
    () => {
      const parts: Part[] = [];
      this.MANY(() => parts.push(this.SUBRULE(this.clause)));
      return parts;
    },
    () => [],
  );

  readonly clause: Rule<Part> = this.rule<Part>(
    "clause",
    (start) =>
      this.OR([
        { ALT: () => this.SUBRULE(this.where) },
        { ALT: () => this.SUBRULE(this.window) },
        { ALT: () => this.SUBRULE(this.groupBy) },
        { ALT: () => this.SUBRULE(this.having) },
        { ALT: () => this.SUBRULE(this.emit) },
        { ALT: () => this.SUBRULE(this.limit) },
        { ALT: () => this.SUBRULE(this.pk) },
        { ALT: () => this.SUBRULE(this.indexSuffix) },
        { ALT: () => this.SUBRULE(this.batch) },
        { ALT: () => this.SUBRULE(this.ttl) },
        {
          ALT: () => {
            this.CONSUME(K.AUTOCREATE);
            return this.ACTION((): Part => ({ kind: "autocreate", span: this.spanFrom(start) }));
          },
        },
      ]),
    (span) => ({ kind: "where", expr: { kind: "missing", span }, span }),
  );

  #part(name: string, body: (start: number) => Part): Rule<Part> {
    return this.rule<Part>(name, body, (span) => ({ kind: "where", expr: { kind: "missing", span }, span }));
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

  readonly tumbling: Rule<Window> = this.rule<Window>(
    "tumbling",
    (start) => {
      this.CONSUME(K.TUMBLING);
      this.CONSUME(LeftParen);
      this.CONSUME(K.SIZE);
      const size = this.SUBRULE(this.duration);
      const grace = this.OPTION(() => {
        this.CONSUME(Comma);
        this.CONSUME(K.GRACE);
        this.CONSUME(K.PERIOD);
        return this.SUBRULE1(this.duration);
      }) ?? null;
      this.CONSUME(RightParen);
      return this.ACTION(() => {
        if (size.count === 0) this.report("VALUE_OUT_OF_RANGE", "the size of a window must be greater than 0", size.span);
        return { kind: "tumbling", size, grace, span: this.spanFrom(start) };
      });
    },
    (span) => ({ kind: "tumbling", size: { count: 1, unit: "MINUTE", span }, grace: null, span }),
  );

  readonly duration: Rule<Duration> = this.rule<Duration>(
    "duration",
    (start) =>
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
    (span) => ({ count: 1, unit: "MINUTE", span }),
  );

  /** Any word here: with tokens of their own, `m`, `s` and `d` could not be aliases. */
  readonly timeUnit: Rule<IToken> = this.RULE("timeUnit", () => this.CONSUME(Word), { recoveryValueFunc: () => this.LA(1) });

  #duration(countText: string, unitText: string, unitSpan: Span, span: Span): Duration {
    const count = /^\d+$/.test(countText) ? Number(countText) : Number.NaN;
    const unit = DURATION_UNITS.get(unitText.toUpperCase());
    if (unit === undefined) {
      const close = nearest(unitText, [...DURATION_UNITS.keys()].filter((word) => word.length > 2));
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
      return { kind: "emit", emit: { mode: mode.tokenType === K.FINAL ? "FINAL" : "CHANGES", span }, span };
    });
  });

  readonly limit = this.#part("limit", (start) => {
    this.CONSUME(K.LIMIT);
    const token = this.CONSUME(NumberToken);
    return this.ACTION(() => {
      const span = this.spanFrom(start);
      return { kind: "limit", limit: { count: this.#positive("LIMIT", token), span }, span };
    });
  });

  readonly pk = this.#part("pk", (start) => {
    this.CONSUME(K.PK);
    const columns: Path[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => columns.push(this.SUBRULE(this.path)) });
    return { kind: "pk", columns, span: this.spanFrom(start) };
  });

  readonly indexSuffix = this.#part("indexSuffix", (start) => {
    this.CONSUME(K.WITHINDEXSUFFIX);
    this.CONSUME(Equals);
    const token = this.OR([
      { ALT: () => this.CONSUME(RawText) },
      { ALT: () => this.CONSUME(QuotedName) },
      { ALT: () => this.CONSUME(StringToken) },
    ]);
    return this.ACTION(() => {
      const pattern = token.tokenType === RawText ? token.image : unquote(token.image);
      return { kind: "withindexsuffix", pattern, span: this.spanFrom(start) };
    });
  });

  readonly batch = this.#part("batch", (start) => {
    this.CONSUME(K.BATCH);
    this.CONSUME(Equals);
    const token = this.CONSUME(NumberToken);
    return this.ACTION(() => ({ kind: "batch", count: this.#positive("BATCH", token), span: this.spanFrom(start) }));
  });

  readonly ttl = this.#part("ttl", (start) => {
    this.CONSUME(K.TTL);
    this.CONSUME(Equals);
    const token = this.CONSUME(NumberToken);
    return this.ACTION(() => ({ kind: "ttl", seconds: this.#positive("TTL", token), span: this.spanFrom(start) }));
  });

  #positive(what: string, token: IToken): number {
    const value = /^\d+$/.test(token.image) ? Number(token.image) : Number.NaN;
    if (!Number.isSafeInteger(value) || value === 0) {
      this.report("VALUE_OUT_OF_RANGE", `${what} takes a whole number greater than 0`, this.tokenSpan(token));
    }
    return value;
  }

  #assemble(items: readonly SelectItem[], from: Relation, parts: readonly Part[], span: Span): Select {
    const seen = new Set<Part["kind"]>();
    for (const part of parts) {
      if (seen.has(part.kind)) this.#reportDuplicate(part);
      seen.add(part.kind);
    }
    const find = <Kind extends Part["kind"]>(kind: Kind): Extract<Part, { kind: Kind }> | undefined =>
      parts.find((part): part is Extract<Part, { kind: Kind }> => part.kind === kind);
    return {
      items,
      from,
      where: find("where")?.expr ?? null,
      window: find("window")?.window ?? null,
      groupBy: find("group by")?.exprs ?? [],
      having: find("having")?.expr ?? null,
      emit: find("emit")?.emit ?? null,
      limit: find("limit")?.limit ?? null,
      clauses: parts.filter((part): part is Clause => isClause(part)),
      span,
    };
  }

  #reportDuplicate(part: Part): void {
    const name = part.kind.toUpperCase();
    const hint = part.kind === "where" || part.kind === "having" ? "join the conditions with AND" : "keep one of them";
    this.report("DUPLICATE_CLAUSE", `${name} is given twice`, part.span, hint);
  }
}

const CLAUSE_KINDS: ReadonlySet<string> = new Set<Clause["kind"]>(["pk", "withindexsuffix", "batch", "ttl", "autocreate"]);
const isClause = (part: Part): part is Clause => CLAUSE_KINDS.has(part.kind);

const missingRelation = (span: Span): Relation => ({ path: { parts: [], span }, alias: null, span });

function missingSelect(span: Span): Select {
  return {
    items: [], from: missingRelation(span), where: null, window: null, groupBy: [], having: null, emit: null, limit: null, clauses: [], span,
  };
}

let shared: StatementRules | null = null;

/** The one parser of the process, built on first use; its grammar is validated by a test instead of at every start. */
export function sharedParser(): StatementRules {
  shared ??= new StatementRules();
  return shared;
}

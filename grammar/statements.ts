import type { IParserConfig, IToken } from "chevrotain";
import { AdminRules } from "./admin.ts";
import type { Clause, Diagnostic, Expr, Formats } from "./ast.ts";
import { BudgetSpent, ErrorBudget } from "./error-budget.ts";
import { missingExplain, missingFormats, missingInsert, missingMode, missingQuery, missingStatement } from "./missing.ts";
import type { Rule } from "./rules.ts";
import type { ExplainStatement, InsertStatement, InsertValuesStatement, SelectStatement, Statement } from "./statement-ast.ts";
import { Comma, endOf, K, Name } from "./tokens.ts";

/** After so many errors in one statement nothing worth keeping is left of it. */
const ERRORS_MAX = 100;

export interface InsertMode {
  readonly mode: InsertStatement["mode"];
  readonly pk: Clause | null;
}

/** The whole grammar: its start rule is `statement`. */
export class StatementRules extends AdminRules {
  readonly #budget: ErrorBudget;
  #names: ReadonlyMap<number, string> = new Map();

  constructor(config: IParserConfig = {}) {
    const budget = new ErrorBudget(ERRORS_MAX);
    super({ skipValidations: true, errorMessageProvider: budget, ...config });
    this.#budget = budget;
    this.performSelfAnalysis();
  }

  /**
   * Reads one statement. `names` gives the `@name` written before the token at an offset; `textEnd` is where the
   * statement's text ends. Null when error recovery found nothing to keep.
   */
  read(tokens: IToken[], names: ReadonlyMap<number, string>, textEnd: number): { statement: Statement | null; findings: Diagnostic[] } {
    this.findings.length = 0;
    this.#names = names;
    this.textEnd = textEnd;
    this.#budget.refill();
    this.input = tokens;
    return { statement: this.#tryStatement(), findings: [...this.findings] };
  }

  #tryStatement(): Statement | null {
    try {
      return this.statement();
    } catch (error) {
      if (error instanceof BudgetSpent) return null;
      if (!(error instanceof RangeError)) throw error;
      // Stack overflow: the depth limit leaves room on a usual stack, but the caller may have used up most of it.
      const [first] = this.input;
      this.errors = [];
      if (first !== undefined) this.report("TOO_DEEP", "nested too deeply for the stack", this.tokenSpan(first));
      return null;
    }
  }

  readonly statement: Rule<Statement | null> = this.rule<Statement | null>("statement", missingStatement, (start) =>
    this.OR([
      { ALT: () => this.SUBRULE(this.insert) },
      { ALT: () => this.SUBRULE(this.query) },
      { ALT: () => this.#withStages(start) },
      { ALT: () => this.SUBRULE(this.create) },
      { ALT: () => this.SUBRULE(this.explain) },
      { ALT: () => this.SUBRULE(this.admin) },
    ]),
  );

  readonly insert: Rule<InsertStatement | InsertValuesStatement> = this.rule("insert", missingInsert, (start) => {
    const { mode, pk } = this.SUBRULE(this.insertMode);
    this.CONSUME(K.INTO);
    const target = this.SUBRULE(this.rawPath);
    return this.OR([
      {
        ALT: (): InsertStatement | InsertValuesStatement => {
          const store = this.OPTION(() => this.SUBRULE(this.store)) ?? null;
          const select = this.SUBRULE(this.select);
          return this.ACTION(() => {
            const second = pk === null ? undefined : select.clauses.find((clause) => clause.name === "PK");
            if (second !== undefined) this.report("DUPLICATE_CLAUSE", "PK is given twice", second.span, "keep one of them");
            const clauses = pk === null ? select.clauses : [pk, ...select.clauses];
            const name = this.#names.get(start) ?? null;
            return { kind: "insert", name, mode, target, store, select: { ...select, clauses }, span: this.spanFrom(start) };
          });
        },
      },
      {
        ALT: (): InsertStatement | InsertValuesStatement => {
          const columns = this.OPTION1(() => this.SUBRULE(this.columnNames)) ?? [];
          this.CONSUME(K.VALUES);
          const rows: Expr[][] = [];
          this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => rows.push(this.SUBRULE(this.row)) });
          return { kind: "insert-values", mode, target, columns, rows, span: this.spanFrom(start) };
        },
      },
    ]);
  });

  /** `UPSERT PK id INTO` is an older way to write PK. */
  readonly insertMode: Rule<InsertMode> = this.rule("insertMode", missingMode, () =>
    this.OR([
      {
        ALT: (): InsertMode => {
          this.CONSUME(K.INSERT);
          return { mode: "INSERT", pk: null };
        },
      },
      {
        ALT: (): InsertMode => {
          this.CONSUME(K.UPDATE);
          return { mode: "UPDATE", pk: null };
        },
      },
      {
        ALT: (): InsertMode => {
          this.CONSUME(K.UPSERT);
          const pk = this.OPTION(() => {
            const start = this.ACTION(() => this.offsetOf(this.LA(1)));
            this.CONSUME(K.PK);
            const field = this.SUBRULE(this.clauseField);
            return this.ACTION((): Clause => ({ kind: "fields", name: "PK", fields: [field], span: this.spanFrom(start) }));
          });
          return { mode: "UPSERT", pk: pk ?? null };
        },
      },
    ]),
  );

  /** `STORE KEY AS JSON VALUE AS AVRO` */
  readonly store: Rule<Formats> = this.rule("store", missingFormats, (start) => {
    let key: string | null = null;
    let value: string | null = null;
    this.CONSUME(K.STORE);
    this.AT_LEAST_ONE(() => {
      const word = this.OR([{ ALT: () => this.CONSUME(K.KEY) }, { ALT: () => this.CONSUME(K.VALUE) }]);
      this.CONSUME(K.AS);
      const format = this.CONSUME(Name);
      this.ACTION(() => {
        const name = this.ident(format).name.toUpperCase();
        if ((word.tokenType === K.KEY ? key : value) !== null) {
          const span = { start: word.startOffset, end: endOf(format) };
          this.report("DUPLICATE_CLAUSE", `${word.image.toUpperCase()} AS is given twice`, span, "keep one of them");
        }
        if (word.tokenType === K.KEY) key = name;
        else value = name;
      });
    });
    return this.ACTION(() => ({ key, value, span: this.spanFrom(start) }));
  });

  /** Not a rule of its own: `explain` reads WITH too, but only with a SELECT behind it. */
  #withStages(start: number): Statement {
    const stages = this.SUBRULE(this.stages);
    const behind =
      this.OPTION(() =>
        this.OR1([
          { ALT: (): Statement => this.SUBRULE1(this.insert) },
          {
            ALT: (): Statement => {
              const select = this.SUBRULE(this.plainSelect);
              return { kind: "select", select, span: select.span };
            },
          },
        ]),
      ) ?? null;
    return this.ACTION((): Statement => {
      const span = this.spanFrom(start);
      if (behind?.kind === "insert") {
        const select = { ...behind.select, with: [...stages, ...behind.select.with] };
        return { ...behind, name: behind.name ?? this.#names.get(start) ?? null, select, span };
      }
      if (behind?.kind === "select") return { kind: "select", select: { ...behind.select, with: stages, span }, span };
      if (behind !== null)
        this.report("SYNTAX", "WITH belongs to a SELECT, and VALUES are none", span, "leave WITH out, or write INSERT INTO … SELECT");
      return { kind: "with", stages, span };
    });
  }

  readonly query: Rule<SelectStatement> = this.rule("query", missingQuery, () => {
    const select = this.SUBRULE(this.plainSelect);
    return this.ACTION(() => ({ kind: "select", select, span: select.span }));
  });

  readonly explain: Rule<ExplainStatement> = this.rule("explain", missingExplain, (start) => {
    this.CONSUME(K.EXPLAIN);
    const analyze = this.OPTION(() => this.CONSUME(K.ANALYZE)) !== undefined;
    const statement = this.OR([
      {
        ALT: (): ExplainStatement["statement"] => {
          const insert = this.SUBRULE(this.insert);
          return this.ACTION(() => {
            if (insert.kind === "insert") return insert;
            this.report("SYNTAX", "INSERT … VALUES has no plan", insert.span, "EXPLAIN takes a SELECT or INSERT INTO … SELECT");
            return missingQuery(insert.span);
          });
        },
      },
      {
        ALT: (): ExplainStatement["statement"] => {
          const select = this.SUBRULE(this.select);
          return this.ACTION(() => ({ kind: "select", select, span: select.span }));
        },
      },
    ]);
    return { kind: "explain", analyze, statement, span: this.spanFrom(start) };
  });
}

let shared: StatementRules | null = null;

/** The one parser of the process, built on first use; its grammar is validated by a test instead of at every start. */
export function sharedParser(): StatementRules {
  shared ??= new StatementRules();
  return shared;
}

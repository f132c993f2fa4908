import type { IParserConfig, IToken } from "chevrotain";
import type { Diagnostic } from "./ast.ts";
import { BudgetSpent, ErrorBudget } from "./error-budget.ts";
import {
  missingColumn,
  missingExplain,
  missingInsert,
  missingOption,
  missingQuery,
  missingSet,
  missingStatement,
  missingStream,
  missingText,
  missingValue,
} from "./missing.ts";
import { unquote } from "./names.ts";
import type { Rule } from "./rules.ts";
import { SelectRules } from "./select.ts";
import type {
  ColumnDefinition,
  CreateStatement,
  ExplainStatement,
  InsertStatement,
  Option,
  SelectStatement,
  SetStatement,
  Statement,
} from "./statement-ast.ts";
import { Comma, Equals, K, LeftParen, Minus, NumberToken, RightParen, StringToken, Word } from "./tokens.ts";

/** After so many errors in one statement nothing worth keeping is left of it. */
const ERRORS_MAX = 100;

type Value = Option["value"];

/** The whole grammar: its start rule is `statement`. */
export class StatementRules extends SelectRules {
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

  readonly statement: Rule<Statement | null> = this.rule("statement", missingStatement, () =>
    this.OR([
      { ALT: () => this.SUBRULE(this.insert) },
      { ALT: () => this.SUBRULE(this.query) },
      { ALT: () => this.SUBRULE(this.createStream) },
      { ALT: () => this.SUBRULE(this.set) },
      { ALT: () => this.SUBRULE(this.explain) },
    ]),
  );

  readonly insert: Rule<InsertStatement> = this.rule("insert", missingInsert, (start) => {
    const word = this.OR([{ ALT: () => this.CONSUME(K.INSERT) }, { ALT: () => this.CONSUME(K.UPSERT) }]);
    this.CONSUME(K.INTO);
    const target = this.SUBRULE(this.rawPath);
    const select = this.SUBRULE(this.select);
    return this.ACTION(() => ({
      kind: "insert",
      name: this.#names.get(start) ?? null,
      mode: word.tokenType === K.UPSERT ? "UPSERT" : "INSERT",
      target,
      store: null,
      select,
      span: this.spanFrom(start),
    }));
  });

  readonly query: Rule<SelectStatement> = this.rule("query", missingQuery, () => {
    const select = this.SUBRULE(this.select);
    return this.ACTION(() => ({ kind: "select", select, span: select.span }));
  });

  readonly createStream: Rule<CreateStatement> = this.rule("createStream", missingStream, (start) => {
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
    const span = this.spanFrom(start);
    return { kind: "create", relation: "STREAM", orReplace: false, ifNotExists: false, name, columns, options, select: null, span };
  });

  readonly column: Rule<ColumnDefinition> = this.rule("column", missingColumn, (start) => {
    const name = this.CONSUME(Word);
    const type = this.SUBRULE(this.type);
    return this.ACTION(() => ({ name: this.ident(name), type, role: null, span: this.spanFrom(start) }));
  });

  readonly streamOption: Rule<Option> = this.rule("streamOption", missingOption, (start) => {
    const name = this.CONSUME(Word);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.value);
    return this.ACTION(() => ({ name: this.ident(name), value, span: this.spanFrom(start) }));
  });

  readonly set: Rule<SetStatement> = this.rule("set", missingSet, (start) => {
    this.CONSUME(K.SET);
    const name = this.OR([
      { ALT: () => this.SUBRULE(this.text) },
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
  });

  readonly text: Rule<string> = this.rule("text", missingText, () => {
    const token = this.CONSUME(StringToken);
    return this.ACTION(() => unquote(token.image));
  });

  readonly value: Rule<Value> = this.rule("value", missingValue, (start) =>
    this.OR([
      { ALT: () => this.SUBRULE(this.text) },
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
  );

  readonly explain: Rule<ExplainStatement> = this.rule("explain", missingExplain, (start) => {
    this.CONSUME(K.EXPLAIN);
    const statement = this.OR([{ ALT: () => this.SUBRULE(this.insert) }, { ALT: () => this.SUBRULE(this.query) }]);
    return { kind: "explain", analyze: false, statement, span: this.spanFrom(start) };
  });
}

let shared: StatementRules | null = null;

/** The one parser of the process, built on first use; its grammar is validated by a test instead of at every start. */
export function sharedParser(): StatementRules {
  shared ??= new StatementRules();
  return shared;
}

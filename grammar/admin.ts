import type { Duration, Expr, Ident, Path } from "./ast.ts";
import { CreateRules } from "./create.ts";
import { missingRow, missingStatement, noIdents } from "./missing.ts";
import { unquote } from "./names.ts";
import type { Rule } from "./rules.ts";
import type { DescribeStatement, PipelineStatement, ShowStatement, Statement } from "./statement-ast.ts";
import { Comma, Dot, Equals, K, type Keyword, LeftParen, Minus, Name, NumberToken, QuotedName, RightParen, Word } from "./tokens.ts";

/** What SHOW shows, by the words for it: ours first, then those of others. */
const SHOWN = {
  CONNECTIONS: "CONNECTIONS",
  FUNCTIONS: "FUNCTIONS",
  PIPELINES: "PIPELINES",
  SETTINGS: "SETTINGS",
  STREAMS: "STREAMS",
  TABLES: "TABLES",
  TOPICS: "TOPICS",
  VARIABLES: "VARIABLES",
  CONNECTORS: "CONNECTIONS",
  PROPERTIES: "SETTINGS",
  QUERIES: "PIPELINES",
} as const satisfies Partial<Record<Keyword, ShowStatement["what"]>>;
const SHOWN_WORDS = Object.keys(SHOWN) as (keyof typeof SHOWN)[];
const COMMANDS = { PAUSE: "PAUSE", RESUME: "RESUME", RESTART: "RESTART", TERMINATE: "DROP" } as const;
const COMMAND_WORDS = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];

/** The small statements: about relations, pipelines, settings and tests. */
export abstract class AdminRules extends CreateRules {
  #statement(name: string, body: (start: number) => Statement): Rule<Statement | null> {
    return this.rule<Statement | null>(name, missingStatement, body);
  }

  readonly admin: Rule<Statement | null> = this.rule("admin", missingStatement, () =>
    this.OR([
      { ALT: () => this.SUBRULE(this.dropPipeline) },
      { ALT: () => this.SUBRULE(this.drop) },
      { ALT: () => this.SUBRULE(this.show) },
      { ALT: () => this.SUBRULE(this.describe) },
      { ALT: () => this.SUBRULE(this.set) },
      { ALT: () => this.SUBRULE(this.unset) },
      { ALT: () => this.SUBRULE(this.define) },
      { ALT: () => this.SUBRULE(this.undefine) },
      { ALT: () => this.SUBRULE(this.pipeline) },
      { ALT: () => this.SUBRULE(this.print) },
      { ALT: () => this.SUBRULE(this.assert) },
    ]),
  );

  // --- relations and pipelines ------------------------------------------------------------------

  readonly drop = this.#statement("drop", (start) => {
    this.CONSUME(K.DROP);
    const word = this.OR([{ ALT: () => this.CONSUME(K.STREAM) }, { ALT: () => this.CONSUME(K.TABLE) }]);
    const ifExists = this.OPTION(() => {
      this.CONSUME(K.IF);
      return this.CONSUME(K.EXISTS);
    });
    const name = this.SUBRULE(this.rawPath);
    const deleteTopic = this.OPTION1(() => {
      this.CONSUME(K.DELETE);
      return this.CONSUME(K.TOPIC);
    });
    return this.ACTION(() => ({
      kind: "drop",
      relation: word.tokenType === K.TABLE ? "TABLE" : "STREAM",
      ifExists: ifExists !== undefined,
      name,
      deleteTopic: deleteTopic !== undefined,
      span: this.spanFrom(start),
    }));
  });

  readonly dropPipeline = this.#statement("dropPipeline", (start) => {
    this.CONSUME(K.DROP);
    this.CONSUME(K.PIPELINE);
    const name = this.SUBRULE(this.rawPath);
    return { kind: "pipeline", command: "DROP", name, span: this.spanFrom(start) };
  });

  /** ksqlDB calls them queries, and TERMINATE what we call DROP. */
  readonly pipeline = this.#statement("pipeline", (start) => {
    const word = this.OR(COMMAND_WORDS.map((command) => ({ ALT: () => this.CONSUME(K[command]) })));
    const name = this.OR1([
      {
        ALT: (): Path | null => {
          this.CONSUME(K.ALL);
          return null;
        },
      },
      {
        ALT: (): Path | null => {
          this.OPTION(() => this.OR2([{ ALT: () => this.CONSUME(K.PIPELINE) }, { ALT: () => this.CONSUME(K.QUERY) }]));
          return this.SUBRULE(this.rawPath);
        },
      },
    ]);
    return this.ACTION(() => {
      const command: PipelineStatement["command"] = COMMANDS[word.tokenType.name as keyof typeof COMMANDS];
      return { kind: "pipeline", command, name, span: this.spanFrom(start) };
    });
  });

  readonly show = this.#statement("show", (start) => {
    this.OR([{ ALT: () => this.CONSUME(K.SHOW) }, { ALT: () => this.CONSUME(K.LIST) }]);
    this.OPTION(() => this.CONSUME(K.ALL));
    const word = this.OR1(SHOWN_WORDS.map((shown) => ({ ALT: () => this.CONSUME(K[shown]) })));
    const extended = this.OPTION1(() => this.CONSUME(K.EXTENDED)) !== undefined;
    return this.ACTION(() => ({
      kind: "show",
      what: SHOWN[word.tokenType.name as keyof typeof SHOWN],
      extended,
      span: this.spanFrom(start),
    }));
  });

  readonly describe = this.#statement("describe", (start) => {
    this.CONSUME(K.DESCRIBE);
    let what: DescribeStatement["what"] = "RELATION";
    const name = this.OR([
      {
        ALT: () => {
          this.CONSUME(K.FUNCTION);
          what = "FUNCTION";
          return this.SUBRULE(this.path);
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.CONNECTION);
          what = "CONNECTION";
          return this.SUBRULE1(this.path);
        },
      },
      {
        ALT: () => {
          this.OR1([{ ALT: () => this.CONSUME(K.PIPELINE) }, { ALT: () => this.CONSUME(K.QUERY) }]);
          what = "PIPELINE";
          return this.SUBRULE(this.rawPath);
        },
      },
      { ALT: () => this.SUBRULE1(this.rawPath) },
    ]);
    const extended = this.OPTION(() => this.CONSUME(K.EXTENDED)) !== undefined;
    return { kind: "describe", what, name, extended, span: this.spanFrom(start) };
  });

  // --- settings and variables -------------------------------------------------------------------

  /** `'a.b'` or `a.b`, and as no arithmetic can stand there `topic.my-topic.x`. */
  #settingName(): string {
    return this.OR([
      { ALT: () => this.SUBRULE(this.text) },
      {
        ALT: () => {
          const tokens = [this.CONSUME(Word)];
          this.MANY(() => {
            tokens.push(this.OR1([{ ALT: () => this.CONSUME(Dot) }, { ALT: () => this.CONSUME(Minus) }]));
            tokens.push(this.OR2([{ ALT: () => this.CONSUME(Name) }, { ALT: () => this.CONSUME(NumberToken) }]));
          });
          return this.ACTION(() => tokens.map((token) => (token.tokenType === QuotedName ? unquote(token.image) : token.image)).join(""));
        },
      },
    ]);
  }

  readonly set = this.#statement("set", (start) => {
    this.CONSUME(K.SET);
    const name = this.#settingName();
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.value);
    return { kind: "set", name, value, span: this.spanFrom(start) };
  });

  readonly unset = this.#statement("unset", (start) => {
    this.CONSUME(K.UNSET);
    const name = this.#settingName();
    return { kind: "unset", name, span: this.spanFrom(start) };
  });

  readonly define = this.#statement("define", (start) => {
    this.CONSUME(K.DEFINE);
    const name = this.CONSUME(Word);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.text);
    return this.ACTION(() => ({ kind: "define", name: this.ident(name).name, value, span: this.spanFrom(start) }));
  });

  readonly undefine = this.#statement("undefine", (start) => {
    this.CONSUME(K.UNDEFINE);
    const name = this.CONSUME(Word);
    return this.ACTION(() => ({ kind: "undefine", name: this.ident(name).name, span: this.spanFrom(start) }));
  });

  // --- PRINT and ASSERT -------------------------------------------------------------------------

  readonly print = this.#statement("print", (start) => {
    this.CONSUME(K.PRINT);
    const topic = this.SUBRULE(this.rawPath);
    const beginning = this.OPTION(() => {
      this.CONSUME(K.FROM);
      return this.CONSUME(K.BEGINNING);
    });
    const interval = this.OPTION1(() => {
      this.OR([{ ALT: () => this.CONSUME(K.INTERVAL) }, { ALT: () => this.CONSUME(K.SAMPLE) }]);
      return this.CONSUME(NumberToken);
    });
    const limit = this.OPTION2(() => {
      this.CONSUME(K.LIMIT);
      return this.CONSUME1(NumberToken);
    });
    return this.ACTION(() => ({
      kind: "print",
      topic,
      fromBeginning: beginning !== undefined,
      interval: interval === undefined ? null : this.wholeNumber("INTERVAL", interval),
      limit: limit === undefined ? null : this.wholeNumber("LIMIT", limit),
      span: this.spanFrom(start),
    }));
  });

  readonly assert: Rule<Statement | null> = this.rule("assert", missingStatement, (start): Statement | null => {
    this.CONSUME(K.ASSERT);
    return this.OR([
      { ALT: () => this.#assertValues(start) },
      { ALT: () => this.#assertDeleted(start) },
      { ALT: () => this.#assertRelation(start) },
      { ALT: () => this.#assertTopic(start) },
    ]);
  });

  #assertValues(start: number): Statement {
    this.CONSUME(K.VALUES);
    const name = this.SUBRULE(this.rawPath);
    const columns = this.OPTION(() => this.SUBRULE(this.columnNames)) ?? [];
    this.CONSUME1(K.VALUES);
    const row = this.SUBRULE(this.row);
    return { kind: "assert-values", name, columns, row, deleted: false, span: this.spanFrom(start) };
  }

  #assertDeleted(start: number): Statement {
    this.CONSUME(K.NULL);
    this.CONSUME2(K.VALUES);
    const name = this.SUBRULE1(this.rawPath);
    const columns = this.OPTION1(() => this.SUBRULE1(this.columnNames)) ?? [];
    this.CONSUME(K.KEY);
    const row = this.SUBRULE1(this.row);
    return { kind: "assert-values", name, columns, row, deleted: true, span: this.spanFrom(start) };
  }

  #assertRelation(start: number): Statement {
    const word = this.OR1([{ ALT: () => this.CONSUME(K.STREAM) }, { ALT: () => this.CONSUME(K.TABLE) }]);
    const name = this.SUBRULE2(this.rawPath);
    const columns = this.OPTION2(() => this.SUBRULE(this.columns)) ?? [];
    const options = this.OPTION3(() => this.SUBRULE(this.options)) ?? [];
    return this.ACTION(() => {
      const relation = word.tokenType === K.TABLE ? "TABLE" : "STREAM";
      return { kind: "assert-relation", relation, name, columns, options, span: this.spanFrom(start) };
    });
  }

  #assertTopic(start: number): Statement {
    const not = this.OPTION4(() => {
      this.CONSUME(K.NOT);
      return this.CONSUME(K.EXISTS);
    });
    this.CONSUME(K.TOPIC);
    const name = this.SUBRULE3(this.rawPath);
    const options = this.OPTION5(() => this.SUBRULE1(this.options)) ?? [];
    const timeout: Duration | null =
      this.OPTION6(() => {
        this.CONSUME(K.TIMEOUT);
        return this.SUBRULE(this.duration);
      }) ?? null;
    return { kind: "assert-topic", exists: not === undefined, name, options, timeout, span: this.spanFrom(start) };
  }

  readonly columnNames: Rule<Ident[]> = this.rule("columnNames", noIdents, () => {
    const names: Ident[] = [];
    this.CONSUME(LeftParen);
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        const token = this.CONSUME(Word);
        this.ACTION(() => names.push(this.ident(token)));
      },
    });
    this.CONSUME(RightParen);
    return names;
  });

  readonly row: Rule<Expr[]> = this.rule("row", missingRow, () => {
    const row: Expr[] = [];
    this.CONSUME(LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => row.push(this.SUBRULE(this.expression)) });
    this.CONSUME(RightParen);
    return row;
  });
}

import type { Expr, FromItem, Ident, Join, Relation, Select, Span, Unnest, Within } from "./ast.ts";
import { clausesOf } from "./clause-table.ts";
import { missingDuration, missingJoin, missingRelation, missingUnnest, missingWithin } from "./missing.ts";
import { nearest } from "./nearest.ts";
import type { Rule } from "./rules.ts";
import { Comma, Identifier, K, LeftParen, RightParen, Word } from "./tokens.ts";
import { WindowRules } from "./windows.ts";

/** Clauses of one word. */
const FLAG_CLAUSES = clausesOf("flag");

/** What FROM names: relations, sub-queries, and what is joined to them. */
export abstract class JoinRules extends WindowRules {
  /** `select.ts` */
  protected abstract readonly select: Rule<Select>;

  readonly fromItem: Rule<FromItem> = this.rule("fromItem", missingRelation, () =>
    this.OR([{ ALT: (): FromItem => this.SUBRULE(this.relation) }, { ALT: (): FromItem => this.SUBRULE(this.derived) }]),
  );

  readonly relation: Rule<Relation> = this.rule("relation", missingRelation, (start) => {
    const path = this.SUBRULE(this.rawPath);
    const alias = this.#relationAlias();
    return { kind: "relation", path, alias, span: this.spanFrom(start) };
  });

  readonly derived: Rule<FromItem> = this.rule<FromItem>("derived", missingRelation, (start) => {
    this.CONSUME(LeftParen);
    const select = this.SUBRULE(this.select);
    this.CONSUME(RightParen);
    const alias = this.#relationAlias();
    return { kind: "derived", select, alias, span: this.spanFrom(start) };
  });

  #relationAlias(): Ident | null {
    const implicit = this.ACTION(() => this.LA(1).tokenType === Identifier);
    const alias = this.OPTION(() => this.SUBRULE(this.alias)) ?? null;
    this.ACTION(() => alias !== null && implicit && this.#checkAlias(alias));
    return alias;
  }

  /** `FROM t AUTOCRATE` is a slip of the fingers, not a topic called AUTOCRATE: such an alias takes an AS. */
  #checkAlias(alias: Ident): void {
    const meant = nearest(alias.name, FLAG_CLAUSES);
    if (meant !== null)
      this.report("SYNTAX", `unexpected '${alias.name}'`, alias.span, `did you mean ${meant}? An alias of that name takes AS`);
  }

  readonly unnest: Rule<Unnest> = this.rule("unnest", missingUnnest, (start) => {
    this.CONSUME(K.UNNEST);
    this.CONSUME(LeftParen);
    const operand = this.SUBRULE(this.expression);
    this.CONSUME(RightParen);
    const alias = this.OPTION(() => this.SUBRULE(this.alias)) ?? null;
    const columns: Ident[] = [];
    this.OPTION1(() => this.#names(columns));
    return { kind: "unnest", operand, alias, columns, span: this.spanFrom(start) };
  });

  // --- joins ------------------------------------------------------------------------------------

  readonly join: Rule<Join> = this.rule("join", missingJoin, (start) =>
    this.OR([
      {
        ALT: (): Join => {
          this.CONSUME(Comma);
          const right = this.SUBRULE(this.unnest);
          return this.ACTION((): Join => ({ type: "CROSS", right, on: null, using: [], within: null, span: this.spanFrom(start) }));
        },
      },
      { ALT: (): Join => this.SUBRULE(this.writtenJoin) },
    ]),
  );

  readonly writtenJoin: Rule<Join> = this.rule("writtenJoin", missingJoin, (start) => {
    const type = this.#joinType();
    this.CONSUME(K.JOIN);
    const right = this.OR([{ ALT: (): FromItem => this.SUBRULE(this.fromItem) }, { ALT: (): FromItem => this.SUBRULE1(this.unnest) }]);
    const before = this.OPTION(() => this.SUBRULE(this.within)) ?? null;
    let on: Expr | null = null;
    const using: Ident[] = [];
    this.OPTION1(() => {
      this.OR1([
        {
          ALT: () => {
            this.CONSUME(K.ON);
            on = this.SUBRULE(this.expression);
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.USING);
            this.#names(using);
          },
        },
      ]);
    });
    const behind = this.OPTION2(() => this.SUBRULE1(this.within)) ?? null;
    return this.ACTION((): Join => {
      const span = this.spanFrom(start);
      if (before !== null && behind !== null) this.report("DUPLICATE_CLAUSE", "WITHIN is given twice", behind.span, "keep one of them");
      this.#checkCondition(type, right, on !== null || using.length > 0, span);
      return { type, right, on, using, within: before ?? behind, span };
    });
  });

  #joinType(): Join["type"] {
    const word = this.OPTION3(() =>
      this.OR2([
        { ALT: () => this.CONSUME(K.INNER) },
        { ALT: () => this.CONSUME(K.CROSS) },
        { ALT: () => this.CONSUME(K.LEFT) },
        { ALT: () => this.CONSUME(K.RIGHT) },
        { ALT: () => this.CONSUME(K.FULL) },
      ]),
    );
    const outer = this.OPTION4(() => this.CONSUME(K.OUTER));
    return this.ACTION(() => {
      const type = (word?.tokenType.name ?? (outer === undefined ? "INNER" : "FULL")) as Join["type"];
      if (outer !== undefined && (type === "INNER" || type === "CROSS")) {
        this.report("SYNTAX", `a JOIN is ${type} or OUTER`, this.tokenSpan(outer), "LEFT, RIGHT and FULL are OUTER");
      }
      return type;
    });
  }

  #checkCondition(type: Join["type"], right: FromItem, conditioned: boolean, span: Span): void {
    if (type === "CROSS" && conditioned) this.report("SYNTAX", "a CROSS JOIN has no condition", span, "JOIN … ON has one");
    if (type === "CROSS" || conditioned || right.kind === "unnest") return;
    this.report("SYNTAX", `${type === "INNER" ? "a" : `a ${type}`} JOIN needs ON or USING`, span, "for example JOIN b ON a.id = b.id");
  }

  readonly within: Rule<Within> = this.rule("within", missingWithin, (start) => {
    this.CONSUME(K.WITHIN);
    const range = this.OR([
      { ALT: () => [this.SUBRULE(this.duration)] },
      {
        ALT: () => {
          this.CONSUME(LeftParen);
          const before = this.SUBRULE1(this.duration);
          this.CONSUME(Comma);
          const after = this.SUBRULE2(this.duration);
          this.CONSUME(RightParen);
          return [before, after];
        },
      },
    ]);
    const grace = this.OPTION(() => this.SUBRULE(this.grace)) ?? null;
    return this.ACTION(() => {
      const [before = missingDuration(this.here()), after = before] = range;
      return { before, after, grace, span: this.spanFrom(start) };
    });
  });

  /** `(a, b)` */
  #names(names: Ident[]): void {
    this.CONSUME2(LeftParen);
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        const token = this.CONSUME(Word);
        this.ACTION(() => names.push(this.ident(token)));
      },
    });
    this.CONSUME2(RightParen);
  }
}

import type { Ident, Relation, Select, SelectItem, Span } from "./ast.ts";
import { clauseSpec, clausesOf } from "./clause-table.ts";
import { ClauseRules, type Part } from "./clauses.ts";
import { EMPTY_SELECT, missingItem, missingRelation, missingSelect, missingTail } from "./missing.ts";
import { nearest } from "./nearest.ts";
import type { Rule } from "./rules.ts";
import { Comma, DotStar, Identifier, K, Star } from "./tokens.ts";

/** SELECT: its list, its relation, and the clauses put in their places. */
export abstract class SelectRules extends ClauseRules {
  readonly select: Rule<Select> = this.rule("select", missingSelect, (start) => {
    this.CONSUME(K.SELECT);
    const items: SelectItem[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => items.push(this.SUBRULE(this.selectItem)) });
    const { from, parts } = this.SUBRULE(this.tail);
    return this.ACTION(() => this.#assemble(items, from, parts, this.spanFrom(start)));
  });

  readonly selectItem: Rule<SelectItem> = this.rule("selectItem", missingItem, (start) =>
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
  );

  /** What follows the select list; also where reading goes on after an error in the list. */
  readonly tail: Rule<{ from: Relation; parts: Part[] }> = this.rule("tail", missingTail, () => {
    const from = this.SUBRULE(this.from);
    const parts = this.SUBRULE(this.clauses);
    return { from, parts };
  });

  readonly from: Rule<Relation> = this.rule("from", missingRelation, () => {
    this.CONSUME(K.FROM);
    return this.SUBRULE(this.relation);
  });

  readonly relation: Rule<Relation> = this.rule("relation", missingRelation, (start) => {
    const path = this.SUBRULE(this.rawPath);
    const implicit = this.ACTION(() => this.LA(1).tokenType === Identifier);
    const alias = this.OPTION(() => this.SUBRULE(this.alias)) ?? null;
    this.ACTION(() => alias !== null && implicit && this.#checkAlias(alias));
    return { kind: "relation", path, alias, span: this.spanFrom(start) };
  });

  /** `FROM t AUTOCRATE` is a slip of the fingers, not a topic called AUTOCRATE: such an alias takes an AS. */
  #checkAlias(alias: Ident): void {
    const meant = nearest(alias.name, FLAG_CLAUSES);
    if (meant !== null)
      this.report("SYNTAX", `unexpected '${alias.name}'`, alias.span, `did you mean ${meant}? An alias of that name takes AS`);
  }

  #assemble(items: readonly SelectItem[], from: Relation, parts: readonly Part[], span: Span): Select {
    this.#checkRepeated(parts);
    const find = <Kind extends Part["kind"]>(kind: Kind): Extract<Part, { kind: Kind }> | undefined =>
      parts.find((part): part is Extract<Part, { kind: Kind }> => part.kind === kind);
    return {
      ...EMPTY_SELECT,
      items,
      from,
      where: find("where")?.expr ?? null,
      window: find("window")?.window ?? null,
      groupBy: find("group by")?.exprs ?? [],
      having: find("having")?.expr ?? null,
      emit: find("emit")?.emit ?? null,
      limit: find("limit")?.limit ?? null,
      clauses: parts.flatMap((part) => (part.kind === "clause" ? [part.clause] : [])),
      span,
    };
  }

  #checkRepeated(parts: readonly Part[]): void {
    const seen = new Map<string, string>();
    for (const part of parts) {
      const word = part.kind === "clause" ? part.clause.name : part.kind.toUpperCase();
      const group = (part.kind === "clause" ? clauseSpec(part.clause.name).group : undefined) ?? word;
      const before = seen.get(group);
      seen.set(group, word);
      if (before === undefined || part.kind === "missing") continue;
      const hint = part.kind === "where" || part.kind === "having" ? "join the conditions with AND" : "keep one of them";
      const message = before === word ? `${word} is given twice` : `${before} and ${word} contradict each other`;
      this.report("DUPLICATE_CLAUSE", message, part.span, hint);
    }
  }
}

/** Clauses of one word. */
const FLAG_CLAUSES = clausesOf("flag");

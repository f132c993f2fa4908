import { tokenMatcher } from "chevrotain";
import type { Expr, Formats, FromItem, Ident, Join, Path, Select, SelectItem, Span, Stage, Window } from "./ast.ts";
import { clauseSpec } from "./clause-table.ts";
import { ClauseRules, type Part } from "./clauses.ts";
import { formatsOf } from "./formats.ts";
import { kebabPath } from "./kebab.ts";
import { EMPTY_SELECT, missingHead, missingItem, missingSelect, missingStage, missingTail, noStages } from "./missing.ts";
import type { Rule } from "./rules.ts";
import {
  ArithmeticOperator,
  Comma,
  ComparisonOperator,
  DotStar,
  DoubleColon,
  endOf,
  K,
  LeftBracket,
  LeftParen,
  LikeOperator,
  LogicOperator,
  Member,
  Minus,
  RightParen,
  Star,
  Word,
} from "./tokens.ts";

/** What stands before FROM. */
export type Head = Pick<Select, "readAs" | "distinct" | "items">;
/** What follows the select list. */
export interface Tail {
  readonly from: FromItem;
  readonly joins: readonly Join[];
  readonly parts: readonly Part[];
}

/** Clauses of the whole: in a UNION they stand behind its last SELECT. */
const OF_THE_WHOLE: ReadonlySet<Part["kind"]> = new Set(["emit", "limit", "start at", "late into", "clause"]);

/** Nobody writes more, and every name is looked for in all of them. */
const JOINS_MAX = 1_000;

/** SELECT: stages, lists, relations, unions, and the clauses put in their places. */
export abstract class SelectRules extends ClauseRules {
  protected readonly select: Rule<Select> = this.rule("select", missingSelect, (start) => {
    const stages = this.OPTION(() => this.SUBRULE(this.stages)) ?? [];
    const select = this.SUBRULE(this.plainSelect);
    return this.ACTION(() => (stages.length === 0 ? select : { ...select, with: stages, span: this.spanFrom(start) }));
  });

  /** Without WITH. */
  readonly plainSelect: Rule<Select> = this.rule("plainSelect", missingSelect, (start) => {
    const head = this.SUBRULE(this.head);
    const first = this.SUBRULE(this.tail);
    const members = this.#members(head, first, start);
    return this.ACTION(() => this.#union(members, this.spanFrom(start)));
  });

  readonly stages: Rule<Stage[]> = this.rule("stages", noStages, () => {
    const stages: Stage[] = [];
    this.CONSUME(K.WITH);
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => stages.push(this.SUBRULE(this.stage)) });
    return stages;
  });

  readonly stage: Rule<Stage> = this.rule("stage", missingStage, (start) => {
    const name = this.CONSUME(Word);
    this.CONSUME(K.AS);
    this.CONSUME(LeftParen);
    const select = this.SUBRULE(this.select);
    this.CONSUME(RightParen);
    return this.ACTION(() => ({ name: this.ident(name), select, span: this.spanFrom(start) }));
  });

  readonly head: Rule<Head> = this.rule("head", missingHead, () => {
    this.CONSUME(K.SELECT);
    const word = this.OPTION({
      GATE: () => this.#isReadAs(),
      MAX_LOOKAHEAD: 1,
      DEF: () => this.OR([{ ALT: () => this.CONSUME(K.STREAM) }, { ALT: () => this.CONSUME(K.TABLE) }]),
    });
    const distinct = this.OPTION1(() => this.CONSUME(K.DISTINCT)) !== undefined;
    const items: SelectItem[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => items.push(this.SUBRULE(this.selectItem)) });
    return this.ACTION(() => {
      const readAs = word === undefined ? null : word.tokenType === K.TABLE ? "TABLE" : "STREAM";
      return { readAs, distinct, items };
    });
  });

  /** `SELECT STREAM a` and not `SELECT stream + 1`: what follows could not stand behind a field of that name. */
  #isReadAs(): boolean {
    const [word, next, third] = [this.LA(1), this.LA(2), this.LA(3)];
    const glued = next.startOffset === endOf(word);
    switch (next.tokenType) {
      case Star:
        return third.tokenType === K.FROM || third.tokenType === Comma;
      case Minus:
        return !glued && third.startOffset === endOf(next);
      case LeftParen:
        return !glued;
      case K.NOT:
        return third.tokenType !== K.IN && third.tokenType !== K.BETWEEN && !tokenMatcher(third, LikeOperator);
      case K.AT:
        return third.tokenType !== K.TIME;
      default:
        return !BEHIND_A_FIELD.some((type) => tokenMatcher(next, type)) && next.startOffset >= 0;
    }
  }

  readonly selectItem: Rule<SelectItem> = this.rule("selectItem", missingItem, (start) =>
    this.OR([
      {
        ALT: () => {
          this.CONSUME(Star);
          const alias = this.OPTION2(() => this.SUBRULE1(this.columnAlias)) ?? null;
          return this.ACTION((): SelectItem => this.#star(null, alias, start));
        },
      },
      {
        ALT: () => {
          const read = this.SUBRULE(this.expression);
          const star = this.OPTION({ DEF: () => this.CONSUME(DotStar) });
          const alias = this.OPTION1(() => this.SUBRULE(this.columnAlias)) ?? null;
          return this.ACTION((): SelectItem => {
            const span = this.spanFrom(start);
            const expr = this.#withDashes(read);
            if (star === undefined) return { kind: "expr", expr, alias, span };
            if (expr.kind !== "ref" || expr.span.end > expr.path.span.end) {
              this.report("SYNTAX", "only the path of a field can stand before .*", span, "for example a.b.*");
            }
            return this.#star(expr.kind === "ref" ? expr.path : null, alias, start);
          });
        },
      },
    ]),
  );

  /** KCQL takes an alias there and does nothing with it, but refuses it behind `_.key.*`. */
  #star(prefix: Path | null, alias: Ident | null, start: number): SelectItem {
    const refused = prefix?.parts[0]?.name === "_";
    if (alias !== null && refused) this.report("SYNTAX", "a star has no alias", alias.span, "leave it out");
    if (alias !== null && !refused) {
      this.warn("ALIAS_OF_STAR", "the columns of a star keep their names", alias.span, "leave the alias out; AS names a single column");
    }
    return { kind: "star", prefix, span: this.spanFrom(start) };
  }

  /** KCQL has no arithmetic, so `device-id` written without spaces is a name. */
  #withDashes(expr: Expr): Expr {
    const path = kebabPath(expr);
    if (path === null) return expr;
    const name = path.parts.map((part) => part.name).join(".");
    this.warn("DASH_IN_NAME", `read as the field '${name}'`, expr.span, "in back-ticks it is one for certain; a - b is a difference");
    return { kind: "ref", path, span: expr.span };
  }

  /** Where reading goes on after an error in the list, too. */
  readonly tail: Rule<Tail> = this.rule("tail", missingTail, () => {
    this.CONSUME(K.FROM);
    const from = this.SUBRULE(this.fromItem);
    const joins: Join[] = [];
    this.MANY(() => joins.push(this.SUBRULE(this.join)));
    this.ACTION(() => this.#checkJoins(joins));
    const parts = this.SUBRULE(this.clauses);
    return { from, joins, parts };
  });

  #checkJoins(joins: readonly Join[]): void {
    const over = joins[JOINS_MAX];
    if (over !== undefined)
      this.report("TOO_LARGE", `more than ${JOINS_MAX} joins in one SELECT`, over.span, "a stage of WITH can join some");
  }

  // --- UNION ------------------------------------------------------------------------------------

  #members(head: Head, tail: Tail, start: number): UnionMember[] {
    const members = [{ head, tail, span: this.spanFrom(start) }];
    this.MANY(() => {
      this.CONSUME(K.UNION);
      this.CONSUME(K.ALL);
      const at = this.ACTION(() => this.offsetOf(this.LA(1)));
      const next = { head: this.SUBRULE1(this.head), tail: this.SUBRULE1(this.tail) };
      members.push({ ...next, span: this.spanFrom(at) });
    });
    return members;
  }

  #union(members: readonly UnionMember[], span: Span): Select {
    const last = members.at(-1) as UnionMember;
    const ofTheWhole = last.tail.parts.filter(({ kind }) => OF_THE_WHOLE.has(kind));
    const selects = members.map((member, index) => {
      const parts = member.tail.parts.filter(({ kind }) => !OF_THE_WHOLE.has(kind));
      if (member !== last) this.#refuseInTheMiddle(member.tail.parts);
      return this.#assemble(member, index === 0 ? [...parts, ...ofTheWhole] : parts);
    });
    const [first, ...union] = selects as [Select, ...Select[]];
    return union.length === 0 ? { ...first, span } : { ...first, union, span };
  }

  #refuseInTheMiddle(parts: readonly Part[]): void {
    for (const part of parts) {
      if (!OF_THE_WHOLE.has(part.kind)) continue;
      this.report("SYNTAX", `${nameOf(part)} belongs to the whole UNION`, part.span, "write it behind the last SELECT");
    }
  }

  // --- clauses in their places ------------------------------------------------------------------

  #assemble({ head, tail, span }: UnionMember, parts: readonly Part[]): Select {
    this.#checkRepeated(parts);
    const find = <Kind extends Part["kind"]>(kind: Kind): Extract<Part, { kind: Kind }> | undefined =>
      parts.find((part): part is Extract<Part, { kind: Kind }> => part.kind === kind);
    const condition = find("where");
    const { formats, where } = condition === undefined ? NO_CONDITION : formatsOf(condition.expr);
    const { window, groupBy } = this.#grouped(find("window")?.window ?? null, find("group by")?.exprs ?? []);
    return {
      ...EMPTY_SELECT,
      ...head,
      from: tail.from,
      joins: tail.joins,
      formats,
      where,
      window,
      groupBy,
      having: find("having")?.expr ?? null,
      partitionBy: find("partition by")?.exprs ?? [],
      eventTime: find("eventtime by")?.expr ?? null,
      startAt: find("start at")?.startAt ?? null,
      late: find("late into")?.target ?? null,
      emit: find("emit")?.emit ?? null,
      limit: find("limit")?.limit ?? null,
      clauses: parts.flatMap((part) => (part.kind === "clause" ? [part.clause] : [])),
      span,
    };
  }

  /** GROUP BY without the calls that are windows. */
  #grouped(written: Window | null, exprs: readonly Expr[]): Pick<Select, "window" | "groupBy"> {
    let window = written;
    const groupBy: Expr[] = [];
    for (const expr of exprs) {
      const called = this.windowCall(expr);
      if (called === null) groupBy.push(expr);
      else if (window !== null) this.report("DUPLICATE_CLAUSE", "WINDOW is given twice", expr.span, "one window groups the rows");
      window ??= called;
    }
    return { window, groupBy };
  }

  #checkRepeated(parts: readonly Part[]): void {
    const seen = new Map<string, string>();
    for (const part of parts) {
      const word = nameOf(part);
      const group = groupOf(part) ?? word;
      const before = seen.get(group);
      seen.set(group, word);
      if (before === undefined || part.kind === "missing") continue;
      const hint = part.kind === "where" || part.kind === "having" ? "join the conditions with AND" : "keep one of them";
      const message = before === word ? `${word} is given twice` : `${before} and ${word} contradict each other`;
      this.report("DUPLICATE_CLAUSE", message, part.span, hint);
    }
  }
}

/** One SELECT of a UNION. */
interface UnionMember {
  readonly head: Head;
  readonly tail: Tail;
  readonly span: Span;
}

const NO_CONDITION: { readonly formats: Formats | null; readonly where: Expr | null } = { formats: null, where: null };
const nameOf = (part: Part): string => (part.kind === "clause" ? part.clause.name : part.kind.toUpperCase());
/** PARTITION BY is streaming SQL's word for KCQL's PARTITIONBY. */
function groupOf(part: Part): string | undefined {
  if (part.kind === "partition by") return clauseSpec("PARTITIONBY").group;
  return part.kind === "clause" ? clauseSpec(part.clause.name).group : undefined;
}
const BEHIND_A_FIELD = [
  K.FROM,
  Comma,
  Member,
  DotStar,
  K.AS,
  K.IS,
  K.IN,
  K.BETWEEN,
  LikeOperator,
  LogicOperator,
  ComparisonOperator,
  ArithmeticOperator,
  DoubleColon,
  LeftBracket,
];

import type { Clause, FieldsClause, NumberClause, Select, Span, TextClause } from "../../grammar/ast.ts";
import { compileIndexSuffix } from "../model/date-pattern.ts";
import type { BoundTarget } from "../model/statement.ts";
import { indexRuleBroken } from "./legal-names.ts";
import type { Reporter } from "./reporter.ts";
import { article } from "./resolve-name.ts";

export interface BoundClauses {
  readonly pk: FieldsClause | null;
  readonly suffix: string | null;
  readonly batchSize: number | null;
  readonly ttlSeconds: number | null;
  readonly autocreate: boolean;
}

export interface StatementShape {
  /** null: an ad hoc SELECT. */
  readonly target: BoundTarget | null;
  readonly aggregated: boolean;
  readonly windowed: boolean;
  /** Of the pipeline. */
  readonly text: string;
}

/** KCQL's clauses, checked against what the target can honour. */
export function bindClauses(clauses: readonly Clause[], shape: StatementShape, report: Reporter): BoundClauses {
  const find = <Kind extends Clause["kind"]>(kind: Kind, name: Clause["name"]) =>
    clauses.find((clause): clause is Extract<Clause, { kind: Kind }> => clause.kind === kind && clause.name === name);
  const suffix = find("text", "WITHINDEXSUFFIX");
  const ttl = find("number", "TTL");
  if (shape.target === null) {
    for (const { name, span } of clauses) {
      report.error("CLAUSE_NOT_ALLOWED", span, `${name} belongs to a target, and this SELECT has none`, "INSERT INTO names one");
    }
  } else {
    if (suffix !== undefined) checkSuffix(suffix, shape, shape.target, report);
    if (ttl !== undefined) expectTarget("table", ttl, shape.target, "rows that expire are a matter of tables", report);
  }
  return {
    pk: find("fields", "PK") ?? null,
    suffix: suffix?.text ?? null,
    batchSize: find("number", "BATCH")?.value ?? null,
    ttlSeconds: ttl?.value ?? null,
    autocreate: find("flag", "AUTOCREATE") !== undefined,
  };
}

function expectTarget(
  kind: BoundTarget["kind"],
  clause: NumberClause | TextClause,
  target: BoundTarget,
  hint: string,
  report: Reporter,
): boolean {
  if (target.kind === kind) return true;
  const message = `${clause.name} needs ${article(kind)}, but ${target.connection}.${target.name} is ${article(target.kind)}`;
  report.error("CLAUSE_NOT_ALLOWED", clause.span, message, hint);
  return false;
}

function checkSuffix(clause: TextClause, shape: StatementShape, target: BoundTarget, report: Reporter): void {
  if (!expectTarget("index", clause, target, "dated names are a matter of indexes", report)) return;
  if (shape.aggregated && !shape.windowed) {
    const message = "WITHINDEXSUFFIX needs a time, and a group without a window has none";
    report.error("CLAUSE_NOT_ALLOWED", clause.span, message, "WINDOW TUMBLING (SIZE 1 DAY) gives each group one");
    return;
  }
  const suffix = compileIndexSuffix(clause.text);
  if (!suffix.ok) {
    report.error("INVALID_DATE_PATTERN", patternSpan(clause, suffix.offset, shape.text), suffix.message, suffix.hint);
    return;
  }
  for (const { message, offset, hint } of suffix.warnings) {
    report.warning("INVALID_DATE_PATTERN", patternSpan(clause, offset, shape.text), message, hint);
  }
  const broken = indexRuleBroken(target.name + suffix.format(0));
  if (broken !== null) report.error("ILLEGAL_NAME", clause.span, `${target.name}${suffix.format(0)}: ${broken}`);
}

/** From the character that is wrong to the end of the clause, where the pattern stands in it as it is. */
function patternSpan({ text: pattern, textSpan: span }: TextClause, offset: number, text: string): Span {
  const start = text.indexOf(pattern, span.start);
  return start < 0 || start >= span.end ? span : { start: Math.min(start + offset, span.end - 1), end: span.end };
}

/** EMIT, with its default: final results into a topic, whose readers cannot take them back; changes anywhere else. */
export function bindEmit(select: Select, { target, aggregated, windowed }: StatementShape, report: Reporter): "changes" | "final" {
  const { emit } = select;
  if (emit?.mode === "FINAL" && !windowed) {
    const message = `EMIT FINAL needs a window: ${aggregated ? "without one a group is never final" : "rows are not grouped"}`;
    report.error("CLAUSE_NOT_ALLOWED", emit.span, message, aggregated ? "EMIT CHANGES, or add WINDOW TUMBLING (SIZE …)" : "leave EMIT out");
  }
  if (emit !== null) return emit.mode === "FINAL" ? "final" : "changes";
  return windowed && target?.kind === "topic" ? "final" : "changes";
}

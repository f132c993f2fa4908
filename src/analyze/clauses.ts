import type { Clause, FieldsClause, Select, Span, TextClause } from "../../grammar/ast.ts";
import { compileIndexSuffix } from "../model/date-pattern.ts";
import type { BoundTarget } from "../model/statement.ts";
import type { ConnectionKind } from "../ports/connection.ts";
import { indexRuleBroken } from "./legal-names.ts";
import type { Unbuilt } from "./not-yet.ts";
import type { Reporter } from "./reporter.ts";
import { checkTargetClauses } from "./target-clauses.ts";

export interface BoundClauses {
  readonly pk: FieldsClause | null;
  /** The key of records, where PK does not name it. */
  readonly partitionBy: FieldsClause | null;
  readonly suffix: string | null;
  readonly batchSize: number | null;
  readonly ttlSeconds: number | null;
  readonly autocreate: boolean;
  /** What the target should honour and does not yet. */
  readonly unbuilt: readonly Unbuilt[];
}

export interface StatementShape {
  /** null: an ad hoc SELECT. */
  readonly target: BoundTarget | null;
  /** What the target's connection leads to. */
  readonly system: ConnectionKind;
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
  if (shape.target === null) {
    for (const { name, span } of clauses) {
      report.error("CLAUSE_NOT_ALLOWED", span, `${name} belongs to a target, and this SELECT has none`, "INSERT INTO names one");
    }
  }
  const unbuilt = shape.target === null ? [] : checkTargetClauses(clauses, shape.target, shape.system, report);
  if (suffix !== undefined && shape.target?.kind === "index") checkSuffix(suffix, shape, shape.target, report);
  return {
    pk: find("fields", "PK") ?? null,
    partitionBy: find("fields", "PARTITIONBY") ?? null,
    suffix: suffix?.text ?? null,
    batchSize: find("number", "BATCH")?.value ?? null,
    ttlSeconds: find("number", "TTL")?.value ?? null,
    autocreate: find("flag", "AUTOCREATE") !== undefined,
    unbuilt,
  };
}

function checkSuffix(clause: TextClause, shape: StatementShape, target: BoundTarget, report: Reporter): void {
  if (refuseTimeless(clause, shape, report)) return;
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

/** A suffix is made of the time of a row. */
export function refuseTimeless(
  { name, span }: Clause,
  { aggregated, windowed }: Pick<StatementShape, "aggregated" | "windowed">,
  report: Reporter,
): boolean {
  if (!aggregated || windowed) return false;
  const message = `${name} needs a time, and a group without a window has none`;
  report.error("CLAUSE_NOT_ALLOWED", span, message, "WINDOW TUMBLING (SIZE 1 DAY) gives each group one");
  return true;
}

/** From the character that is wrong to the end of the clause, where the pattern stands in it as it is. */
function patternSpan({ text: pattern, textSpan: span }: TextClause, offset: number, text: string): Span {
  const start = text.indexOf(pattern, span.start);
  return start < 0 || start >= span.end ? span : { start: Math.min(start + offset, span.end - 1), end: span.end };
}

/** EMIT, with its default: final results into a topic, whose readers cannot take them back; changes anywhere else. */
export function bindEmit({ emit }: Select, { target, windowed }: Pick<StatementShape, "target" | "windowed">): "changes" | "final" {
  if (emit !== null) return emit.mode === "FINAL" ? "final" : "changes";
  return windowed && target?.kind === "topic" ? "final" : "changes";
}

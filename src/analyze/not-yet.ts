/** The one place that knows what can be read, bound and explained, and cannot run yet. What gets built leaves these tables. */
import type { Select, Span } from "../../grammar/ast.ts";
import type { Statement } from "../../grammar/statement-ast.ts";
import { selectsOf } from "../../grammar/walk.ts";
import type { Reporter } from "./reporter.ts";
import { groupingOf, looksAround, unbuiltInside } from "./row-wise.ts";

/** Something that is not built: its plural name and where it stands. */
export interface Unbuilt {
  readonly what: string;
  readonly span: Span;
  readonly hint?: string;
}
type Finding = Unbuilt | null;

export function unbuiltParts(statement: Statement): readonly Unbuilt[] {
  const selects = selectsOf(statement);
  return [...statementFindings(statement), ...selects.flatMap(selectFindings), ...innerSelects(statement).flatMap(unbuiltInside)];
}

/** Stages and sub-queries, at any depth. */
function innerSelects(statement: Statement): readonly Select[] {
  const own = statement.kind === "with" ? statement.stages : [];
  const selects = selectsOf(statement);
  const stages = [...own, ...selects.flatMap((select) => select.with)].map(({ select }) => select);
  const read = selects.flatMap(({ from, joins }) => [from, ...joins.map(({ right }) => right)]);
  return [...stages, ...read.flatMap((item) => (item.kind === "derived" ? [item.select] : []))];
}

export function reportUnbuilt(found: readonly Unbuilt[], report: Reporter): void {
  for (const { what, span, hint } of found) report.error("NOT_SUPPORTED_YET", span, `${what} are not supported yet`, hint ?? null);
}

function statementFindings(statement: Statement): Unbuilt[] {
  if (statement.kind === "insert") return statement.store === null ? [] : [{ what: "STORE clauses", span: statement.store.span }];
  if (statement.kind !== "create") return [];
  const headers = statement.columns.find(({ role }) => role?.kind === "HEADERS")?.role ?? null;
  return headers === null ? [] : [{ what: "HEADERS columns", span: headers.span, hint: "HEADER('name') is one of them" }];
}

function selectFindings(select: Select): Unbuilt[] {
  const { window, formats, union } = select;
  const findings: Finding[] = [
    formats === null ? null : { what: "formats in WHERE", span: formats.span },
    window === null ? null : windowFinding(window),
    ...(union.length === 0 ? [] : [select, ...union].map(memberFinding)),
  ];
  return findings.filter((finding) => finding !== null);
}

/** A member of a UNION. */
function memberFinding(select: Select): Finding {
  const { distinct, span } = select;
  const hint = "write one INSERT for each SELECT";
  const grouping = groupingOf(select);
  if (grouping !== null) return { what: "aggregates in a UNION", span: grouping.span, hint };
  if (looksAround(select)) return { what: "OVER clauses in a UNION", span, hint };
  return distinct ? { what: "DISTINCT in a UNION", span, hint } : null;
}

function windowFinding(window: NonNullable<Select["window"]>): Finding {
  const hint = "a WINDOW TUMBLING (SIZE 1 MINUTE) is";
  return window.kind !== "sliding" ? null : { what: `${window.kind} windows`, span: window.span, hint };
}

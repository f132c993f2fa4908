import { likeliest } from "../../../grammar/nearest.ts";
import type { StatementPlace } from "../../analyze/analyze-pipeline.ts";
import { didYouMean } from "../../analyze/reporter.ts";
import { type KnownRelation, originText } from "../../catalog/known-columns.ts";
import { SluiceError } from "../../errors.ts";
import type { BoundStatement } from "../../model/statement.ts";
import { ANY, type DataType } from "../../model/type.ts";
import type { StatementPlan } from "../../plan/pipeline-plan.ts";
import type { TargetFinding } from "../../ports/connection.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import type { LiveConnections } from "./live-connections.ts";
import type { LiveReporter } from "./live-reporter.ts";

type Span = StatementPlace["target"];

/** What the targets of a statement have against it; `known`: of the topic that it reads. */
export async function checkTargets(
  { route, deadLetterRoute, late, statement }: StatementPlan,
  place: StatementPlace,
  known: KnownRelation | null,
  connections: LiveConnections,
  report: LiveReporter,
): Promise<void> {
  for (const [what, side] of [
    ["dead letters", deadLetterRoute],
    ["late records", late?.route ?? null],
  ] as const) {
    const found = side === null ? [] : await checked(side, connections, place.target, report);
    for (const finding of found) add({ ...finding, message: `${what}: ${finding.message}` }, place.target, report);
  }
  if (route === null) return;
  const found = await checked(route, connections, place.target, report);
  for (const finding of found) add(finding, spanOf(finding, place), report);
  if (known === null) return;
  // What the fields probably are: enough to warn, as records decide.
  const likely = await checked({ ...route, columns: likelyColumns(statement, known) }, connections, place.target, report);
  for (const finding of likely) {
    if (found.some(({ column, message }) => column === finding.column && message === finding.message)) continue;
    if (finding.code === "TARGET_MISSING") continue;
    const message = `${finding.message} (types of ${originText(known.origin, statement.source.topic)})`;
    add({ ...finding, severity: "warning", message }, spanOf(finding, place), report);
  }
}

async function checked(
  route: RouteTarget,
  connections: LiveConnections,
  span: Span,
  report: LiveReporter,
): Promise<readonly TargetFinding[]> {
  // Each record says where it goes: only then is there something to look at.
  if (route.options.dynamic) return [];
  const found = await connections.ask(route.connection, (connection) => connection.checkTarget(route));
  if (!(found instanceof SluiceError)) return found;
  report.add("error", found.code, span, found.message, found.hint);
  return [];
}

/** A name that is nearly another's comes first in the hint; what is made anyway, and like nothing else, needs no words. */
function add({ severity, code, message, hint, unknown }: TargetFinding, span: Span, report: LiveReporter): void {
  const meant = unknown === undefined ? null : didYouMean(likeliest(unknown.name, unknown.among));
  if (severity === "warning" && code === "TARGET_MISSING" && meant === null) return;
  const whole = [meant, hint].filter((text) => text !== null).join(" Else: ");
  report.add(severity, code, span, message, whole === "" ? null : whole);
}

/** The column in SELECT that a finding is about. */
function spanOf({ column }: TargetFinding, { select, target }: StatementPlace): Span {
  if (column === null) return target;
  const item = select.items.find((candidate) => {
    if (candidate.kind === "star") return false;
    if (candidate.alias !== null) return candidate.alias.name === column;
    return candidate.expr.kind === "ref" && candidate.expr.path.parts.at(-1)?.name === column;
  });
  return item?.span ?? target;
}

/** The columns of a route with the types that are known of the fields they are. */
function likelyColumns({ items, fields }: BoundStatement, known: KnownRelation): RouteTarget["columns"] {
  return items.flatMap((item) => {
    if (item.kind === "star") return known.columns.map(({ name, type }) => ({ name, type }));
    if (item.kind !== "column") return [];
    const field = item.expr.kind === "field" ? fields[item.expr.index] : undefined;
    const isOpen = item.expr.type.kind === "any" && field?.root === "value";
    return [{ name: item.name, type: isOpen ? typeAt(field.path, known) : item.expr.type }];
  });
}

function typeAt(path: readonly string[], { columns }: KnownRelation): DataType {
  let type: DataType = { kind: "struct", fields: columns };
  for (const name of path) {
    if (type.kind === "map") type = type.value;
    else if (type.kind === "struct") type = type.fields.find((field) => field.name === name)?.type ?? ANY;
    else return ANY;
  }
  return type;
}

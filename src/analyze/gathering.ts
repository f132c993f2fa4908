import type { Span } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import { type BoundJoinStep, type BoundStatement, canRepartition, inputsOf, sidesOf } from "../model/statement.ts";
import { someNode } from "./bound-tree.ts";
import type { Reporter } from "./reporter.ts";

/**
 * Whether rows that a statement looks at together lie in several partitions, and no partial results of them can be put together: all
 * partitions are read as one log then (decision 0019). `partitions`: of the topics that it reads, in the order of `inputsOf`.
 */
export function isScattered(statement: BoundStatement, partitions: readonly number[]): boolean {
  if (partitions.every((count) => count === 1)) return false;
  if (statement.needsSinglePartition) return !canRepartition(statement);
  return new Set(partitions).size > 1 || joinsOf(statement).some(({ coPartitioned }) => !coPartitioned);
}

/** Why the partitions cannot be read as one log; null: they can. */
export function hindranceOf(statement: BoundStatement): string | null {
  const all = withStages(statement);
  if (all.some(({ lookups }) => lookups.length > 0)) return "rows are looked up for its records";
  if (statement.settings.time === "processing") return "it goes by processing time";
  return all.some(readsPlace) ? "it reads _offset or _partition" : null;
}

/** Where it is declared that rows which belong together lie in several partitions, they can be brought together. */
export function refuseScattered(statement: BoundStatement, span: Span, report: Reporter): void {
  const declared = inputsOf(statement).map(({ partitions }) => partitions);
  const known = declared.find((count) => count !== null) ?? 1;
  const counts = declared.map((count) => count ?? known);
  const hindrance = isScattered(statement, counts) ? hindranceOf(statement) : null;
  if (hindrance === null) return;
  const code = statement.needsSinglePartition ? "GROUPING_NEEDS_KEY" : "JOIN_NOT_CO_PARTITIONED";
  const message = `rows that belong together lie in ${Math.max(...counts)} partitions, and these cannot be read as one log: ${hindrance}`;
  report.error(
    code,
    span,
    message,
    "declare WITH (key = …) where a field equals the record key, or write a topic anew: INSERT INTO … PARTITION BY",
  );
}

function withStages(statement: BoundStatement): readonly BoundStatement[] {
  return [statement, ...sidesOf(statement).flatMap(({ stage }) => (stage === null ? [] : withStages(stage)))];
}

/** Also those within its stages. */
function joinsOf(statement: BoundStatement): readonly BoundJoinStep[] {
  return withStages(statement).flatMap(({ joins }) => joins);
}

/** Which record a row is of; the place that says which one is first or last is another matter. */
function readsPlace({ where, having, groupBy, items, aggregates, unnests }: BoundStatement): boolean {
  const exprs: readonly (BoundExpr | null)[] = [
    where,
    having,
    ...groupBy,
    ...items.map((item) => (item.kind === "column" ? item.expr : null)),
    ...aggregates.map(({ argument }) => argument),
    ...unnests.flatMap(({ arrays }) => arrays),
  ];
  return exprs.some((expr) => expr !== null && someNode(expr, (leaf) => leaf.kind === "meta" && PLACES.has(leaf.name)));
}

const PLACES: ReadonlySet<string> = new Set(["offset", "partition"]);

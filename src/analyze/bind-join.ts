import type { Expr, Join, Span } from "../../grammar/ast.ts";
import { durationMs } from "../../grammar/units.ts";
import { walk } from "../../grammar/walk.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundJoin } from "../model/query.ts";
import { BOOLEAN } from "../model/type.ts";
import { bindCondition } from "./bind-expression.ts";
import { someNode } from "./bound-tree.ts";
import { compare } from "./operators.ts";
import { isQualifier, qualifierOf, resolveField } from "./resolve-field.ts";
import { node, type Place, type Scope, type ScopeRelation } from "./scope.ts";

/** The condition and the time of a join whose right side is the last relation of the scope. */
export function bindJoinCondition(join: Join, place: Place): Pick<BoundJoin, "on" | "within"> {
  const { scope } = place;
  checkWithin(join, scope);
  const on = join.on === null ? bindUsing(join, place) : bindCondition(join.on, place, "ON");
  if (on !== null && join.on !== null) checkSides(on, join.on, scope);
  const { within } = join;
  if (within === null) return { on, within: null };
  const graceMs = within.grace === null ? 0 : durationMs(within.grace);
  return { on, within: { beforeMs: durationMs(within.before), afterMs: durationMs(within.after), graceMs } };
}

/** Two streams go on for ever, so only rows near to each other in time meet; of a table the latest row counts. */
function checkWithin({ within, right, type, span }: Join, { relations, report }: Scope): void {
  if (right.kind === "unnest") {
    if (within !== null)
      report.error("INVALID_JOIN", within.span, "UNNEST takes the elements of one row: WITHIN has no meaning", "leave WITHIN out");
    return;
  }
  const left = relations.slice(0, -1);
  const joined = relations.at(-1);
  // What is joined is a stream where one of its sides is.
  const table = joined?.kind === "table" ? joined : left.every(({ kind }) => kind === "table") ? left[0] : undefined;
  if (within !== null && durationMs(within.before) + durationMs(within.after) === 0)
    report.error("VALUE_OUT_OF_RANGE", within.span, "WITHIN takes a time greater than 0", "for example WITHIN 1 HOUR");
  if (within !== null && table !== undefined) {
    const message = `'${qualifierOf(table)}' is a table: its latest row counts, and WITHIN has no meaning`;
    report.error("INVALID_JOIN", within.span, message, "leave WITHIN out, or read it as a stream");
  }
  const isStreams = joined?.kind === "stream" && left.some(({ kind }) => kind === "stream");
  if (within === null && isStreams && type !== "CROSS") {
    const message = "a join of two streams needs WITHIN: only rows near to each other in time meet";
    report.error("INVALID_JOIN", span, message, "for example WITHIN 1 HOUR before ON");
  }
}

/** `USING (id)`: equal on both sides. */
function bindUsing({ using, span }: Join, place: Place): BoundExpr | null {
  const { scope } = place;
  const sides = [scope.relations[0], scope.relations.at(-1)] as [ScopeRelation, ScopeRelation];
  let all: BoundExpr | null = null;
  for (const name of using) {
    const [left, right] = sides.map((side) =>
      resolveField({ parts: [{ ...name, name: qualifierOf(side) }, name], span: name.span }, place),
    );
    if (!left || !right) continue;
    const equal = compare(scope, "=", { expr: left, span: name.span }, { expr: right, span: name.span }, name.span);
    if (equal === null) continue;
    all = all === null ? equal : node(scope, span, { kind: "binary", type: BOOLEAN, op: "and", left: all, right: equal });
  }
  return all;
}

/** A condition that looks at one side only joins every row with every row. Said where each field says its side. */
function checkSides(on: BoundExpr, written: Expr, scope: Scope): void {
  const used = new Set<number>();
  someNode(on, (leaf) => {
    const field = leaf.kind === "field" ? scope.fields[leaf.index] : undefined;
    if (field !== undefined) used.add(field.relation);
    return false;
  });
  const last = scope.relations.length - 1;
  if ((used.has(last) && used.size > 1) || isNamedTwice(scope)) return;
  let isPlain = true;
  walk(written, (expr) => {
    const [first, second] = expr.kind === "ref" ? expr.path.parts : [];
    if (first === undefined) return;
    isPlain &&= second !== undefined && scope.relations.some((relation) => isQualifier(first.name, relation, scope));
  });
  if (!isPlain || someNode(on, ({ kind }) => kind === "meta")) return;
  const name = qualifierOf(scope.relations[last]);
  const message = used.has(last) ? `ON looks at '${name}' only` : `ON says nothing about '${name}'`;
  scope.report.error("INVALID_JOIN", written.span, message, `compare a field of each side, for example ${example(scope)}`);
}

function example({ relations }: Scope): string {
  return `${qualifierOf(relations[0])}.id = ${qualifierOf(relations.at(-1))}.id`;
}

/** Two relations that one name would mean. */
export function checkRelationName(relation: ScopeRelation, span: Span, scope: Scope): void {
  const message = `two relations are called '${qualifierOf(relation)}'`;
  if (isNamedTwice(scope)) scope.report.error("DUPLICATE_NAME", span, message, "AS gives one of them another name");
}

/** Whether the last relation has the name of one before it. */
function isNamedTwice(scope: Scope): boolean {
  const name = qualifierOf(scope.relations.at(-1));
  return name !== "" && scope.relations.slice(0, -1).some((other) => isQualifier(name, other, scope));
}

import type { Call, Expr, Span } from "../../grammar/ast.ts";
import { printExpr } from "../../grammar/print-expression.ts";
import type { ObjectAggregate } from "../functions/collector.ts";
import { aggregateFunction, exactForm, isOfCells, objectAggregate } from "../functions/registry.ts";
import type { AggregateFunction } from "../functions/spec.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundAggregate } from "../model/statement.ts";
import { BIGINT, BOOLEAN, isNumeric, TIMESTAMP, typeName } from "../model/type.ts";
import { type Bind, bindArguments } from "./bind-arguments.ts";
import { expectKind, refuseWide } from "./operators.ts";
import { node, type Place, type Scope } from "./scope.ts";
import { isTime } from "./type-rules.ts";

/** Whether there is an aggregate of that name or synonym. */
export function isAggregate(name: string): boolean {
  return aggregateFunction(name) !== null || objectAggregate(name) !== null;
}

export function bindAggregate(call: Call, place: Place, bind: Bind): BoundExpr | null {
  const spec = aggregateFunction(call.name.name) ?? objectAggregate(call.name.name);
  if (!isAllowed(call, spec?.name.toUpperCase() ?? "", place)) return null;
  const aggregate = aggregateOf(call, place, bind);
  if (aggregate === null) return null;
  const index = aggregateIndex(place.scope, aggregate);
  return node(place.scope, call.span, { kind: "aggregate", type: aggregate.type, index });
}

/** What a call computes, wherever it stands; null: what is wrong was reported. */
export function aggregateOf(call: Call, place: Place, bind: Bind): BoundAggregate | null {
  const cells = aggregateFunction(call.name.name);
  const inside: Place = { ...place, inAggregate: true };
  const filter = call.filter === null ? null : bindFilter(call.filter, inside, bind);
  if (filter === null && call.filter !== null) return null;
  const bound =
    cells === null ? bindObject(call, objectAggregate(call.name.name), filter, inside, bind) : bindCells(call, cells, filter, inside, bind);
  return bound === null ? null : { ...bound, text: printExpr(call) };
}

type Unnamed = Omit<BoundAggregate, "text">;

/** The rows that it takes: of the others the arguments are null. */
function bindFilter(filter: Expr, place: Place, bind: Bind): BoundExpr | null {
  const bound = bind(filter, place);
  return bound !== null && expectKind(place.scope, bound, filter.span, "boolean", "FILTER") ? bound : null;
}

/** Null in the rows that the filter does not take. */
function filtered(argument: BoundExpr, filter: BoundExpr | null, span: Span, scope: Scope): BoundExpr | null {
  if (filter === null) return argument;
  return node(scope, span, { kind: "case", type: argument.type, branches: [{ when: filter, then: argument }], otherwise: null });
}

// --- those of cells ----------------------------------------------------------------------------

function bindCells(call: Call, spec: AggregateFunction, filter: BoundExpr | null, place: Place, bind: Bind): Unnamed | null {
  const { scope } = place;
  const written = spec.name.toUpperCase();
  if (call.distinct && spec.name === "count")
    return bindObject({ ...call, distinct: false }, objectAggregate("count_distinct"), filter, place, bind);
  // The greatest of some values is that of the distinct ones.
  const distinct = call.distinct && spec.parameter !== "comparable";
  const [argument, ...more] = call.args;
  if (call.star ? !spec.star || call.distinct : argument === undefined || more.length > 0) {
    return scope.report.error("WRONG_ARGUMENTS", call.span, `${written} takes one argument`, argumentHint(call, spec, written));
  }
  if (argument === undefined) {
    // COUNT(*) of the rows that the filter takes is the number of those where something is not null.
    const one: BoundExpr = { kind: "literal", type: BOOLEAN, value: true };
    const taken =
      filter === null
        ? null
        : node(scope, call.span, { kind: "case", type: BOOLEAN, branches: [{ when: filter, then: one }], otherwise: null });
    return plainAggregate(spec, taken);
  }
  const bound = bind(argument, place);
  if (bound === null) return null;
  const exact = exactForm(spec.name);
  if (exact !== null && !isOfCells({ name: spec.name, argument: bound, distinct })) {
    return bindObject({ ...call, distinct }, exact, filter, place, (expr, at) => (expr === argument ? bound : bind(expr, at)));
  }
  if (distinct) return scope.report.error("WRONG_ARGUMENTS", call.span, `${written} takes no DISTINCT`, "COUNT, SUM and AVG do");
  if (!isAggregable(bound, argument.span, spec, written, scope)) return null;
  const taken = filtered(bound, filter, argument.span, scope);
  return taken === null ? null : plainAggregate(spec, taken);
}

function plainAggregate(spec: AggregateFunction, argument: BoundExpr | null): Unnamed {
  const type = spec.result(argument?.type ?? null);
  return { name: spec.name, argument, more: [], distinct: false, filter: null, type };
}

const ROW_FUNCTIONS: Readonly<Record<string, string>> = { max: "greatest", min: "least" };

function argumentHint(call: Call, spec: AggregateFunction, written: string): string {
  const ofRow = ROW_FUNCTIONS[spec.name];
  if (call.args.length > 1 && ofRow !== undefined) return `${ofRow}(${call.args.map(printExpr).join(", ")}) compares the fields of one row`;
  return spec.star ? `write ${written}(*) or ${written}(field)` : `write ${written}(field)`;
}

function isAllowed(call: Call, written: string, { scope, clause, inAggregate }: Place): boolean {
  const groups = (clause === "SELECT" || clause === "HAVING") && !inAggregate;
  if (groups) return true;
  const ofClause = { WHERE: "HAVING filters groups", "GROUP BY": "group by fields of the rows" }[clause as string];
  const hint = inAggregate ? "aggregates do not nest" : (ofClause ?? "SELECT and HAVING take aggregates");
  scope.report.error("AGGREGATE_NOT_ALLOWED", call.span, `${written} cannot stand in ${inAggregate ? "an aggregate" : clause}`, hint);
  return false;
}

function isAggregable(bound: BoundExpr, span: Span, spec: AggregateFunction, written: string, scope: Scope): boolean {
  const { type } = bound;
  if (spec.parameter === "any") return true;
  if (refuseWide(scope, bound, span)) return false;
  const accepts = spec.parameter === "number" ? isNumeric(type) : isNumeric(type) || isTime(type) || type.kind === "time";
  if (accepts || type.kind === "any" || type.kind === "null") return true;
  const wanted = spec.parameter === "number" ? "numbers" : "numbers, timestamps or dates";
  const hint = type.kind === "string" ? "CAST(… AS DOUBLE)" : null;
  scope.report.error("TYPE_MISMATCH", span, `${written} needs ${wanted}, but this is ${typeName(type)}`, hint);
  return false;
}

// --- those whose state is an object ------------------------------------------------------------

function bindObject(call: Call, spec: ObjectAggregate | null, filter: BoundExpr | null, place: Place, bind: Bind): Unnamed | null {
  if (spec === null) return null;
  const { scope } = place;
  if (call.star) return scope.report.error("WRONG_ARGUMENTS", call.span, `${spec.name.toUpperCase()} takes no *`, "write a field");
  const bound = bindArguments(call, spec, place, bind);
  if (bound === null || !hasLiterals(call, spec, bound.operands, scope)) return null;
  // A row is left out by its first argument; numbers and separators behind it stay the literals that they have to be.
  const taken = bound.operands.map((operand, index) =>
    index > 0 && operand.kind === "literal" ? operand : filtered(operand, filter, call.args[index]?.span ?? call.span, scope),
  );
  const [argument, ...more] = taken.filter((operand) => operand !== null);
  if (argument === undefined || more.length + 1 < taken.length) return null;
  const times = spec.timed === true ? TIMES : [];
  const { type } = bound;
  const aggregate = {
    name: spec.name,
    argument,
    more: [...more, ...times],
    distinct: call.distinct,
    filter: spec.nullable === true ? filter : null,
    type,
  };
  return isSound(aggregate, spec, call, scope) ? aggregate : null;
}

const TIMES: readonly BoundExpr[] = [
  { kind: "meta", type: TIMESTAMP, name: "event-time" },
  { kind: "meta", type: BIGINT, name: "offset" },
];

function hasLiterals(call: Call, spec: ObjectAggregate, operands: readonly BoundExpr[], { report }: Scope): boolean {
  for (const [index, operand] of operands.entries()) {
    const parameter = spec.parameters[index];
    if (parameter?.literal !== true || operand.kind === "literal") continue;
    const message = `${parameter.name} of ${spec.name.toUpperCase()} must be a literal: it is the same for all rows`;
    report.error("WRONG_ARGUMENTS", call.args[index]?.span ?? call.span, message);
    return false;
  }
  return true;
}

/** What its literals say is refused now, not at the first row. */
function isSound({ argument, more, type }: Unnamed, spec: ObjectAggregate, call: Call, { report }: Scope): boolean {
  const args = argument === null ? [] : [argument, ...more];
  try {
    spec.collector(
      args.map((operand) => operand.type),
      args.map((operand) => (operand.kind === "literal" ? operand.value : undefined)),
      type,
    );
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report.error("INVALID_VALUE", call.span, error.message);
    return false;
  }
}

/** The same aggregate is computed once, however often it is written. */
function aggregateIndex(scope: Scope, aggregate: BoundAggregate): number {
  const { name, argument, more, distinct, filter } = aggregate;
  const key = JSON.stringify([name, argument, more, distinct, filter]);
  const known = scope.aggregateIndexes.get(key);
  if (known !== undefined) return known;
  scope.aggregateIndexes.set(key, scope.aggregates.length);
  return scope.aggregates.push(aggregate) - 1;
}

import { aggregateFunction, argumentsOf, isOfCells, isPositioned, objectAggregate } from "../../functions/registry.ts";
import { userAggregate } from "../../functions/user-functions.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { BoundAggregate } from "../../model/statement.ts";
import { type Code, type CodeScope, nullable, valueOrNull } from "./code.ts";
import { literalCode } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { reprOf } from "./repr.ts";

/** What a row brings to an aggregate whose state is an object: computed before any state is touched. */
export interface ObjectArguments {
  readonly values: readonly string[];
  /** Whether the row is taken, as text. */
  readonly taken: string;
}

/** `isGiven`: rows are given by an operator, so that several may have one offset. */
export function objectArgumentsCode(aggregate: BoundAggregate, isNullable: boolean, isGiven: boolean, scope: CodeScope): ObjectArguments {
  const conditions: string[] = [];
  if (aggregate.filter !== null) {
    const filter = expressionCode(aggregate.filter, scope, "boolean");
    conditions.push(filter.isNull === "false" ? filter.value : `!${filter.isNull} && ${filter.value}`);
  }
  if (userAggregate(aggregate.name) !== undefined) scope.writer.line(scope.tellRecord?.() ?? "");
  const isOfNumbers = aggregateFunction(aggregate.name) !== null;
  const values = argumentsOf(aggregate).map((argument) => {
    // What cells could have held as well is read as they would have.
    const code = expressionCode(argument, scope, isOfNumbers && reprOf(argument.type) === "any" ? "number" : undefined);
    const value = valueOrNull(code);
    if (!isNullable && value !== code.value) conditions.push(`${value} !== null`);
    else if (!isNullable && reprOf(argument.type) === "any") conditions.push(`${value} !== null`);
    return value;
  });
  if (isPositioned(aggregate)) values.push(positionCode(aggregate, isGiven));
  else if (aggregate.handling === "repartitioned" && objectAggregate(aggregate.name)?.timed === true) {
    // Of equal event times the offset decides within a partition alone.
    values[values.length - 1] = positionCode(aggregate, false);
  }
  return { values, taken: conditions.length === 0 ? "true" : conditions.join(" && ") };
}

function positionCode({ handling }: BoundAggregate, isGiven: boolean): string {
  if (handling === "repartitioned") return "h.positionOf(times[row], task.partition, offsets[row])";
  // Rows that are taken back are looked for by the offset alone.
  return handling === "merged" && isGiven ? "h.placeOf(offsets[row], task.ordinalAt(row))" : "offsets[row]";
}

/** Takes the row into the state of its group. */
export function objectStepCode(place: number, { values, taken }: ObjectArguments): string {
  const add = `slot.objects.add(${[place, "group", ...values].join(", ")});`;
  return taken === "true" ? add : `if (${taken}) ${add}`;
}

/** The result, in the representation of its type. */
export function objectResultCode(
  { type }: BoundExpr,
  aggregate: BoundAggregate,
  aggregates: readonly BoundAggregate[],
  scope: CodeScope,
): Code {
  const result = scope.writer.fresh("v");
  scope.writer.line(`let ${result} = null;`);
  scope.writer.line(`try { ${result} = slot.objects.result(${placeOf(aggregate, aggregates)}, index); }`);
  const fail = scope.fail(`${literalCode(`${aggregate.text}: `)} + error.message`);
  scope.writer.line(`catch (error) { if (!(error instanceof RangeError)) throw error; ${fail} }`);
  return nullable(scope, reprOf(type), result);
}

/** Where an aggregate stands among those of its statement whose state is an object. */
export function placeOf(aggregate: BoundAggregate, aggregates: readonly BoundAggregate[]): number {
  return aggregates.filter((other) => !isOfCells(other)).indexOf(aggregate);
}

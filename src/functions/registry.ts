import { must } from "../assert.ts";
import type { BoundAggregate } from "../model/statement.ts";
import { avg } from "./aggregate/avg.ts";
import { count } from "./aggregate/count.ts";
import { max, min } from "./aggregate/min-max.ts";
import { sum } from "./aggregate/sum.ts";
import { conditionFunctions } from "./scalar/condition.ts";
import { numberFunctions } from "./scalar/number.ts";
import { textFunctions } from "./scalar/text.ts";
import { timeFunctions } from "./scalar/time.ts";
import type { Accumulator, AggregateFunction, ScalarFunction } from "./spec.ts";

export const SCALAR_FUNCTIONS: readonly ScalarFunction[] = [...textFunctions, ...numberFunctions, ...conditionFunctions, ...timeFunctions];

export const AGGREGATE_FUNCTIONS: readonly AggregateFunction[] = [count, sum, avg, min, max];

const scalars = byName(SCALAR_FUNCTIONS);
const aggregates = byName(AGGREGATE_FUNCTIONS);

/** By name or synonym, in any case; null: there is none. */
export function scalarFunction(name: string): ScalarFunction | null {
  return scalars.get(name.toLowerCase()) ?? null;
}

/** By name or synonym, in any case; null: there is none. */
export function aggregateFunction(name: string): AggregateFunction | null {
  return aggregates.get(name.toLowerCase()) ?? null;
}

/** How an aggregate is computed for the type of its argument. */
export function accumulatorOf({ name, argument }: BoundAggregate): Accumulator {
  const spec = must(aggregateFunction(name), name);
  return spec.variants?.[argument?.type.kind ?? "null"] ?? spec;
}

export interface FunctionInfo {
  readonly name: string;
  readonly synonyms: readonly string[];
  readonly kind: "scalar" | "aggregate";
  /** `substring(text, start[, length])` */
  readonly signature: string;
  readonly doc: string;
}

/** For documentation, completion and `GET /v1/functions`, by name. */
export function listFunctions(): readonly FunctionInfo[] {
  const infos: FunctionInfo[] = [
    ...SCALAR_FUNCTIONS.map(({ name, synonyms, doc, parameters }) => ({
      name,
      synonyms,
      kind: "scalar" as const,
      signature: signature(name, parameters),
      doc,
    })),
    ...AGGREGATE_FUNCTIONS.map(({ name, synonyms, doc, star }) => ({
      name,
      synonyms,
      kind: "aggregate" as const,
      signature: `${name}(${star ? "* | value" : "value"})`,
      doc,
    })),
  ];
  return infos.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** `substring(text, start[, length])`, `coalesce(value, …)` */
export function signature(name: string, parameters: ScalarFunction["parameters"]): string {
  const shown = parameters.map((parameter, index) => {
    const separator = index === 0 ? "" : ", ";
    if (parameter.optional) return `[${separator}${parameter.name}]`;
    return `${separator}${parameter.name}${parameter.repeated ? ", …" : ""}`;
  });
  return `${name}(${shown.join("")})`;
}

function byName<T extends { readonly name: string; readonly synonyms: readonly string[] }>(specs: readonly T[]): ReadonlyMap<string, T> {
  return new Map(specs.flatMap((spec) => [spec.name, ...spec.synonyms].map((name) => [name, spec] as const)));
}

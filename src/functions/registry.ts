import { must } from "../assert.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundAggregate } from "../model/statement.ts";
import { type DataType, isNumeric } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { avg } from "./aggregate/avg.ts";
import { collectFunctions, distinctly } from "./aggregate/collect.ts";
import { count } from "./aggregate/count.ts";
import { exactForms } from "./aggregate/exact.ts";
import { logicFunctions } from "./aggregate/logic.ts";
import { max, min } from "./aggregate/min-max.ts";
import { orderFunctions } from "./aggregate/order.ts";
import { pairFunctions } from "./aggregate/pairs.ts";
import { sketchFunctions } from "./aggregate/sketch.ts";
import { sum } from "./aggregate/sum.ts";
import { topFunctions } from "./aggregate/top.ts";
import { varianceFunctions } from "./aggregate/variance.ts";
import type { Collector, CollectorForm, ObjectAggregate } from "./collector.ts";
import { recomputed } from "./counted-values.ts";
import { keptRows } from "./kept-rows.ts";
import { arrayFunctions } from "./scalar/array.ts";
import { bytesFunctions } from "./scalar/bytes.ts";
import { chanceFunctions } from "./scalar/chance.ts";
import { conditionFunctions } from "./scalar/condition.ts";
import { cubeFunctions } from "./scalar/cube.ts";
import { geoFunctions } from "./scalar/geo.ts";
import { hashFunctions } from "./scalar/hash.ts";
import { jsonFunctions } from "./scalar/json.ts";
import { lambdaFunctions } from "./scalar/lambda.ts";
import { logarithmFunctions } from "./scalar/logarithm.ts";
import { mapFunctions } from "./scalar/map.ts";
import { maskFunctions } from "./scalar/mask.ts";
import { numberFunctions } from "./scalar/number.ts";
import { regexpFunctions } from "./scalar/regexp.ts";
import { textFunctions } from "./scalar/text.ts";
import { textPartFunctions } from "./scalar/text-parts.ts";
import { timeFunctions } from "./scalar/time.ts";
import { timeTextFunctions } from "./scalar/time-text.ts";
import { trigonometryFunctions } from "./scalar/trigonometry.ts";
import { urlFunctions } from "./scalar/url.ts";
import type { Accumulator, AggregateFunction, ScalarFunction } from "./spec.ts";
import { byName, userAggregate, userFunctions, userScalar } from "./user-functions.ts";

/** By family, as the documentation shows them: a family is a file. */
export const SCALAR_FAMILIES: Readonly<Record<string, readonly ScalarFunction[]>> = {
  Texts: [...textFunctions, ...textPartFunctions],
  "Regular expressions": regexpFunctions,
  Masks: maskFunctions,
  URLs: urlFunctions,
  Digests: hashFunctions,
  Bytes: bytesFunctions,
  Numbers: [...numberFunctions, ...logarithmFunctions],
  Trigonometry: trigonometryFunctions,
  Places: geoFunctions,
  Conditions: conditionFunctions,
  Times: [...timeFunctions, ...timeTextFunctions],
  JSON: jsonFunctions,
  Arrays: [...arrayFunctions, ...cubeFunctions],
  Maps: mapFunctions,
  "Functions of functions": lambdaFunctions,
  "Ids and chance": chanceFunctions,
};

export const SCALAR_FUNCTIONS: readonly ScalarFunction[] = Object.values(SCALAR_FAMILIES).flat();

/** Those whose state is a few numbers for each group, computed by generated code. */
export const AGGREGATE_FUNCTIONS: readonly AggregateFunction[] = [count, sum, avg, min, max, ...varianceFunctions];

/** Those whose state is an object. */
export const OBJECT_FAMILIES: Readonly<Record<string, readonly ObjectAggregate[]>> = {
  "Which one": orderFunctions,
  Lists: collectFunctions,
  "Greatest and least": topFunctions,
  Quantiles: sketchFunctions,
  Pairs: pairFunctions,
  Conditions: logicFunctions,
};

export const OBJECT_AGGREGATES: readonly ObjectAggregate[] = Object.values(OBJECT_FAMILIES).flat();

const scalars = byName(SCALAR_FUNCTIONS);
const aggregates = byName(AGGREGATE_FUNCTIONS);
const objects = byName(OBJECT_AGGREGATES);
/** What cannot be a few numbers is computed by these, under the same names. */
const exact = byName(exactForms);

/** By name or synonym, in any case; null: there is none. */
export function scalarFunction(name: string): ScalarFunction | null {
  const lower = name.toLowerCase();
  return scalars.get(lower) ?? userScalar(lower);
}

/** By name or synonym, in any case; null: there is none. */
export function aggregateFunction(name: string): AggregateFunction | null {
  return aggregates.get(name.toLowerCase()) ?? null;
}

/** The aggregate whose state is an object, by name or synonym, in any case; null: there is none. */
export function objectAggregate(name: string): ObjectAggregate | null {
  const lower = name.toLowerCase();
  return objects.get(lower) ?? userAggregate(lower);
}

/** The form of an aggregate for arguments that are no numbers of cells (decimals, texts), and for DISTINCT; null: there is none. */
export function exactForm(name: string): ObjectAggregate | null {
  return exact.get(name.toLowerCase()) ?? null;
}

/** Whether the name is one of our own tables. */
export function isBuiltIn(name: string): boolean {
  return [scalars, aggregates, objects].some((table) => table.has(name.toLowerCase()));
}

/** How an aggregate is computed for the type of its argument; null: its state is an object. */
export function accumulatorOf(aggregate: BoundAggregate): Accumulator | null {
  const { name, argument } = aggregate;
  const spec = isOfCells(aggregate) ? must(aggregateFunction(name), name) : null;
  return spec === null ? null : formOf(spec, argument);
}

const COMPARABLE: readonly DataType["kind"][] = ["timestamp", "date", "time"];

type Computed = Pick<BoundAggregate, "name" | "argument" | "distinct" | "handling">;

/** Whether generated code computes it: where the argument is what a cell holds, each row counts, and cells tell what is to be known. */
export function isOfCells(aggregate: Computed): boolean {
  const spec = aggregateFunction(aggregate.name);
  if (spec === null || !fitsCells(aggregate, spec)) return false;
  return aggregate.handling !== "retracted" || formOf(spec, aggregate.argument).retract !== undefined;
}

function formOf(spec: AggregateFunction, argument: BoundExpr | null): Accumulator {
  return spec.variants?.[argument?.type.kind ?? "null"] ?? spec;
}

function fitsCells({ name, argument, distinct }: Computed, spec: AggregateFunction): boolean {
  if (distinct) return false;
  if (argument === null || spec.parameter === "any" || exactForm(name) === null) return true;
  const { type } = argument;
  if (type.kind === "any" || type.kind === "null" || (isNumeric(type) && type.kind !== "decimal")) return true;
  return spec.parameter === "comparable" && COMPARABLE.includes(type.kind);
}

/** The collectors of those aggregates of a statement whose state is an object, in their order. */
export function collectorsOf(bound: readonly BoundAggregate[]): readonly Collector[] {
  return bound.filter((aggregate) => !isOfCells(aggregate)).map(collectorOf);
}

/** Whether the offset of a row follows its arguments, where the state is an object. */
export function isPositioned(aggregate: BoundAggregate): boolean {
  return collectorOf(aggregate).positioned === true;
}

/** How an aggregate is computed whose state is an object. */
export function collectorOf(aggregate: BoundAggregate): Collector {
  const { name, type, distinct, handling } = aggregate;
  const args = argumentsOf(aggregate);
  const make = (form: CollectorForm): Collector =>
    form(
      args.map((argument) => argument.type),
      args.map(literalOf),
      type,
    );
  const cells = aggregateFunction(name);
  const spec = objectAggregate(name) ?? exactForm(name);
  if (spec === null) return make(must(cells?.retracting, name));
  const collector = make(spec.collector);
  const taking = distinct ? distinctly(collector, args.length) : collector;
  if (handling === undefined) return taking as Collector;
  if (handling !== "retracted") {
    if (taking.merge !== undefined) return taking as Collector;
    return spec.merging === undefined || distinct ? keptRowsOf(taking) : make(spec.merging);
  }
  if (distinct) return collector.merge === undefined ? keptRowsOf(taking) : (recomputed(collector, args.length, 1) as Collector);
  if (collector.retract !== undefined) return collector;
  return spec.retracting === undefined ? keptRowsOf(collector) : make(spec.retracting);
}

const keptRowsOf = (collector: unknown): Collector => keptRows(collector as Collector) as Collector;

/** All arguments of an aggregate. */
export function argumentsOf({ argument, more }: BoundAggregate): readonly BoundExpr[] {
  return argument === null ? [] : [argument, ...more];
}

function literalOf(argument: BoundExpr): Value | undefined {
  return argument.kind === "literal" ? argument.value : undefined;
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
    ...[...SCALAR_FUNCTIONS, ...userFunctions().scalars].map(({ name, synonyms, doc, parameters }) => ({
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
    ...[...OBJECT_AGGREGATES, ...userFunctions().aggregates].map(({ name, synonyms, doc, parameters }) => ({
      name,
      synonyms,
      kind: "aggregate" as const,
      signature: signature(name, parameters),
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

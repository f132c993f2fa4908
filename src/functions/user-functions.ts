import { createHash } from "node:crypto";
import type { DataType, ScalarKind } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { type Collector, type ObjectAggregate, plain } from "./collector.ts";
import type { Parameter, ParameterType, ScalarFunction } from "./spec.ts";

/** Functions of the project itself, beside those of the tables. One project is open at a time. */
export interface UserFunctions {
  readonly scalars: readonly ScalarFunction[];
  readonly aggregates: readonly ObjectAggregate[];
}

const NONE: UserFunctions = { scalars: [], aggregates: [] };
let current = NONE;
let scalars = byName(NONE.scalars);
let aggregates = byName(NONE.aggregates);

/** Takes the place of those that were there. */
export function setUserFunctions(functions: UserFunctions): void {
  current = functions;
  scalars = byName(functions.scalars);
  aggregates = byName(functions.aggregates);
}

export function userFunctions(): UserFunctions {
  return current;
}

export function userScalar(name: string): ScalarFunction | null {
  return scalars.get(name) ?? null;
}

export function userAggregate(name: string): ObjectAggregate | null {
  return aggregates.get(name) ?? null;
}

/** By name and synonym, in lower case. */
export function byName<F extends { readonly name: string; readonly synonyms: readonly string[] }>(
  specs: readonly F[],
): ReadonlyMap<string, F> {
  return new Map(specs.flatMap((spec) => [spec.name, ...spec.synonyms].map((name) => [name, spec] as const)));
}

const WORDS: readonly string[] = ["any", "boolean", "number", "numeric", "integer", "string", "text", "timestamp", "same"];
const KINDS: readonly ScalarKind[] = [
  "any",
  "boolean",
  "int",
  "bigint",
  "double",
  "string",
  "bytes",
  "timestamp",
  "date",
  "time",
  "interval",
];

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

/**
 * A definition as a module of the project exports it: the shape of our own tables, where types may be written by their names. Throws
 * TypeError for what is none.
 */
export function definitionOf(exported: unknown): ScalarFunction | ObjectAggregate {
  const given = objectOf(exported, "a definition");
  const { name, synonyms = [], parameters, result, doc, implement, collector } = given;
  if (typeof name !== "string" || !/^[a-z_][a-z0-9_]*$/i.test(name)) throw new TypeError("`name` must be a word");
  if (!Array.isArray(synonyms) || synonyms.some((synonym) => typeof synonym !== "string")) throw new TypeError("`synonyms` must be texts");
  if (!Array.isArray(parameters)) throw new TypeError("`parameters` must be an array");
  if (typeof doc !== "string" || doc === "") throw new TypeError("`doc` must say in a sentence what the function gives");
  const known = {
    name: name.toLowerCase(),
    synonyms: synonyms.map((synonym: string) => synonym.toLowerCase()),
    parameters: parameters.map(parameterOf),
    result: typeOf(result, "`result`"),
    doc,
    examples: [],
    version: createHash("sha256")
      .update(`${JSON.stringify(parameters)} ${implement} ${collector}`)
      .digest("base64url")
      .slice(0, 16),
    ...(given["nullable"] === true ? ({ nullable: true } as const) : {}),
  };
  for (const part of [implement, collector]) {
    if (part instanceof AsyncFunction) throw new TypeError("an async function cannot be called for a row: give what it gives at once");
  }
  if (typeof implement === "function") return scalarOf(known, implement as (...values: readonly Value[]) => unknown);
  if (typeof collector !== "function") throw new TypeError("`implement` (or, of an aggregate, `collector`) must be a function");
  return {
    ...known,
    collector: (...types) => collectorOf((collector as (...given: readonly unknown[]) => unknown)(...types), known.result),
  };
}

function scalarOf(known: Omit<ScalarFunction, "implement">, implement: (...values: readonly Value[]) => unknown): ScalarFunction {
  const check = checkOf(known.result as DataType);
  const guarded = (...values: readonly Value[]): Value => guard(() => check(implement(...values)));
  // Not by its name from a table, since the table of generated code is made once.
  return { ...known, implement: guarded, specialize: () => guarded };
}

function collectorOf(made: unknown, result: DataType): Collector {
  const given = objectOf(made, "what `collector` gives");
  const { create, add, merge, retract, result: finish, save, load } = given as unknown as Collector;
  for (const [name, part] of Object.entries({ create, add, result: finish })) {
    if (typeof part !== "function") throw new RangeError(`the collector has no function \`${name}\``);
  }
  for (const [name, part] of Object.entries({ merge, retract })) {
    if (part !== undefined && typeof part !== "function") throw new RangeError(`\`${name}\` of the collector is no function`);
  }
  const check = checkOf(result);
  const guarded = {
    create: () => guard(() => create()),
    add: (state: unknown, ...values: readonly Value[]) => guard(() => Number(add(state, ...values)) || 0),
    ...(merge === undefined ? {} : { merge: (state: unknown, other: unknown) => guard(() => Number(merge(state, other)) || 0) }),
    ...(retract === undefined
      ? {}
      : { retract: (state: unknown, ...values: readonly Value[]) => guard(() => Number(retract(state, ...values)) || 0) }),
    result: (state: unknown) => guard(() => check(finish(state))),
  };
  if (save === undefined || load === undefined) return plain(guarded as Collector<Value>) as Collector;
  return { ...guarded, save: (state) => guard(() => save(state)), load: (kept) => guard(() => load(kept)) };
}

/** Whatever a function of the project throws is the error of the row. */
function guard<R>(run: () => R): R {
  try {
    return run();
  } catch (error) {
    throw new RangeError(error instanceof Error ? `${error.message}${placeOf(error)}` : String(error));
  }
}

/** " (celsius.ts:7)" of what is a mistake in the code; what it throws on purpose says what it means. */
function placeOf(error: Error): string {
  if (error.name === "Error" || error.name === "RangeError") return "";
  const [, file, line] = /([^/\\(]+\.[cm]?[jt]s)(?:\?[^:)]*)?:(\d+)/.exec(error.stack?.split("\n    at ")[1] ?? "") ?? [];
  return file === undefined ? "" : ` (${file}:${line})`;
}

const JAVASCRIPT: Readonly<Partial<Record<DataType["kind"], string>>> = {
  boolean: "boolean",
  double: "number",
  timestamp: "number",
  date: "number",
  time: "number",
  string: "string",
};

function checkOf(type: DataType): (value: unknown) => Value {
  const wanted = JAVASCRIPT[type.kind];
  const isOfType = (value: unknown): boolean => {
    if (type.kind === "int") return Number.isInteger(value);
    if (type.kind === "bigint") return Number.isSafeInteger(value) || typeof value === "bigint";
    if (type.kind === "array") return Array.isArray(value);
    if (type.kind === "bytes") return value instanceof Uint8Array;
    if (type.kind === "map" || type.kind === "struct" || type.kind === "interval") return typeof value === "object";
    return wanted === undefined || typeof value === wanted;
  };
  return (value) => {
    if (value === undefined || value === null) return null;
    if (value instanceof Promise) throw new RangeError("the function gave a promise: what it gives must be there at once");
    if (isOfType(value)) return value as Value;
    throw new RangeError(
      `the function gave ${typeof value === "object" ? "an object" : JSON.stringify(value)}, not ${type.kind.toUpperCase()}`,
    );
  };
}

function parameterOf(given: unknown, index: number): Parameter {
  const { name, type, optional, repeated, literal, oneOf } = objectOf(given, `parameter ${index + 1}`);
  if (typeof name !== "string") throw new TypeError(`parameter ${index + 1} has no \`name\``);
  const isWord = typeof type === "string" && WORDS.includes(type);
  return {
    name,
    type: isWord ? (type as ParameterType) : typeOf(type, `the type of parameter '${name}'`),
    ...(optional === true ? { optional } : {}),
    ...(repeated === true ? { repeated } : {}),
    ...(literal === true ? { literal } : {}),
    ...(Array.isArray(oneOf) ? { oneOf: oneOf.map(String) } : {}),
  };
}

/** `"double"`, or a type as it is told in the tables. */
function typeOf(given: unknown, what: string): DataType {
  if (typeof given === "string") {
    const kind = KINDS.find((known) => known === given.toLowerCase());
    if (kind === undefined) throw new TypeError(`${what} is '${given}', which is no type; use ${KINDS.join(", ")}`);
    return { kind };
  }
  const type = objectOf(given, what);
  switch (type["kind"]) {
    case "array":
      return { kind: "array", element: typeOf(type["element"], what) };
    case "map":
      return { kind: "map", value: typeOf(type["value"], what) };
    case "struct":
      return { kind: "struct", fields: fieldsOf(type["fields"], what) };
    case "decimal":
      return { kind: "decimal", precision: Number(type["precision"]), scale: Number(type["scale"]) };
    default:
      return typeOf(type["kind"], what);
  }
}

function fieldsOf(fields: unknown, what: string): { readonly name: string; readonly type: DataType }[] {
  if (!Array.isArray(fields)) throw new TypeError(`${what} is a struct without \`fields\``);
  return fields.map((field) => {
    const { name, type } = objectOf(field, `a field of ${what}`);
    return { name: String(name), type: typeOf(type, `field '${String(name)}' of ${what}`) };
  });
}

function objectOf(given: unknown, what: string): Readonly<Record<string, unknown>> {
  if (given === null || typeof given !== "object" || Array.isArray(given)) throw new TypeError(`${what} must be an object`);
  return given as Readonly<Record<string, unknown>>;
}

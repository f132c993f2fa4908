import { BOOLEAN, STRING } from "../../model/type.ts";
import type { Callable, ObjectValue, Value } from "../../model/value.ts";
import { mapFrom } from "../map-from.ts";
import { list, map } from "../parameters.ts";
import { arrayOf, lambda, mapOf, type ScalarFunction, T, U } from "../spec.ts";

type Values = readonly Value[];

/** Functions that are given a function: `x => x * 2`, `(sum, x) => sum + x`. */
export const lambdaFunctions: readonly ScalarFunction[] = [
  {
    name: "list_transform",
    synonyms: ["transform", "array_transform", "list_apply", "apply"],
    ofMap: "map_transform",
    parameters: [list(), { name: "function", type: lambda([T], U) }],
    result: arrayOf(U),
    doc: "The array of what the function makes of each element; of a map it is `map_transform`.",
    examples: [{ sql: "list_transform(ARRAY[1, 2, 3], x => x * 2)", result: [2, 4, 6] }],
    implement: (values: Values, apply: Callable) => values.map((value) => apply(value)),
  },
  {
    name: "list_filter",
    synonyms: ["array_filter", "filter"],
    ofMap: "map_filter",
    parameters: [list(), { name: "function", type: lambda([T], BOOLEAN) }],
    result: arrayOf(T),
    doc: "The elements for which the function is true; of a map it is `map_filter`.",
    examples: [{ sql: "list_filter(ARRAY[1, 5, 9], x => x > 2)", result: [5, 9] }],
    implement: (values: Values, keep: Callable) => values.filter((value) => keep(value) === true),
  },
  {
    name: "list_reduce",
    synonyms: ["array_reduce", "reduce"],
    ofMap: "map_reduce",
    parameters: [list(), { name: "initial", type: U }, { name: "function", type: lambda([U, T], U) }],
    result: U,
    doc: "What remains when the function has taken in one element after the other, beginning with the initial value.",
    differs: "DuckDB's arguments are in another order: the initial value comes last.",
    examples: [{ sql: "list_reduce(ARRAY[1, 2, 3], 10, (sum, x) => sum + x)", result: 16, duckdb: null }],
    implement: (values: Values, initial: Value, apply: Callable) => values.reduce((state, value) => apply(state, value), initial),
  },
  {
    name: "map_transform",
    synonyms: [],
    parameters: [map(), { name: "keys", type: lambda([STRING, T], STRING) }, { name: "values", type: lambda([STRING, T], U) }],
    result: mapOf(U),
    doc: "The map with what one function makes of each entry as its key, and another one as its value.",
    examples: [
      { sql: "map_transform(MAP('a' := 1), (k, v) => upper(k), (k, v) => v + 1)", result: { A: 2 }, duckdb: null },
      { sql: "transform(MAP('a' := 1), (k, v) => k, (k, v) => v * 2)", result: { a: 2 }, duckdb: null },
    ],
    implement: (given: ObjectValue, key: Callable, value: Callable) =>
      mapFrom(Object.entries(given).map(([k, v]) => [textOf(key(k, v)), value(k, v)])),
  },
  {
    name: "map_filter",
    synonyms: [],
    parameters: [map(), { name: "function", type: lambda([STRING, T], BOOLEAN) }],
    result: mapOf(T),
    doc: "The entries of a map for which the function is true.",
    examples: [{ sql: "map_filter(MAP('a' := 1, 'b' := 2), (k, v) => v > 1)", result: { b: 2 }, duckdb: null }],
    implement: (given: ObjectValue, keep: Callable) => mapFrom(Object.entries(given).filter(([k, v]) => keep(k, v) === true)),
  },
  {
    name: "map_reduce",
    synonyms: [],
    parameters: [map(), { name: "initial", type: U }, { name: "function", type: lambda([U, STRING, T], U) }],
    result: U,
    doc: "What remains when the function has taken in one entry after the other, beginning with the initial value.",
    examples: [{ sql: "map_reduce(MAP('a' := 1, 'b' := 2), 10, (sum, k, v) => sum + v)", result: 13, duckdb: null }],
    implement: (given: ObjectValue, initial: Value, apply: Callable) =>
      Object.entries(given).reduce((state, [k, v]) => apply(state, k, v), initial),
  },
  {
    name: "any_match",
    synonyms: ["list_any_match"],
    parameters: [list(), { name: "function", type: lambda([T], BOOLEAN) }],
    result: BOOLEAN,
    doc: "Whether the function is true for an element.",
    examples: [{ sql: "any_match(ARRAY[1, 5], x => x > 2)", result: true, duckdb: null }],
    implement: (values: Values, holds: Callable) => values.some((value) => holds(value) === true),
  },
  {
    name: "all_match",
    synonyms: ["list_all_match"],
    parameters: [list(), { name: "function", type: lambda([T], BOOLEAN) }],
    result: BOOLEAN,
    doc: "Whether the function is true for all elements.",
    examples: [{ sql: "all_match(ARRAY[1, 5], x => x > 2)", result: false, duckdb: null }],
    implement: (values: Values, holds: Callable) => values.every((value) => holds(value) === true),
  },
];

function textOf(key: Value): string {
  if (typeof key !== "string") throw new RangeError("a key is null");
  return key;
}

import { LIMITS } from "../../limits.ts";
import { BIGINT, BOOLEAN, type DataType, STRING } from "../../model/type.ts";
import type { Value } from "../../model/value.ts";
import { compareValues, equalValues } from "../compare-values.ts";
import { integer, list, optional, repeated, text } from "../parameters.ts";
import { arrayOf, type ScalarFunction, T } from "../spec.ts";
import { distinctOf, ValueSet } from "../value-set.ts";

type Values = readonly Value[];

const ELEMENT = { name: "element", type: T } as const;

/** Elements are counted from 1; a negative place counts from the last. Functions leave the order of what they keep. */
export const arrayFunctions: readonly ScalarFunction[] = [
  {
    name: "array_length",
    synonyms: ["cardinality", "array_size"],
    parameters: [list()],
    result: BIGINT,
    doc: "The number of elements.",
    examples: [{ sql: "array_length(ARRAY[1, 2, 3])", result: 3, duckdb: "array_length([1, 2, 3])" }],
    implement: (values: Values) => values.length,
  },
  {
    name: "array_contains",
    synonyms: ["list_contains", "list_has", "array_has"],
    parameters: [list(), ELEMENT],
    result: BOOLEAN,
    doc: "Whether an element is equal to the value; NULL is equal to NULL.",
    differs: "In DuckDB a NULL is never found.",
    examples: [
      { sql: "array_contains(ARRAY[1, 2, 3], 2)", result: true, duckdb: "list_contains([1, 2, 3], 2)" },
      { sql: "array_contains(ARRAY[1, NULL], NULL)", result: true, duckdb: null },
    ],
    nullable: true,
    implement: (values: Values | null, element: Value) => (values === null ? null : values.some((value) => equalValues(value, element))),
  },
  {
    name: "array_position",
    synonyms: ["list_position", "list_indexof", "array_indexof"],
    parameters: [list(), ELEMENT],
    result: BIGINT,
    doc: "The place of the first element that is equal to the value, NULL where there is none; NULL is equal to NULL.",
    examples: [{ sql: "array_position(ARRAY['a', 'b'], 'b')", result: 2, duckdb: "list_position(['a', 'b'], 'b')" }],
    nullable: true,
    implement: (values: Values | null, element: Value) => {
      const at = values?.findIndex((value) => equalValues(value, element)) ?? -1;
      return at < 0 ? null : at + 1;
    },
  },
  {
    name: "array_distinct",
    synonyms: ["list_distinct"],
    parameters: [list()],
    result: arrayOf(T),
    doc: "Every value once, where it comes first.",
    differs: "DuckDB leaves out NULL, and promises no order.",
    examples: [{ sql: "array_distinct(ARRAY[1, 2, 1, NULL, NULL])", result: [1, 2, null], duckdb: null }],
    implement: distinctOf,
  },
  {
    name: "array_concat",
    synonyms: ["list_concat", "array_cat", "list_cat"],
    parameters: [list("first"), repeated(list("more"))],
    result: arrayOf(T),
    doc: "All elements of all arrays; a NULL in place of an array is left out.",
    differs: "DuckDB makes an empty array of nothing but NULLs.",
    examples: [{ sql: "array_concat(ARRAY[1, 2], ARRAY[2, 3])", result: [1, 2, 2, 3], duckdb: "list_concat([1, 2], [2, 3])" }],
    nullable: true,
    implement: (...lists: (Values | null)[]) =>
      lists.every((values) => values === null) ? null : fitting(lists.flatMap((values) => values ?? [])),
  },
  {
    name: "array_append",
    synonyms: ["list_append"],
    parameters: [list(), ELEMENT],
    result: arrayOf(T),
    doc: "The array with one element more at its end.",
    examples: [{ sql: "array_append(ARRAY[1, 2], 3)", result: [1, 2, 3], duckdb: "list_append([1, 2], 3)" }],
    nullable: true,
    implement: (values: Values | null, element: Value) => fitting([...(values ?? []), element]),
  },
  {
    name: "array_prepend",
    synonyms: ["list_prepend"],
    parameters: [ELEMENT, list()],
    result: arrayOf(T),
    doc: "The array with one element more at its start.",
    examples: [{ sql: "array_prepend(0, ARRAY[1, 2])", result: [0, 1, 2], duckdb: "list_prepend(0, [1, 2])" }],
    nullable: true,
    implement: (element: Value, values: Values | null) => fitting([element, ...(values ?? [])]),
  },
  {
    name: "array_except",
    synonyms: [],
    parameters: [list(), list("removed")],
    result: arrayOf(T),
    doc: "Every value of the first array once, but for those of the second.",
    examples: [{ sql: "array_except(ARRAY[1, 2, 3, 1], ARRAY[2])", result: [1, 3], duckdb: null }],
    implement: (values: Values, removed: Values) => {
      const out = new ValueSet(removed);
      return distinctOf(values).filter((value) => !out.has(value));
    },
  },
  {
    name: "array_intersect",
    synonyms: ["list_intersect"],
    parameters: [list(), list("other")],
    result: arrayOf(T),
    doc: "Every value that is in both arrays once, in the order of the first.",
    differs: "DuckDB gives an empty array where one of them is NULL.",
    examples: [
      { sql: "array_intersect(ARRAY[1, 2, 3, 1], ARRAY[3, 1])", result: [1, 3], duckdb: "list_sort(list_intersect([1, 2, 3, 1], [3, 1]))" },
    ],
    implement: (values: Values, other: Values) => {
      const kept = new ValueSet(other);
      return distinctOf(values).filter((value) => kept.has(value));
    },
  },
  {
    name: "array_union",
    synonyms: [],
    parameters: [list(), list("other")],
    result: arrayOf(T),
    doc: "Every value that is in one of both arrays once.",
    examples: [{ sql: "array_union(ARRAY[1, 2, 1], ARRAY[3, 2])", result: [1, 2, 3], duckdb: null }],
    implement: (values: Values, other: Values) => fitting(distinctOf([...values, ...other])),
  },
  {
    name: "array_remove",
    synonyms: ["list_remove"],
    parameters: [list(), ELEMENT],
    result: arrayOf(T),
    doc: "The array without the elements that are equal to the value.",
    examples: [{ sql: "array_remove(ARRAY[1, 2, 1], 1)", result: [2], duckdb: null }],
    nullable: true,
    implement: (values: Values | null, element: Value) => values?.filter((value) => !equalValues(value, element)) ?? null,
  },
  {
    name: "array_max",
    synonyms: ["list_max"],
    parameters: [list()],
    result: T,
    doc: "The greatest element that is not null, NULL where there is none.",
    examples: [{ sql: "array_max(ARRAY[3, NULL, 7])", result: 7, duckdb: "list_max([3, NULL, 7])" }],
    implement: (values: Values) => extreme(values, 1),
  },
  {
    name: "array_min",
    synonyms: ["list_min"],
    parameters: [list()],
    result: T,
    doc: "The least element that is not null, NULL where there is none.",
    examples: [{ sql: "array_min(ARRAY['b', 'a'])", result: "a", duckdb: "list_min(['b', 'a'])" }],
    implement: (values: Values) => extreme(values, -1),
  },
  {
    name: "array_sort",
    synonyms: ["list_sort"],
    parameters: [list(), optional({ ...text("direction"), oneOf: ["asc", "ascending", "desc", "descending"] })],
    result: arrayOf(T),
    doc: "The elements in order, or with 'DESC' the other way round; nulls come last.",
    examples: [
      { sql: "array_sort(ARRAY[3, NULL, 1, 2])", result: [1, 2, 3, null], duckdb: "list_sort([3, NULL, 1, 2], 'ASC', 'NULLS LAST')" },
      { sql: "array_sort(ARRAY[3, 1, 2], 'DESC')", result: [3, 2, 1], duckdb: "list_sort([3, 1, 2], 'DESC')" },
    ],
    implement: (values: Values, direction = "asc") => {
      const sign = direction.toLowerCase().startsWith("desc") ? -1 : 1;
      return [...values].sort((left, right) => {
        if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
        return sign * compareValues(left, right);
      });
    },
  },
  {
    name: "array_reverse",
    synonyms: ["list_reverse"],
    parameters: [list()],
    result: arrayOf(T),
    doc: "The elements from the last to the first.",
    examples: [{ sql: "array_reverse(ARRAY[1, 2, 3])", result: [3, 2, 1], duckdb: "list_reverse([1, 2, 3])" }],
    implement: (values: Values) => [...values].reverse(),
  },
  {
    name: "array_join",
    synonyms: ["array_to_string"],
    parameters: [{ name: "array", type: arrayOf(STRING) }, optional(text("separator"))],
    result: STRING,
    doc: "The elements as one text with the separator, a comma if not given, between them; nulls are left out.",
    differs: "ksqlDB writes `null` for a null.",
    examples: [{ sql: "array_join(ARRAY['a', NULL, 'b'], '/')", result: "a/b", duckdb: "array_to_string(['a', NULL, 'b'], '/')" }],
    implement: (values: Values, separator = ",") => values.filter((value) => value !== null).join(separator),
  },
  {
    name: "slice",
    synonyms: ["list_slice", "array_slice"],
    parameters: [list(), integer("from"), integer("to")],
    result: arrayOf(T),
    doc: "The elements from one place to another, both of them included.",
    examples: [
      { sql: "slice(ARRAY['a', 'b', 'c', 'd'], 2, 3)", result: ["b", "c"], duckdb: "list_slice(['a', 'b', 'c', 'd'], 2, 3)" },
      { sql: "slice(ARRAY['a', 'b', 'c'], -2, -1)", result: ["b", "c"], duckdb: "list_slice(['a', 'b', 'c'], -2, -1)" },
    ],
    implement: (values: Values, from: number, to: number) => {
      const start = from < 0 ? Math.max(values.length + from, 0) : Math.max(from - 1, 0);
      return values.slice(start, to < 0 ? Math.max(values.length + to + 1, 0) : to);
    },
  },
  {
    name: "element_at",
    synonyms: ["list_extract", "array_extract"],
    parameters: [list(), integer("place")],
    result: T,
    doc: "The element at a place, NULL where there is none; the same as `array[place]`.",
    examples: [{ sql: "element_at(ARRAY['a', 'b'], -1)", result: "b", duckdb: "list_extract(['a', 'b'], -1)" }],
    implement: (values: Values, place: number) => (place === 0 ? null : (values.at(place > 0 ? place - 1 : place) ?? null)),
  },
  {
    name: "flatten",
    synonyms: [],
    parameters: [{ name: "arrays", type: arrayOf(arrayOf(T)) }],
    result: arrayOf(T),
    doc: "The elements of the arrays in an array.",
    examples: [{ sql: "flatten(ARRAY[ARRAY[1, 2], ARRAY[3]])", result: [1, 2, 3], duckdb: "flatten([[1, 2], [3]])" }],
    implement: (lists: readonly (Values | null)[]) => fitting(lists.flatMap((values) => values ?? [])),
  },
  {
    name: "generate_series",
    synonyms: [],
    parameters: [integer("from"), integer("to"), optional(integer("step"))],
    result: { kind: "array", element: BIGINT },
    doc: "The integers from one to another, both of them included, in steps of 1 or as given.",
    examples: [
      { sql: "generate_series(1, 4)", result: [1, 2, 3, 4] },
      { sql: "generate_series(5, 1, -2)", result: [5, 3, 1] },
    ],
    implement: (from: number, to: number, step = 1) => {
      if (step === 0) throw new RangeError("the step is 0");
      const count = Math.max(Math.floor((to - from) / step) + 1, 0);
      return Array.from({ length: bounded(count) }, (_, index) => from + index * step);
    },
  },
  {
    name: "split",
    synonyms: ["string_split", "str_split", "string_to_array"],
    parameters: [text(), text("separator")],
    result: { kind: "array", element: STRING },
    doc: "The parts between separators; of an empty separator the characters.",
    examples: [
      { sql: "split('home/7/hall', '/')", result: ["home", "7", "hall"] },
      { sql: "split('abc', '')", result: ["a", "b", "c"] },
    ],
    implement: (value: string, separator: string) => separated(value, separator),
  },
  {
    name: "elt",
    synonyms: [],
    parameters: [integer("place"), repeated({ name: "value", type: "same" })],
    result: (types: readonly DataType[]) => types[1] as DataType,
    doc: "The value at that place among those that follow, NULL where there is none.",
    examples: [{ sql: "elt(2, 'a', 'b')", result: "b", duckdb: null }],
    nullable: true,
    implement: (place: number | null, ...values: Value[]) => (place === null ? null : (values[place - 1] ?? null)),
  },
  {
    name: "field",
    synonyms: [],
    parameters: [text(), repeated(text("value"))],
    result: BIGINT,
    doc: "At which place among those that follow the text is, 0 where it is not.",
    examples: [{ sql: "field('b', 'a', 'b')", result: 2, duckdb: null }],
    nullable: true,
    implement: (value: string | null, ...values: (string | null)[]) => (value === null ? 0 : values.indexOf(value) + 1),
  },
];

function extreme(values: Values, direction: 1 | -1): Value {
  let best: Value = null;
  for (const value of values) if (value !== null && (best === null || compareValues(value, best) * direction > 0)) best = value;
  return best;
}

/** Not JavaScript's split alone, which makes nothing of an empty text. */
function separated(value: string, separator: string): string[] {
  if (value === "") return [""];
  return separator === "" ? [...value] : value.split(separator);
}

function bounded(count: number): number {
  if (count > LIMITS.arrayElementsMax)
    throw new RangeError(`the array would have more than ${LIMITS.arrayElementsMax} elements (arrayElementsMax)`);
  return count;
}

function fitting<E>(values: readonly E[]): readonly E[] {
  bounded(values.length);
  return values;
}

import { BIGINT, BOOLEAN, type DataType, STRING } from "../../model/type.ts";
import type { ObjectValue, Value } from "../../model/value.ts";
import { compareText } from "../compare-text.ts";
import { mapFrom } from "../map-from.ts";
import { list, map, optional, repeated, text } from "../parameters.ts";
import { arrayOf, mapOf, type ScalarFunction, T } from "../spec.ts";

const SAMPLE = "MAP('a' := 1, 'b' := 2)";

/** Keys are texts; maps keep the order in which their keys came. */
export const mapFunctions: readonly ScalarFunction[] = [
  {
    name: "map_keys",
    synonyms: [],
    parameters: [map()],
    result: { kind: "array", element: STRING },
    doc: "The keys of a map.",
    examples: [{ sql: `map_keys(${SAMPLE})`, result: ["a", "b"] }],
    implement: (given: ObjectValue) => Object.keys(given),
  },
  {
    name: "map_values",
    synonyms: [],
    parameters: [map()],
    result: arrayOf(T),
    doc: "The values of a map, in the order of its keys.",
    examples: [{ sql: `map_values(${SAMPLE})`, result: [1, 2] }],
    implement: (given: ObjectValue) => Object.values(given),
  },
  {
    name: "map_size",
    synonyms: [],
    parameters: [map()],
    result: BIGINT,
    doc: "The number of keys.",
    examples: [{ sql: `map_size(${SAMPLE})`, result: 2, duckdb: "cardinality(MAP {'a': 1, 'b': 2})" }],
    implement: (given: ObjectValue) => Object.keys(given).length,
  },
  {
    name: "map_contains",
    synonyms: ["map_contains_key"],
    parameters: [map(), text("key")],
    result: BOOLEAN,
    doc: "Whether the map has the key.",
    examples: [{ sql: `map_contains(${SAMPLE}, 'c')`, result: false }],
    implement: (given: ObjectValue, key: string) => Object.hasOwn(given, key),
  },
  {
    name: "map_union",
    synonyms: ["map_concat"],
    parameters: [map("first"), repeated(map("more"))],
    result: mapOf(T),
    doc: "One map of several; of a key that is in several maps the last value counts.",
    examples: [{ sql: `map_union(${SAMPLE}, MAP('b' := 3))`, result: { a: 1, b: 3 }, duckdb: null }],
    nullable: true,
    implement: (...maps: (ObjectValue | null)[]) => {
      const given = maps.filter((one) => one !== null);
      return given.length === 0 ? null : mapFrom(given.flatMap((one) => Object.entries(one)));
    },
  },
  {
    name: "as_map",
    synonyms: ["map_from_arrays"],
    parameters: [{ name: "keys", type: arrayOf(STRING) }, list("values")],
    result: mapOf(T),
    doc: "A map of an array of keys and an array of as many values.",
    examples: [{ sql: "as_map(ARRAY['a', 'b'], ARRAY[1, 2])", result: { a: 1, b: 2 }, duckdb: null }],
    implement: (keys: readonly (string | null)[], values: readonly Value[]) => {
      if (keys.length !== values.length) throw new RangeError(`there are ${keys.length} keys, but ${values.length} values`);
      return mapFrom(keys.map((key, index) => [keyText(key), values[index] ?? null]));
    },
  },
  {
    name: "map_entries",
    synonyms: [],
    parameters: [map()],
    result: (types) => arrayType([STRING, valueType(types)], ["key", "value"]),
    doc: "The entries of a map as structs of `key` and `value`.",
    examples: [{ sql: "map_entries(MAP('a' := 1))", result: [{ key: "a", value: 1 }] }],
    implement: (given: ObjectValue) => Object.entries(given).map(([key, value]) => ({ key, value })),
  },
  {
    name: "entries",
    synonyms: [],
    parameters: [map(), optional({ name: "sorted", type: "boolean" })],
    result: (types) => arrayType([STRING, valueType(types)], ["K", "V"]),
    doc: "The entries of a map as structs of `K` and `V`, by key if so wanted.",
    examples: [
      {
        sql: "entries(MAP('b' := 2, 'a' := 1), TRUE)",
        result: [
          { K: "a", V: 1 },
          { K: "b", V: 2 },
        ],
        duckdb: null,
      },
    ],
    implement: (given: ObjectValue, sorted = false) => {
      const entries = Object.entries(given).map(([K, V]) => ({ K, V }));
      return sorted ? entries.sort((left, right) => compareText(left.K, right.K)) : entries;
    },
  },
  {
    name: "split_to_map",
    synonyms: [],
    parameters: [text(), text("entry_separator"), text("key_separator")],
    result: { kind: "map", value: STRING },
    doc: "A map of a text such as `a=1&b=2`; what has no key is left out, of a key that comes twice the last value counts.",
    examples: [{ sql: "split_to_map('apple=green/cherry=red', '/', '=')", result: { apple: "green", cherry: "red" }, duckdb: null }],
    implement: (value: string, entrySeparator: string, keySeparator: string) => {
      if (entrySeparator === "" || keySeparator === "") throw new RangeError("a separator is empty");
      const entries = value.split(entrySeparator).flatMap((entry): [string, Value][] => {
        const at = entry.indexOf(keySeparator);
        return at < 0 ? [] : [[entry.slice(0, at), entry.slice(at + keySeparator.length)]];
      });
      return mapFrom(entries);
    },
  },
];

function keyText(key: string | null): string {
  if (key === null) throw new RangeError("a key is null");
  return key;
}

function valueType([type]: readonly DataType[]): DataType {
  return type?.kind === "map" ? type.value : { kind: "any" };
}

function arrayType(types: readonly DataType[], names: readonly string[]): DataType {
  return { kind: "array", element: { kind: "struct", fields: types.map((type, index) => ({ name: names[index] as string, type })) } };
}

import { jsonText, parseJson } from "../../model/exact-number.ts";
import { jsonWriterOf } from "../../model/json-value.ts";
import { ANY, BIGINT, BOOLEAN, type DataType, STRING } from "../../model/type.ts";
import type { ObjectValue, Value } from "../../model/value.ts";
import { equalValues } from "../compare-values.ts";
import { jsonPath, valueAt } from "../json-path.ts";
import { mapFrom } from "../map-from.ts";
import { any, optional, repeated, text } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

const STRINGS: DataType = { kind: "array", element: STRING };
const SAMPLE = `'{"home": {"id": 7, "rooms": ["hall", "attic"]}}'`;

/** JSON in texts. A text that is no JSON gives NULL; fields of a record's own document are paths: `home.rooms[1]`. */
export const jsonFunctions: readonly ScalarFunction[] = [
  {
    name: "extractjsonfield",
    synonyms: ["json_extract_string", "json_value", "get_json_object", "json_extract_path_text"],
    parameters: [text("json"), text("path")],
    result: STRING,
    doc: "What stands at a path of a JSON text, as text: that of a string without quotes, of an object or array as JSON.",
    examples: [
      {
        sql: `extractjsonfield(${SAMPLE}, '$.home.rooms[1]')`,
        result: "attic",
        duckdb: `json_extract_string(${SAMPLE}, '$.home.rooms[1]')`,
      },
      { sql: `extractjsonfield(${SAMPLE}, '$.home.id')`, result: "7", duckdb: `json_extract_string(${SAMPLE}, '$.home.id')` },
      { sql: `extractjsonfield(${SAMPLE}, '$.home.name')`, result: null, duckdb: `json_extract_string(${SAMPLE}, '$.home.name')` },
    ],
    implement: (json: string, path: string) => textOf(at(json, path)),
  },
  {
    name: "json_extract",
    synonyms: ["json_query"],
    parameters: [text("json"), text("path")],
    result: ANY,
    doc: "What stands at a path of a JSON text, as a value of unknown type, to be read on with paths or CAST.",
    differs: "DuckDB gives JSON text.",
    examples: [{ sql: `json_extract(${SAMPLE}, '$.home.rooms')`, result: ["hall", "attic"], duckdb: null }],
    implement: (json: string, path: string) => at(json, path) ?? null,
  },
  {
    name: "parse_json",
    synonyms: ["from_json"],
    parameters: [text("json")],
    result: ANY,
    doc: "The value of a JSON text, of unknown type; a text that is no JSON is an error.",
    examples: [{ sql: `parse_json('[1, {"a": null}]')`, result: [1, { a: null }], duckdb: null }],
    implement: (json: string) => {
      const value = parsed(json);
      if (value === undefined) throw new RangeError("the text is no JSON");
      return value;
    },
  },
  {
    name: "is_json_string",
    synonyms: ["json_valid"],
    parameters: [text()],
    result: BOOLEAN,
    doc: "Whether a text is JSON; false of NULL.",
    differs: "`json_valid(NULL)` is NULL in DuckDB.",
    examples: [
      { sql: "is_json_string('[1, 2]')", result: true, duckdb: "json_valid('[1, 2]')" },
      { sql: "is_json_string('[1, 2')", result: false, duckdb: "json_valid('[1, 2')" },
    ],
    nullable: true,
    implement: (value: string | null) => value !== null && parsed(value) !== undefined,
  },
  {
    name: "to_json_string",
    synonyms: ["to_json"],
    parameters: [any()],
    result: STRING,
    doc: "Any value as JSON text.",
    examples: [
      { sql: "to_json_string('a\"b')", result: '"a\\"b"', duckdb: "CAST(to_json('a\"b') AS VARCHAR)" },
      { sql: "to_json_string(ARRAY[1, NULL])", result: "[1,null]", duckdb: "CAST(to_json([1, NULL]) AS VARCHAR)" },
    ],
    nullable: true,
    implement: null,
    specialize: ([type]) => {
      const write = jsonWriterOf(type ?? ANY);
      return (value: Value) => (value === null ? "null" : write(value));
    },
  },
  {
    name: "json_array_length",
    synonyms: [],
    parameters: [text("json")],
    result: BIGINT,
    doc: "The number of elements of a JSON array; NULL of anything else.",
    differs: "DuckDB gives 0 of what is no array.",
    examples: [{ sql: "json_array_length('[1, 2, 3]')", result: 3 }],
    implement: (json: string) => {
      const value = parsed(json);
      return Array.isArray(value) ? value.length : null;
    },
  },
  {
    name: "json_array_contains",
    synonyms: [],
    parameters: [text("json"), any()],
    result: BOOLEAN,
    doc: "Whether a JSON array has an element that is equal to the value.",
    examples: [
      { sql: "json_array_contains('[1, 2, 3]', 3)", result: true, duckdb: null },
      { sql: "json_array_contains('[\"a\"]', 'b')", result: false, duckdb: null },
    ],
    nullable: true,
    implement: (json: string | null, wanted: Value) => {
      const value = json === null ? null : parsed(json);
      return Array.isArray(value) && value.some((element) => equalValues(element, wanted));
    },
  },
  {
    name: "json_keys",
    synonyms: [],
    parameters: [text("json")],
    result: STRINGS,
    doc: "The keys of a JSON object; NULL of anything else.",
    differs: "DuckDB gives an empty array of what is no object.",
    examples: [{ sql: `json_keys('{"a": 1, "b": 2}')`, result: ["a", "b"] }],
    implement: (json: string) => {
      const value = parsed(json);
      return isObject(value) ? Object.keys(value) : null;
    },
  },
  {
    name: "json_items",
    synonyms: [],
    parameters: [text("json")],
    result: STRINGS,
    doc: "The elements of a JSON array, each as JSON text.",
    examples: [{ sql: `json_items('[1, "a", {"b": 2}]')`, result: ["1", '"a"', '{"b":2}'], duckdb: null }],
    implement: (json: string) => {
      const value = parsed(json);
      return Array.isArray(value) ? value.map((element) => jsonText(element)) : null;
    },
  },
  {
    name: "json_records",
    synonyms: [],
    parameters: [text("json")],
    result: { kind: "map", value: STRING },
    doc: "The members of a JSON object, each as JSON text.",
    examples: [{ sql: `json_records('{"a": "abc", "b": {"c": 1}}')`, result: { a: '"abc"', b: '{"c":1}' }, duckdb: null }],
    implement: (json: string) => {
      const value = parsed(json);
      return isObject(value) ? mapFrom(Object.entries(value).map(([name, member]) => [name, jsonText(member)])) : null;
    },
  },
  {
    name: "json_concat",
    synonyms: [],
    parameters: [text("json"), repeated(text("more"))],
    result: STRING,
    doc: "JSON texts as one: the members of all objects, or else all elements in one array.",
    examples: [
      { sql: `json_concat('{"a": 1}', '{"b": 2}')`, result: '{"a":1,"b":2}', duckdb: null },
      { sql: "json_concat('[1, 2]', '3')", result: "[1,2,3]", duckdb: null },
    ],
    implement: (...texts: string[]) => {
      const values = texts.map(parsed);
      if (values.includes(undefined)) return null;
      if (values.every(isObject)) return jsonText(mapFrom(values.flatMap((value) => Object.entries(value))));
      return jsonText(values.flatMap((value) => (Array.isArray(value) ? (value as Value[]) : [value as Value])));
    },
  },
  {
    name: "json_type",
    synonyms: [],
    parameters: [text("json"), optional(text("path"))],
    result: STRING,
    doc: "What a JSON text, or what stands at a path of it, is: OBJECT, ARRAY, NUMBER, VARCHAR, BOOLEAN or NULL.",
    differs: "DuckDB tells kinds of numbers apart.",
    examples: [{ sql: `json_type('{"a": [1]}', '$.a')`, result: "ARRAY" }],
    implement: (json: string, path = "$") => typeOf(at(json, path)),
  },
];

/** Undefined: it is no JSON. */
function parsed(text: string): Value | undefined {
  try {
    return parseJson(text) as Value;
  } catch {
    return undefined;
  }
}

function at(json: string, path: string): Value | undefined {
  const steps = jsonPath(path);
  const value = parsed(json);
  return value === undefined ? undefined : valueAt(value, steps);
}

function textOf(value: Value | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : jsonText(value);
}

function isObject(value: Value | undefined): value is ObjectValue {
  return value !== undefined && value !== null && typeof value === "object" && !Array.isArray(value);
}

function typeOf(value: Value | undefined): string | null {
  if (value === undefined) return null;
  if (value === null) return "NULL";
  if (Array.isArray(value)) return "ARRAY";
  if (typeof value === "object") return "OBJECT";
  if (typeof value === "string") return "VARCHAR";
  return typeof value === "boolean" ? "BOOLEAN" : "NUMBER";
}

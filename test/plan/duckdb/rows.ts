import type { Chance } from "./dialects.ts";

/** The columns of random rows, by name: our type, and DuckDB's where it is spelled otherwise. */
export const COLUMNS: Readonly<Record<string, readonly [ours: string, duck?: string]>> = {
  f: ["BOOLEAN"],
  n: ["INT"],
  i: ["BIGINT"],
  k: ["BIGINT"],
  x: ["DOUBLE"],
  y: ["DOUBLE"],
  p: ["DECIMAL(10, 2)"],
  q: ["DECIMAL(18, 6)"],
  r: ["DECIMAL(38, 10)"],
  s: ["STRING", "VARCHAR"],
  u: ["STRING", "VARCHAR"],
  j: ["STRING", "VARCHAR"],
  d: ["DATE"],
  t: ["TIMESTAMP"],
  h: ["TIME"],
  b: ["BYTES", "BLOB"],
  a: ["ARRAY<BIGINT>", "BIGINT[]"],
  w: ["ARRAY<STRING>", "VARCHAR[]"],
  m: ["MAP<STRING, BIGINT>", "MAP(VARCHAR, BIGINT)"],
  o: ["STRUCT<n BIGINT, w STRING>", "STRUCT(n BIGINT, w VARCHAR)"],
};

export const duckType = (name: string): string => COLUMNS[name]?.[1] ?? COLUMNS[name]?.[0] ?? "";

type Written = readonly [json: string, sql: string];

const plain = (...texts: readonly string[]): readonly Written[] => texts.map((text) => [text, text]);
const quoted = (...texts: readonly string[]): readonly Written[] =>
  texts.map((text) => [JSON.stringify(text), `'${text.replaceAll("'", "''")}'`]);

/** Values as JSON for us and as SQL for DuckDB: ordinary ones, and those at the edges. */
const VALUES: Readonly<Record<string, readonly Written[]>> = {
  f: plain("true", "false"),
  n: plain("0", "1", "2", "-1", "5", "-3"),
  i: plain("0", "1", "2", "-7", "40", "1000003"),
  k: plain("9007199254740993", "-9007199254740992", "9223372036854775807", "-9223372036854775808", "3", "4611686018427387905"),
  x: plain("0.5", "-2.25", "1e10", "0", "100", "1e-3", "-0.5"),
  y: plain("1.5", "3", "-2", "7.125", "1e300", "-1e-300", "2.5"),
  p: plain("0.00", "12.30", "-99999999.99", "0.05", "7", "99999999.99"),
  q: plain("0.000001", "-3.5", "999999999999.999999", "1.000000", "2.675"),
  r: plain("9999999999999999999999999999.9999999999", "-0.0000000001", "12345678901234567890.5", "1"),
  s: quoted("a", "b", "ab", "", "a_b", "12", " 7 ", "-3.5", "true", "it's", "A,b,,c"),
  u: quoted("été", "Z", "aé", "😀", "\uffee", "b%", "ß", "a😀b😀", "ΑΣ", "e\u0301", "\ud840\udc00x"),
  j: quoted('{"a": 1, "b": [true, null, "x"]}', "[1, 2, 3]", "[]", '"text"', "12.5", '{"é": {"a": "😀"}}', "null"),
  d: quoted("2024-01-31", "1969-12-31", "2000-02-29", "0700-01-01", "8999-12-31"),
  t: (
    ["2024-03-31T01:30:00", "1999-12-31T23:59:59.999", "2024-10-27T00:30:00", "1970-01-01T00:00:00", "1890-06-15T12:00:00.001"] as const
  ).map((text) => [`"${text}Z"`, `'${text}'`]),
  h: quoted("00:00:00", "12:34:56", "23:59:59.999"),
  b: [
    ['""', "''::BLOB"],
    ['"aGk="', "'hi'::BLOB"],
    ['"AP8Q"', "'\\x00\\xFF\\x10'::BLOB"],
    ['"w6k="', "'\\xC3\\xA9'::BLOB"],
  ],
  a: plain("[]", "[1, 2, 3]", "[null, 5]", "[3, 1, 3, -2]", "[9007199254740993, 0]"),
  w: [
    ["[]", "[]"],
    ['["a", "b", "a"]', "['a', 'b', 'a']"],
    ['["😀", null, ""]', "['😀', NULL, '']"],
    ['["été", "Z"]', "['été', 'Z']"],
  ],
  m: [
    ["{}", "MAP {}"],
    ['{"k": 7}', "MAP {'k': 7}"],
    ['{"l": null, "k": -1, "é": 3}', "MAP {'l': NULL, 'k': -1, 'é': 3}"],
  ],
  o: [
    ['{"n": 1, "w": "a"}', "{'n': 1, 'w': 'a'}"],
    ['{"n": null, "w": "é"}', "{'n': NULL, 'w': 'é'}"],
    ['{"n": 9007199254740993, "w": null}', "{'n': 9007199254740993, 'w': NULL}"],
  ],
};

const NULLS = 0.15;

/** A row as JSON for us and as values for DuckDB. */
export function randomRow(chance: Chance): { readonly json: string; readonly sql: string } {
  const cells = Object.keys(COLUMNS).map(
    (name) => [name, chance.next() < NULLS ? (["null", "NULL"] as const) : chance.pick(VALUES[name] ?? [])] as const,
  );
  return {
    json: `{${cells.map(([name, [json]]) => `"${name}": ${json}`).join(", ")}}`,
    sql: cells.map(([name, [, sql]]) => `CAST(${sql} AS ${duckType(name)})`).join(", "),
  };
}

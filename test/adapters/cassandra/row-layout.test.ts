import { describe, expect, it } from "vitest";
import { parseCqlType } from "../../../src/adapters/cassandra/cql-type.ts";
import { tableDefinition } from "../../../src/adapters/cassandra/prepare-table.ts";
import { layRow } from "../../../src/adapters/cassandra/row-layout.ts";
import type { TableColumn, TableSchema } from "../../../src/adapters/cassandra/table-schema.ts";
import { SluiceError } from "../../../src/errors.ts";
import { ANY, BIGINT, type DataType, DOUBLE, INT, STRING, TIMESTAMP } from "../../../src/model/type.ts";
import { target } from "./routes.ts";

const NAME = { keyspace: "iot", table: "readings" };

/** Columns as `kind name type`: p partition key, c clustering, s static, r regular. */
function schema(...columns: readonly string[]): TableSchema {
  const kinds = { p: "partition_key", c: "clustering", s: "static", r: "regular" } as const;
  const parse = (text: string): TableColumn => {
    const [kind = "", name = "", ...type] = text.split(" ");
    const typeText = type.join(" ");
    return { name, typeText, type: parseCqlType(typeText), kind: kinds[kind as keyof typeof kinds] };
  };
  return { name: NAME, columns: columns.map(parse) };
}

function refusal(run: () => unknown): { code: string; message: string; hint: string | null } {
  try {
    run();
  } catch (error) {
    if (error instanceof SluiceError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error("it was taken");
}

const TABLE = schema("p deviceId text", "c window_start timestamp", "r avg double", "r n bigint");
const COLUMNS = { deviceId: STRING, window_start: TIMESTAMP, avg: DOUBLE };
const KEY = ["deviceId", "window_start"];

describe("a route on a table", () => {
  it("INSERT writes every column, UPSERT those that the statement names", () => {
    const insert = layRow(target("iot.readings", COLUMNS, KEY), TABLE);
    expect(insert.columns.map((column) => column.name)).toEqual(["deviceId", "window_start", "avg", "n"]);
    expect([insert.partitionCount, insert.keyCount]).toEqual([1, 2]);
    const upsert = layRow(target("iot.readings", COLUMNS, KEY, { mode: "upsert" }), TABLE);
    expect(upsert.columns.map((column) => column.name)).toEqual(["deviceId", "window_start", "avg"]);
  });

  it("finds columns that CQL folded to lower case, where only one fits", () => {
    const folded = schema("p deviceid text", "c window_start timestamp", "r avg double");
    const layout = layRow(target("iot.readings", COLUMNS, KEY), folded);
    expect(layout.columnOf("deviceId")).toBe(0);
    const twice = schema("p DEVICEID text", "c window_start timestamp", "r avg double", "r deviceid text");
    expect(refusal(() => layRow(target("iot.readings", COLUMNS, KEY), twice)).message).toContain(
      '"deviceId" is in the statement\'s key but not in the primary key',
    );
  });

  it("leaves static columns alone, and refuses to write them", () => {
    const table = schema("p deviceId text", "c window_start timestamp", "s room text", "r avg double");
    expect(layRow(target("iot.readings", COLUMNS, KEY), table).columns.map((column) => column.name)).not.toContain("room");
    expect(refusal(() => layRow(target("iot.readings", { ...COLUMNS, room: STRING }, KEY), table)).message).toContain('"room" is static');
  });

  it.each<[string, Record<string, DataType>, string[], string, string | null]>([
    [
      "no key in the statement",
      COLUMNS,
      [],
      "its primary key is (deviceId, window_start), but the statement names no key",
      "add PK deviceId, window_start",
    ],
    ["a missing key column", COLUMNS, ["deviceId"], 'primary key column "window_start" is not in the statement\'s key (deviceId)', null],
    ["a key column too many", { ...COLUMNS, n: BIGINT }, [...KEY, "n"], '"n" is in the statement\'s key but not in the primary key', null],
    [
      "a key column not selected",
      { deviceId: STRING, avg: DOUBLE },
      KEY,
      'key column "window_start" is not selected',
      "add window_start to the SELECT list",
    ],
    ["an unknown column", { ...COLUMNS, humidity: DOUBLE }, KEY, 'it has no column "humidity"', null],
    [
      "a type that does not fit",
      { ...COLUMNS, avg: STRING },
      KEY,
      'column "avg" is double and cannot take STRING',
      'CAST "avg" in the SELECT list, or change the column',
    ],
    ["a double for integers", { ...COLUMNS, n: DOUBLE }, KEY, 'column "n" is bigint and cannot take DOUBLE', null],
    ["two columns for one", { ...COLUMNS, AVG: DOUBLE }, KEY, "two columns of the statement go to the same column", null],
  ])("refuses %s", (_title, columns, key, message, hint) => {
    const error = refusal(() => layRow(target("iot.readings", columns, key), TABLE));
    expect(error.code).toBe("TARGET_MISMATCH");
    expect(error.message).toContain("table iot.readings: ");
    expect(error.message).toContain(message);
    if (hint !== null) expect(error.hint).toBe(hint);
  });

  it("refuses counters", () => {
    const table = schema("p id text", "r n counter");
    const error = refusal(() => layRow(target("iot.readings", { id: STRING, n: BIGINT }, ["id"]), table));
    expect(error).toMatchObject({ code: "TARGET_MISMATCH", message: expect.stringContaining('"n" is a counter') });
  });

  it("takes columns of schemaless documents by name", () => {
    const layout = layRow(target("iot.readings", {}, KEY), TABLE);
    expect(["deviceId", "DEVICEID", "avg", "other"].map(layout.columnOf)).toEqual([0, 0, 2, -1]);
  });

  it("takes any value where the type is not known, and whole numbers in every number column", () => {
    const table = schema("p id text", "r a int", "r b double", "r c decimal");
    expect(layRow(target("iot.t", { id: ANY, a: BIGINT, b: INT, c: BIGINT }, ["id"]), table).columns).toHaveLength(4);
  });
});

describe("CREATE TABLE for a route", () => {
  it("knows the type of every SQL type that has one", () => {
    const columns: Record<string, DataType> = {
      s: STRING,
      i: INT,
      b: BIGINT,
      d: DOUBLE,
      o: { kind: "boolean" },
      t: TIMESTAMP,
      y: { kind: "date" },
      m: { kind: "decimal", precision: 10, scale: 2 },
      l: { kind: "array", element: INT },
      p: { kind: "map", value: { kind: "array", element: STRING } },
    };
    const text = tableDefinition(NAME, target("iot.readings", columns, ["s"]));
    expect(
      text
        .split("\n")
        .slice(1, -2)
        .map((line) => line.trim()),
    ).toEqual([
      '"s" text,',
      '"i" int,',
      '"b" bigint,',
      '"d" double,',
      '"o" boolean,',
      '"t" timestamp,',
      '"y" date,',
      '"m" decimal,',
      '"l" frozen<list<int>>,',
      '"p" frozen<map<text, frozen<list<text>>>>,',
    ]);
  });

  it("keys rows without key by their id", () => {
    expect(tableDefinition(NAME, target("iot.readings", { a: INT }, []))).toBe(
      'CREATE TABLE IF NOT EXISTS "iot"."readings" (\n  "_id" text,\n  "a" int,\n  PRIMARY KEY (("_id"))\n)',
    );
  });

  it.each<[string, Record<string, DataType>, string[], string, string]>([
    [
      "a type known per record only",
      { id: STRING, x: ANY },
      ["id"],
      'column "x" of type ANY has no CQL type',
      "write CAST(… AS STRING) AS x",
    ],
    ["a struct", { id: STRING, x: { kind: "struct", fields: [] } }, ["id"], 'column "x" of type STRUCT<>', "CAST"],
    ["columns that nobody knows", {}, ["id"], "SELECT * of a schemaless stream has no known columns", "name the columns"],
    ["a key that is not selected", { a: INT }, ["id"], 'key column "id" is not selected', "add id to the SELECT list"],
  ])("refuses %s", (_title, columns, key, message, hint) => {
    const error = refusal(() => tableDefinition(NAME, target("iot.readings", columns, key)));
    expect(error.code).toBe("TARGET_MISMATCH");
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});

import { types } from "cassandra-driver";
import { describe, expect, it } from "vitest";
import { parseCqlType } from "../../../src/adapters/cassandra/cql-type.ts";
import { type BoundRow, RowBinder } from "../../../src/adapters/cassandra/row-binder.ts";
import { layRow } from "../../../src/adapters/cassandra/row-layout.ts";
import type { TableColumn, TableSchema } from "../../../src/adapters/cassandra/table-schema.ts";
import { requestsOf } from "../../../src/adapters/cassandra/table-write.ts";
import { BIGINT, DOUBLE, STRING } from "../../../src/model/type.ts";
import type { RouteTarget } from "../../../src/ports/sink.ts";
import { batchOf, type TestChange, target } from "./routes.ts";

const column = (kind: TableColumn["kind"], name: string, typeText: string): TableColumn => ({
  kind,
  name,
  typeText,
  type: parseCqlType(typeText),
});

const TABLE: TableSchema = {
  name: { keyspace: "iot", table: "readings" },
  columns: [
    column("partition_key", "deviceId", "text"),
    column("clustering", "n", "bigint"),
    column("regular", "avg", "double"),
    column("regular", "note", "text"),
  ],
};
const COLUMNS = { deviceId: STRING, n: BIGINT, avg: DOUBLE };
const KEY = ["deviceId", "n"];

function bind(route: RouteTarget, change: Omit<TestChange, "version">, schema = TABLE): BoundRow {
  const statements = { insert: "insert", delete: "delete", ttlSeconds: route.ttlSeconds };
  return new RowBinder(layRow(route, schema), statements, route.mode).bind(batchOf([{ version: 7, ...change }]), 0);
}

/** With the bytes of integers as the integers. */
function paramsOf({ params }: BoundRow): unknown[] {
  return params.map((param) => (param instanceof Buffer ? param.readBigInt64BE() : param));
}

describe("a change as a statement", () => {
  it("INSERT writes null for what is absent, UPSERT leaves it alone", () => {
    const document = { deviceId: "d", n: 1 };
    expect(paramsOf(bind(target("t", COLUMNS, KEY), { document }))).toEqual(["d", 1n, null, null, 7n]);
    expect(paramsOf(bind(target("t", COLUMNS, KEY, { mode: "upsert" }), { document }))).toEqual(["d", 1n, types.unset, 7n]);
  });

  it("an explicit null is null in both", () => {
    const document = { deviceId: "d", n: 1, avg: null };
    expect(paramsOf(bind(target("t", COLUMNS, KEY, { mode: "upsert" }), { document }))).toEqual(["d", 1n, null, 7n]);
  });

  it("reads a row again where a number needs all its digits", () => {
    const document = '{"deviceId":"d","n":9007199254740993,"avg":0.1}';
    expect(paramsOf(bind(target("t", COLUMNS, KEY), { document }))).toEqual(["d", 9007199254740993n, 0.1, null, 7n]);
  });

  it("carries the version as write time, whatever its size, and the TTL", () => {
    const route = target("t", COLUMNS, KEY, { ttlSeconds: 60 });
    expect(paramsOf(bind(route, { document: { deviceId: "d", n: 1 } })).slice(-2)).toEqual([7n, 60]);
  });

  it("deletes by the primary key alone", () => {
    const bound = bind(target("t", COLUMNS, KEY), { document: { n: 1, deviceId: "d", whatever: [] }, delete: true });
    expect([bound.query, paramsOf(bound)]).toEqual(["delete", [7n, "d", 1n]]);
  });

  it("keys rows by the id where the statement has no key", () => {
    const schema = { name: TABLE.name, columns: [column("partition_key", "_id", "text"), column("regular", "avg", "double")] };
    const route = target("t", { avg: DOUBLE }, []);
    expect(paramsOf(bind(route, { id: "t-0-42", document: { avg: 1 } }, schema))).toEqual(["t-0-42", 1, 7n]);
    expect(paramsOf(bind(route, { id: "t-0-42", document: "", delete: true }, schema))).toEqual([7n, "t-0-42"]);
    expect(() => bind(target("t", {}, []), { document: { _id: "forged" } }, schema)).toThrow('no column for "_id"');
  });

  it.each([
    [{ deviceId: "d", n: 1, other: 2 }, 'the table has no column for "other"'],
    [{ deviceId: "d", n: 1, AVG: 1, avg: 2 }, '"avg" and another member both go to column "avg"'],
    [{ deviceId: "d", n: 1.5 }, 'column "n" (bigint): 1.5 does not fit'],
    [{ deviceId: "d", n: 1, note: 5 }, 'column "note" (text): 5 does not fit'],
    [{ deviceId: "d" }, 'primary key column "n" has no value'],
    [{ deviceId: null, n: 1 }, 'primary key column "deviceId" has no value'],
    [[1], "the row is no JSON object"],
    ["{", "the row is no JSON"],
  ])("refuses %j", (document, message) => {
    expect(() => bind(target("t", {}, KEY), { document })).toThrow(message);
  });
});

describe("requests", () => {
  const row = (partition: string, bytes = 100): BoundRow => ({ row: 0, query: "", params: [], partition, bytes });
  const shape = (rows: readonly BoundRow[], rowsMax: number): string[] =>
    requestsOf(rows, rowsMax).map((request) => request.map((bound) => bound.partition).join(""));

  it("hold rows of one partition, in their order, cut by count", () => {
    expect(
      shape(
        [..."abacaaba"].map((partition) => row(partition)),
        3,
      ),
    ).toEqual(["aaa", "bb", "c", "aa"]);
  });

  it("are cut by bytes; a larger row travels alone", () => {
    expect(shape([row("a", 30_000), row("a", 10_000), row("a", 1), row("a", 90_000), row("a", 1)], 30)).toEqual(["aa", "a", "a", "a"]);
  });

  it("tell partitions of several columns apart", () => {
    const columns = ["a", "b"].map((name) => column("partition_key", name, "text"));
    const schema = { name: TABLE.name, columns };
    const route = target("t", { a: STRING, b: STRING }, ["a", "b"]);
    const partitions = [
      { a: "x", b: "1:y" },
      { a: "x1:", b: "y" },
    ].map((document) => bind(route, { document }, schema).partition);
    expect(new Set(partitions).size).toBe(2);
  });
});

import { describe, expect, it } from "vitest";
import { createKeyspace, createTable, deleteRow, insertRow, selectAll, tableName } from "../../../src/adapters/cassandra/cql.ts";
import { parseCqlType, udtsIn } from "../../../src/adapters/cassandra/cql-type.ts";

const NAME = { keyspace: "iot", table: "readings" };

describe("CQL text", () => {
  it("quotes every name, so that case is kept and nothing breaks out", () => {
    expect(insertRow(NAME, ["deviceId", 'a"; DROP TABLE x; --'], false)).toBe(
      'INSERT INTO "iot"."readings" ("deviceId", "a""; DROP TABLE x; --") VALUES (?, ?) USING TIMESTAMP ?',
    );
  });

  it("binds the write time and the TTL", () => {
    expect(insertRow(NAME, ["a"], true)).toBe('INSERT INTO "iot"."readings" ("a") VALUES (?) USING TIMESTAMP ? AND TTL ?');
    expect(deleteRow(NAME, ["a", "b"])).toBe('DELETE FROM "iot"."readings" USING TIMESTAMP ? WHERE "a" = ? AND "b" = ?');
  });

  it("makes the first key column the partition key and the others clustering columns", () => {
    const columns = [
      { name: "deviceId", type: "text" },
      { name: "window_start", type: "timestamp" },
      { name: "avg", type: "double" },
    ];
    expect(createTable(NAME, columns, ["deviceId", "window_start"])).toBe(
      [
        'CREATE TABLE IF NOT EXISTS "iot"."readings" (',
        '  "deviceId" text,',
        '  "window_start" timestamp,',
        '  "avg" double,',
        '  PRIMARY KEY (("deviceId"), "window_start")',
        ")",
      ].join("\n"),
    );
  });

  it("quotes the options of a keyspace", () => {
    expect(createKeyspace("iot", { class: "NetworkTopologyStrategy", "dc'1": "3" })).toBe(
      `CREATE KEYSPACE IF NOT EXISTS "iot" WITH replication = {'class': 'NetworkTopologyStrategy', 'dc''1': '3'}`,
    );
  });

  it("selects columns by name", () => {
    expect(selectAll(NAME, ["a", "B"])).toBe('SELECT "a", "B" FROM "iot"."readings"');
  });

  it.each([
    ["iot.readings", null, NAME],
    ["readings", "iot", NAME],
    ["iot.readings", "other", NAME],
    ["readings", null, null],
    ["a.b.c", null, null],
    ["iot.", null, null],
    ["iot.read-ings", null, null],
    ['iot."x"', null, null],
  ])("reads the table name %s with the default keyspace %s", (name, keyspace, expected) => {
    expect(tableName(name, keyspace)).toEqual(expected);
  });
});

describe("CQL types", () => {
  it("are read with what is inside them", () => {
    expect(parseCqlType("frozen<map<text, frozen<list<map<int, uuid>>>>>")).toEqual({
      kind: "map",
      key: { kind: "native", name: "text" },
      value: {
        kind: "list",
        element: { kind: "map", key: { kind: "native", name: "int" }, value: { kind: "native", name: "uuid" } },
      },
    });
  });

  it("are read with the user-defined types of their keyspace, by names as CQL quotes them", () => {
    const userTypes = new Map([
      ["geo", [{ name: "lat", typeText: "double" }]],
      ["Home, <sweet>", [{ name: "at", typeText: "frozen<geo>" }]],
    ]);
    const geo = {
      kind: "udt",
      name: "geo",
      fields: [{ name: "lat", typeText: "double", type: { kind: "native", name: "double" } }],
    };
    const home = { kind: "udt", name: "Home, <sweet>", fields: [{ name: "at", typeText: "frozen<geo>", type: geo }] };
    expect(parseCqlType("geo", userTypes)).toEqual(geo);
    expect(parseCqlType('frozen<"Home, <sweet>">', userTypes)).toEqual(home);
    const elements = [{ kind: "list", element: geo }, home, { kind: "native", name: "int" }];
    expect(parseCqlType('frozen<tuple<frozen<list<frozen<geo>>>, frozen<"Home, <sweet>">, int>>', userTypes)).toEqual({
      kind: "tuple",
      elements,
    });
    expect(udtsIn(parseCqlType('map<int, frozen<"Home, <sweet>">>', userTypes)).map(({ name }) => name)).toEqual(["Home, <sweet>", "geo"]);
  });

  it.each(["counter", "duration", "frozen<address>", "vector<float, 3>"])("%s is none that values are written to", (text) => {
    expect(parseCqlType(text).kind).toBe("other");
  });
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { BIGINT, type DataType, DOUBLE, INT, STRING } from "../../../src/model/type.ts";
import { Outcome, type RouteTarget, type Sink, type WriteResult } from "../../../src/ports/sink.ts";
import { batchOf, ORIGIN, type TestChange, target } from "../../adapters/cassandra/routes.ts";
import { describeWith } from "../needs.ts";
import { makeKeyspace, read, type TestKeyspace } from "./keyspace.ts";

const NEVER = new AbortController().signal;

const struct = (fields: Readonly<Record<string, DataType>>): DataType => ({
  kind: "struct",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});

const UUIDS = ["0f8fad5b-d9cb-469f-a165-70867728950e", "ff8fad5b-d9cb-469f-a165-70867728950e", "ff8fad5b-d9cb-369f-0165-70867728950e"];
const TIME_UUIDS = [
  "00000001-0000-1001-8000-000000000001",
  "00000001-0000-1001-7f00-000000000001",
  "00000001-0000-1001-8000-0000000000ff",
  "ffffffff-0000-1000-8000-000000000001",
  "00000000-ffff-1000-8000-000000000001",
  "00000000-0000-1fff-8000-000000000001",
];
const texts = (...values: readonly string[]): readonly string[] => values.map((value) => JSON.stringify(value));

/** Of each type values as JSON, in no order. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  text: texts("b", "", "a", "é", "ab", "\u{1f600}", "\uffee"),
  ascii: texts("b", "Z", "a"),
  boolean: ["true", "false"],
  tinyint: ["1", "-1", "127", "-128", "0"],
  smallint: ["300", "-300", "5", "0", "-1"],
  int: ["70000", "-70000", "1", "-1", "0"],
  bigint: ["9007199254740993", "-9007199254740993", "0", "-1", "255", "256"],
  varint: ["256", "255", "-129", "-128", "123456789012345678901234567890", "0", "-123456789012345678901234567890"],
  decimal: ["1.5", "-1.5", "0.15", "150", "-0.1501", "0", "12345678901234567890.5"],
  double: ["1.5", "-1.5", "0", "1e-300", "-1e300", "2"],
  float: ["1.5", "-1.5", "0", "-2.25", "2"],
  timestamp: texts("2024-02-29T12:00:00.000Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z"),
  date: texts("2024-02-29", "1969-12-31", "1970-01-01"),
  time: texts("23:59:59", "00:00:00", "00:00:00.1"),
  uuid: texts(...UUIDS, ...TIME_UUIDS),
  timeuuid: texts(...TIME_UUIDS),
  inet: texts("10.0.0.1", "::1", "9.0.0.1", "200.0.0.1", "ff00::"),
  blob: texts("/w==", "AA==", "AAA=", ""),
  "frozen<geo>": ['{"lat":1,"lon":2}', '{"lat":1}', '{"lon":2}', '{"lat":-1,"lon":2}', '{"lat":1,"lon":-2}'],
  "frozen<list<int>>": ["[1,2]", "[1]", "[-1,5,6]", "[2]", "[]"],
  "frozen<set<int>>": ["[2,1]", "[1]", "[3,-1]", "[1,1,2,3]"],
  "frozen<map<int, text>>": ['{"1":"a","-1":"b"}', '{"1":"a"}', '{"1":"b"}', "{}"],
  "frozen<tuple<int, text>>": ['[1,"b"]', '[1,"a"]', "[1,null]", '[null,"a"]', '[-1,"z"]'],
};

describeWith("cassandra", "values of user-defined types", (address) => {
  let keyspace: TestKeyspace;
  beforeAll(async () => {
    keyspace = await makeKeyspace(address);
    for (const type of [
      "geo (lat double, lon double)",
      '"Address" (street text, zipCode int, at frozen<geo>, tags frozen<list<text>>, "Since" timestamp)',
      "counts (n bigint, d decimal, v varint)",
    ]) {
      await keyspace.query(`CREATE TYPE ${keyspace.name}.${type}`);
    }
  });
  afterAll(() => keyspace.drop());

  const open = (route: RouteTarget): Promise<Sink> => keyspace.connection.openSink(route);
  const write = (sink: Sink, changes: readonly TestChange[]): Promise<WriteResult> => sink.write(batchOf(changes), ORIGIN, NEVER);
  const written = async (sink: Sink, changes: readonly TestChange[]): Promise<void> => {
    const result = await write(sink, changes);
    expect([...result.errors.values()]).toEqual([]);
  };
  /** The rows' documents by their key. */
  const rows = async (table: string): Promise<Record<string, unknown>> =>
    Object.fromEntries((await read(keyspace.connection, table)).map(({ key, value }) => [key, JSON.parse(value)]));

  const GEO = struct({ lat: DOUBLE, lon: DOUBLE });
  const NOWHERE = { street: null, zipcode: null, at: null, tags: null, Since: null };

  it("are written from structs, frozen or not, within collections, tuples and each other, and read as structs", async () => {
    await keyspace.query(
      `CREATE TABLE ${keyspace.name}.people (id text PRIMARY KEY, home "Address", work frozen<"Address">, former list<frozen<"Address">>,
        by_name map<text, frozen<"Address">>, seen frozen<set<frozen<geo>>>, pair tuple<int, frozen<geo>>)`,
    );
    const ADDRESS = struct({ street: STRING, zipCode: INT, at: GEO, tags: { kind: "array", element: STRING } });
    const columns = { id: STRING, home: ADDRESS, work: ADDRESS, former: { kind: "array", element: ADDRESS } } as const;
    await written(await open(target("people", columns, ["id"])), [
      { version: 1, document: { id: "declared", home: { street: "A", zipCode: 1, at: { lat: 1.5, lon: -2 }, tags: ["x"] }, former: [{}] } },
      { version: 1, document: { id: "nulls", home: null, work: { street: null, at: null, tags: [] }, former: null } },
    ]);
    const loose = {
      id: "loose",
      home: { Since: "2024-02-29T12:00:00.000Z", street: "" },
      former: [{ zipcode: 1 }, { at: { lat: 1 } }],
      by_name: { "first one": { street: "é" } },
      seen: [{ lat: 1 }],
      pair: [7, { lon: 2 }],
    };
    await written(await open(target("people", {}, ["id"])), [{ version: 1, document: loose }]);
    const empty = { home: null, work: null, former: null, by_name: null, seen: null, pair: null };
    expect(await rows("people")).toEqual({
      declared: {
        ...empty,
        id: "declared",
        home: { street: "A", zipcode: 1, at: { lat: 1.5, lon: -2 }, tags: ["x"], Since: null },
        former: [NOWHERE],
      },
      nulls: { ...empty, id: "nulls", work: { ...NOWHERE, tags: [] } },
      loose: {
        ...empty,
        id: "loose",
        home: { ...NOWHERE, street: "", Since: "2024-02-29T12:00:00.000Z" },
        former: [
          { ...NOWHERE, zipcode: 1 },
          { ...NOWHERE, at: { lat: 1, lon: null } },
        ],
        by_name: { "first one": { ...NOWHERE, street: "é" } },
        seen: [{ lat: 1, lon: null }],
        pair: [7, { lat: null, lon: 2 }],
      },
    });
  });

  it("keep all digits of their numbers", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.digits (id text PRIMARY KEY, c counts)`);
    const c = '{"n":9223372036854775807,"d":12345678901234567890.10,"v":-123456789012345678901234567890}';
    const counts = struct({ n: BIGINT, d: { kind: "decimal", precision: 38, scale: 2 }, v: BIGINT });
    await written(await open(target("digits", { id: STRING, c: counts }, ["id"])), [{ version: 1, document: `{"id":"x","c":${c}}` }]);
    expect(await read(keyspace.connection, "digits")).toEqual([{ key: "x", value: `{"id":"x","c":${c}}` }]);
  });

  it("are replaced as a whole by newer versions alone; UPSERT leaves those that it does not name", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.versions (id text PRIMARY KEY, a geo, b frozen<geo>, n int)`);
    const sink = await open(target("versions", {}, ["id"], { mode: "upsert" }));
    const change = (version: number, document: object): TestChange => ({ version, document: { id: "x", ...document } });
    await written(sink, [change(100, { a: { lat: 1, lon: 1 }, b: { lat: 1, lon: 1 } })]);
    await written(sink, [change(200, { a: { lat: 2 }, n: 1 })]);
    await written(sink, [change(150, { a: { lon: 3 }, b: { lon: 3 } })]);
    expect(await rows("versions")).toEqual({ x: { id: "x", a: { lat: 2, lon: null }, b: { lat: null, lon: 3 }, n: 1 } });
    await written(sink, [change(300, { a: null, b: null })]);
    expect(await rows("versions")).toEqual({ x: { id: "x", a: null, b: null, n: 1 } });
  });

  it("that do not fit are told with the path of the member, and their neighbours are written", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.misfits (id text PRIMARY KEY, home "Address", former list<frozen<"Address">>)`);
    const sink = await open(target("misfits", {}, ["id"]));
    const documents = [
      { home: { at: { lat: 1 } } },
      { home: { at: { lat: "1" } } },
      { home: { at: { alt: 1 } } },
      { former: [{}, { ZipCode: 1.5 }] },
      { home: "x" },
      { former: [{ tags: [] }] },
    ];
    const result = await write(
      sink,
      documents.map((document, row) => ({ version: 1, document: { id: `${row}`, ...document } })),
    );
    const { written: fine, rejected } = Outcome;
    expect([...result.outcomes]).toEqual([fine, rejected, rejected, rejected, rejected, fine]);
    const table = `table ${keyspace.name}.misfits`;
    expect([...result.errors.values()]).toEqual(
      [
        `${table}: column "home" ("Address"): at.lat (double): "1" does not fit`,
        `${table}: column "home" ("Address"): at.alt: the type geo has no such field; it has lat, lon`,
        `${table}: column "former" (list<frozen<"Address">>): [1].ZipCode (int): 1.5 does not fit`,
        `${table}: column "home" ("Address"): "x" does not fit`,
      ].map((message) => ({ code: "CHANGE_REJECTED", message })),
    );
    expect(Object.keys(await rows("misfits")).sort()).toEqual(["0", "5"]);
  });

  it("are compared with what the statement declares when the table is opened", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.declared (id text PRIMARY KEY, home frozen<"Address">)`);
    const wrong = (home: DataType): RouteTarget => target("declared", { id: STRING, home }, ["id"]);
    const refusals = [struct({ street: STRING, town: STRING }), struct({ at: struct({ lat: STRING }) }), STRING];
    for (const home of refusals) {
      await expect(open(wrong(home))).rejects.toMatchObject({
        code: "TARGET_MISMATCH",
        message: expect.stringContaining('column "home" is frozen<"Address"> and cannot take '),
        hint: expect.stringContaining(
          "; Address has street text, zipcode int, at frozen<geo>, tags frozen<list<text>>, Since timestamp; geo has lat double, lon double",
        ),
      });
    }
    await expect(open(target("made", { id: STRING, home: GEO }, ["id"], { autocreate: true }))).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      hint: expect.stringContaining("create the table yourself, with a user-defined type for the STRUCT"),
    });
  });

  it("have sets and maps in them as Cassandra keeps its own: each element once, in its order", async () => {
    const names = Object.keys(ELEMENTS);
    const columns = names.map((name, i) => `s${i} set<${name}>, t${i} tuple<frozen<set<${name}>>>`);
    const keys = names.filter((name) => !name.includes("<"));
    const maps = keys.map((name, i) => `m${i} map<${name}, int>, n${i} tuple<frozen<map<${name}, int>>>`);
    await keyspace.query(`CREATE TABLE ${keyspace.name}.ordered (id int PRIMARY KEY, ${[...columns, ...maps].join(", ")})`);
    const sets = names.flatMap((name, i) => {
      const elements = `[${[...must(ELEMENTS[name]), ...must(ELEMENTS[name]).toReversed()].join(",")}]`;
      return [`"s${i}":${elements}`, `"t${i}":[${elements}]`];
    });
    const entries = keys.flatMap((name, i) => {
      const value = `{${must(ELEMENTS[name]).map((json, at) => `${json.startsWith('"') ? json : `"${json}"`}:${at}`)}}`;
      return name === "boolean" ? [] : [`"m${i}":${value}`, `"n${i}":[${value}]`];
    });
    await written(await open(target("ordered", {}, ["id"])), [{ version: 1, document: `{"id":1,${[...sets, ...entries].join(",")}}` }]);
    const [record] = await read(keyspace.connection, "ordered");
    const row = JSON.parse(must(record).value);
    const text = must(record).value;
    for (const [i, name] of names.entries()) {
      expect(row[`t${i}`], name).toEqual([row[`s${i}`]]);
      expect(row[`s${i}`].length, name).toBeGreaterThan(1);
    }
    for (const [i, name] of keys.entries()) {
      if (name === "boolean") continue;
      // As texts: objects compare whatever the order of their members.
      const [, of] = must(new RegExp(`"m${i}":(\\{.*?\\})`).exec(text));
      expect(text, name).toContain(`"n${i}":[${of}]`);
    }
  });

  it("are written while their type gets a field, and with it from the next opening on", async () => {
    await keyspace.query(`CREATE TYPE ${keyspace.name}.growing (a int)`);
    await keyspace.query(
      `CREATE TABLE ${keyspace.name}.grown (id text PRIMARY KEY, v growing, f frozen<growing>, l list<frozen<growing>>)`,
    );
    const route = target("grown", {}, ["id"]);
    const change = (id: string, value: object): TestChange => ({ version: 1, document: { id, v: value, f: value, l: [value] } });
    const all = (id: string, value: object): object => ({ id, v: value, f: value, l: [value] });
    const before = await open(route);
    await written(before, [change("0", { a: 0 })]);
    expect(await rows("grown")).toEqual({ "0": all("0", { a: 0 }) });
    await keyspace.query(`ALTER TYPE ${keyspace.name}.growing ADD b text`);
    await written(before, [change("1", { a: 1 }), change("2", { a: 2 })]);
    expect((await write(before, [change("3", { b: "x" })])).errors.get(0)?.message).toContain("b: the type growing has no such field");
    const after = await open(route);
    await written(after, [change("4", { a: 4, b: "x" }), change("5", { b: "y" })]);
    expect(await rows("grown")).toMatchObject({
      "1": all("1", { a: 1 }),
      "2": all("2", { a: 2 }),
      "4": all("4", { a: 4, b: "x" }),
      "5": all("5", { a: null, b: "y" }),
    });
  });

  it("are found by look-ups, also as keys", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.places (at frozen<geo>, n int, home "Address", PRIMARY KEY (at, n))`);
    await written(await open(target("places", {}, ["at", "n"])), [
      { version: 1, document: { at: { lat: 1, lon: 2 }, n: 1, home: { street: "A", at: { lat: 1 } } } },
      { version: 1, document: { at: { lat: 1 }, n: 1, home: null } },
      { version: 1, document: { at: { lat: 3 }, n: 1 } },
      { version: 2, document: { at: { lat: 3, lon: null }, n: 1 }, delete: true },
    ]);
    const field = (name: string) => ({ root: "value" as const, path: [name] });
    const lookup = await must(keyspace.connection.openLookup?.({ name: "places", keys: ["at", "n"].map(field), fields: [field("home")] }));
    const found = await lookup.find(['[{"lon":2,"lat":1},1]', '[{"lat":1},1]', '[{"lat":3},1]', '[{"alt":1},1]'], NEVER);
    const home = { ...NOWHERE, street: "A", at: { lat: 1, lon: null } };
    expect(found.map((row) => (Buffer.isBuffer(row) ? JSON.parse(String(row)) : row))).toEqual([
      { home },
      { home: null },
      null,
      { problem: "the column at (frozen<geo>) cannot be that: alt: the type geo has no such field; it has lat, lon" },
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { analyzeCatalog } from "../../src/analyze/analyze-catalog.ts";
import { analyzeQuery } from "../../src/analyze/analyze-query.ts";
import { catalog, TEMPERATURES } from "./catalog.ts";

const query = (text: string) => analyzeQuery(parse(text), { catalog });
const codes = (text: string): readonly string[] => query(text).diagnostics.map(({ code }) => code);

describe("an ad hoc SELECT", () => {
  it("has no target, begins at the latest record and may have a limit", () => {
    const { statement, explain } = query("SELECT deviceId, temperature FROM raw WHERE temperature > 28 LIMIT 10");
    expect(statement).toMatchObject({ target: null, limit: 10, emit: "changes", settings: { start: "latest" } });
    expect(explain).toBe(false);
  });

  it("begins at the earliest record of a table, which is what all of them say", () => {
    const table = "CREATE TABLE t (id STRING PRIMARY KEY, n INT);";
    const start = (text: string): unknown => query(`${table} ${text}`).statement?.settings.start;
    expect(start("SELECT n FROM t")).toBe("earliest");
    expect(start("SELECT COUNT(*) AS n FROM t START AT LATEST")).toBe("latest");
    expect(start("SET 'start' = 'latest'; SELECT n FROM t")).toBe("latest");
    expect(start("SELECT STREAM n FROM t")).toBe("latest");
  });

  it("reads indexes and tables by their name", () => {
    expect(query("SELECT * FROM cassandra.iot.readings").statement?.source).toMatchObject({
      connection: "cassandra",
      topic: "iot.readings",
    });
    expect(query("SELECT * FROM elastic.hot_homes").statement?.source).toMatchObject({ connection: "elastic", topic: "hot_homes" });
  });

  it("may be explained, and follow SET and CREATE STREAM", () => {
    const text = `${TEMPERATURES} SET 'start' = 'earliest'; EXPLAIN SELECT deviceId, MAX(temperature) AS hot FROM temperatures
      WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY deviceId`;
    expect(query(text)).toMatchObject({ explain: true, diagnostics: [], statement: { emit: "changes", settings: { start: "earliest" } } });
  });

  it("is one, without a target and its clauses", () => {
    expect(codes("SELECT a FROM raw; SELECT b FROM raw")).toEqual(["STATEMENT_NOT_ALLOWED"]);
    expect(codes("INSERT INTO x SELECT a FROM raw")).toEqual(["STATEMENT_NOT_ALLOWED"]);
    expect(codes("EXPLAIN INSERT INTO x SELECT a FROM raw")).toEqual(["STATEMENT_NOT_ALLOWED"]);
    expect(codes("SELECT a FROM raw PK a AUTOCREATE TTL = 5")).toEqual(Array(3).fill("CLAUSE_NOT_ALLOWED"));
    expect(query("SELECT a FROM raw; SELECT b FROM raw").statement).toBeNull();
  });

  it("gives nothing for a text without one", () => {
    expect(query("SET 'start' = 'latest'")).toEqual({ statement: null, query: null, explain: false, diagnostics: [] });
    expect(query("SELECT FROM WHERE").statement).toBeNull();
  });
});

describe("the catalog", () => {
  it("is made of streams", () => {
    const { streams, diagnostics } = analyzeCatalog(parse(`SET 'source' = 'embedded'; ${TEMPERATURES} CREATE STREAM b (x INT);`), catalog);
    expect(diagnostics).toEqual([]);
    expect([...streams.values()].map(({ name, connection, partitions }) => [name, connection, partitions])).toEqual([
      ["temperatures", "kafka", 4],
      ["b", "embedded", null],
    ]);
    expect(analyzeCatalog(parse("INSERT INTO a SELECT * FROM b"), catalog).diagnostics.map(({ code }) => code)).toEqual([
      "STATEMENT_NOT_ALLOWED",
    ]);
  });
});

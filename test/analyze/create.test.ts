import { describe, expect, it } from "vitest";
import { renderDiagnostic } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { analyzeCatalog } from "../../src/analyze/analyze-catalog.ts";
import { analyzePipeline } from "../../src/analyze/analyze-pipeline.ts";
import type { Catalog, CatalogConnection } from "../../src/catalog/catalog.ts";
import type { BoundStatement } from "../../src/model/statement.ts";

const connections = new Map<string, CatalogConnection>([
  ["embedded", { name: "embedded", kind: "embedded", as: "embedded" }],
  ["kafka", { name: "kafka", kind: "kafka", as: "kafka" }],
  ["elastic", { name: "elastic", kind: "elasticsearch", as: "elasticsearch" }],
]);
const CATALOG: Catalog = { connections, defaultSource: "kafka", defaultSink: "elastic", streams: new Map() };

const READINGS = "CREATE STREAM readings (id STRING, room STRING, temperature DOUBLE, at TIMESTAMP) WITH (key = 'id', partitions = 4);";

function analyze(sql: string, catalog = CATALOG) {
  const { pipeline, diagnostics } = analyzePipeline(parse(sql), { name: "test", catalog });
  return { pipeline, errors: diagnostics.map((diagnostic) => renderDiagnostic(sql, diagnostic, {}).split("\n")[0]) };
}

/** The statements of a pipeline, which must be without a fault. */
function statements(sql: string): readonly BoundStatement[] {
  const { pipeline, errors } = analyze(sql);
  if (pipeline === null) throw new Error(errors.join("\n"));
  return pipeline.statements;
}

const fieldsOf = ({ fields }: BoundStatement) => fields.map(({ root, path, type }) => [root, path.join("."), type.kind]);

describe("CREATE … AS SELECT", () => {
  it("declares what is selected, and writes it", () => {
    const [hot, rooms] = statements(`${READINGS}
      CREATE STREAM hot WITH (partitions = 2) AS SELECT id, room, temperature * 2 AS twice FROM readings WHERE temperature > 28;
      INSERT INTO elastic.rooms SELECT room, MAX(twice) AS most FROM hot GROUP BY id, room;`);
    expect(hot?.target).toEqual({ connection: "kafka", kind: "topic", name: "hot" });
    expect(rooms?.source).toMatchObject({ connection: "kafka", topic: "hot", keyField: "id", columns: hot && columnsOf(hot) });
    expect(rooms && fieldsOf(rooms)).toEqual([
      ["value", "room", "string"],
      ["value", "twice", "double"],
      ["value", "id", "string"],
    ]);
  });

  it("tells of columns that are not selected", () => {
    const sql = `${READINGS} CREATE STREAM hot AS SELECT id FROM readings; INSERT INTO elastic.x SELECT temprature FROM hot;`;
    expect(analyze(sql).errors).toEqual([expect.stringContaining("the stream 'hot' has no column 'temprature'")]);
  });

  it("knows the key of groups", () => {
    const text = `${READINGS} CREATE TABLE latest AS SELECT id, MAX(temperature) AS most FROM readings GROUP BY id;`;
    const [latest] = statements(text);
    expect([latest?.target?.kind, latest?.emit, latest?.recordKey?.length]).toEqual(["topic", "changes", 1]);
    const [, read] = statements(`${text} INSERT INTO elastic.x SELECT most FROM latest;`);
    expect([read?.source.reads, read?.source.keyField]).toEqual(["table", "id"]);
    expect(read?.identity).toMatchObject({ kind: "columns", columns: [{ name: "id" }] });
  });

  it("gives records the key that its options name", () => {
    const [rooms] = statements(`${READINGS} CREATE STREAM rooms WITH (key = 'room', topic = 'by.room') AS SELECT room, at FROM readings;`);
    expect(rooms?.target?.name).toBe("by.room");
    expect(rooms?.recordKey).toEqual([{ kind: "field", type: { kind: "string" }, index: 0 }]);
  });

  it("may have options that need its columns", () => {
    const [rows] = statements(`${READINGS} CREATE STREAM rows WITH (format = 'delimited') AS SELECT id, temperature FROM readings;`);
    expect(rows?.targetOptions.layout.value).toMatchObject({ format: "delimited", columns: [{ name: "id" }, { name: "temperature" }] });
  });

  it.each([
    [`${READINGS} CREATE STREAM a (x INT) AS SELECT id FROM readings;`, "the columns of CREATE … AS SELECT are those of the SELECT"],
    [`${READINGS} CREATE STREAM a WITH (timestamp = 'tme') AS SELECT id, at FROM readings;`, "'timestamp' names no column"],
    [`${READINGS} CREATE STREAM readings AS SELECT id FROM readings;`, "the stream 'readings' is declared already"],
    [`CREATE STREAM a AS SELECT id, COUNT(*) AS n FROM b;`, "NOT_GROUPED"],
  ])("refuses %s", (sql, why) => {
    expect(analyze(sql).errors).toContainEqual(expect.stringContaining(why));
  });
});

describe("declarations", () => {
  it("are replaced and left as they say", () => {
    const parsed = parse(`CREATE STREAM a (x INT); CREATE STREAM IF NOT EXISTS a (y INT); CREATE STREAM b (x INT);
      CREATE OR REPLACE STREAM b (y INT); CREATE TABLE c (id STRING PRIMARY KEY, n INT);`);
    const { streams, diagnostics } = analyzeCatalog(parsed, CATALOG);
    expect(diagnostics).toEqual([]);
    expect([...streams.values()].map(({ name, kind, columns }) => [name, kind, columns.map((column) => column.name)])).toEqual([
      ["a", "stream", ["x"]],
      ["b", "stream", ["y"]],
      ["c", "table", ["id", "n"]],
    ]);
  });

  it("of the catalog write nothing", () => {
    const { streams, diagnostics } = analyzeCatalog(parse("CREATE STREAM a AS SELECT * FROM b;"), CATALOG);
    expect([streams.size, diagnostics.map(({ code }) => code)]).toEqual([0, ["STATEMENT_NOT_ALLOWED"]]);
  });

  it("may place columns in the key and in headers", () => {
    const [one] = statements(`CREATE STREAM s (id INT KEY, n INT, trace STRING HEADER('trace-id'), hops INT HEADER('hops'));
      INSERT INTO elastic.x SELECT * FROM s;`);
    expect(one && fieldsOf(one)).toEqual([
      ["key", "", "string"],
      ["value", "n", "int"],
      ["header", "trace-id", "string"],
      ["header", "hops", "string"],
    ]);
    expect(one?.items.map((item) => (item.kind === "column" ? [item.name, item.expr.kind, item.expr.type.kind] : []))).toEqual([
      ["id", "cast", "int"],
      ["n", "field", "int"],
      ["trace", "field", "string"],
      ["hops", "cast", "int"],
    ]);
  });

  it("may have a key of several columns, and group by it", () => {
    const sql = `CREATE STREAM s (a INT KEY, b STRING KEY, n INT) WITH (partitions = 4);
      INSERT INTO elastic.x SELECT a, b, n FROM s;`;
    const [one] = statements(sql);
    expect(one?.source.keyFormat).toBe("json");
    expect(one && fieldsOf(one)).toEqual([
      ["key", "a", "int"],
      ["key", "b", "string"],
      ["value", "n", "int"],
    ]);
  });

  it("cover groups by their key column", () => {
    const [sums] = statements(`CREATE STREAM s (id INT KEY, n INT) WITH (partitions = 4);
      INSERT INTO elastic.sums SELECT id, SUM(n) AS total FROM s GROUP BY id;`);
    expect([sums?.needsSinglePartition, sums?.idsCoveredByKey]).toEqual([false, true]);
  });

  it("of tables are read as streams where that is asked for", () => {
    const table = "CREATE TABLE t (id STRING PRIMARY KEY, n INT);";
    const [rows] = statements(`${table} INSERT INTO elastic.x SELECT * FROM t;`);
    expect([rows?.source.reads, rows?.identity.kind]).toEqual(["table", "columns"]);
    const [read] = statements(`${table} INSERT INTO elastic.x SELECT STREAM id, n FROM t;`);
    expect(read && fieldsOf(read)).toEqual([
      ["key", "", "string"],
      ["value", "n", "int"],
    ]);
  });
});

describe("statements of sessions", () => {
  it.each(["SHOW STREAMS", "DESCRIBE a", "PRINT a", "DROP STREAM a", "INSERT INTO a (x) VALUES (1)", "ASSERT TOPIC a", "PAUSE ALL"])(
    "have no place in a pipeline: %s",
    (sql) => {
      expect(analyze(sql).errors).toEqual([expect.stringMatching(/STATEMENT_NOT_ALLOWED.*has no place in a pipeline/)]);
    },
  );
});

function columnsOf({ items }: BoundStatement) {
  return items.flatMap((item) => (item.kind === "column" ? [{ name: item.name, type: item.expr.type }] : []));
}

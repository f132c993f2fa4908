import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { printPipeline } from "../../grammar/print.ts";

/** The row's second column, and statements written so beside how they are written here. */
const SPELLINGS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "`GROUP BY tumble(1, m), room`": [
    ["SELECT room FROM t GROUP BY tumble(1, m), room", "SELECT room FROM t WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY room"],
  ],
  "`GROUP BY hop(5, m, 1, m)`": [
    ["SELECT a FROM t GROUP BY HOP(5,m,1,m)", "SELECT a FROM t WINDOW HOPPING (SIZE 5 MINUTES, ADVANCE BY 1 MINUTE)"],
  ],
  "`GROUP BY sliding(5, m)`, `session(30, s)`": [
    ["SELECT a FROM t GROUP BY sliding(5, m)", "SELECT a FROM t WINDOW SLIDING (SIZE 5 MINUTES)"],
    ["SELECT a FROM t GROUP BY session(30, s)", "SELECT a FROM t WINDOW SESSION (30 SECONDS)"],
  ],
  "`WHERE _ktype = 'STRING' AND _vtype = 'AVRO'`": [
    [
      "SELECT a FROM t WHERE a > 1 AND _vtype='AVRO' AND _ktype='STRING'",
      "SELECT a FROM t WHERE _ktype = 'STRING' AND _vtype = 'AVRO' AND a > 1",
    ],
  ],
  "`SET autocreate = true`": [["SET autocreate=true", "SET 'autocreate' = TRUE"]],
  "`WINDOW BY TUMBLE 5m`, `HOP 5m,1m`, `SESSION 30s`": [
    ["SELECT a FROM t WINDOW BY TUMBLE 5m", "SELECT a FROM t WINDOW TUMBLING (SIZE 5 MINUTES)"],
    ["SELECT a FROM t WINDOW BY HOP 5m,1m", "SELECT a FROM t WINDOW HOPPING (SIZE 5 MINUTES, ADVANCE BY 1 MINUTE)"],
    ["SELECT a FROM t WINDOW BY SESSION 30s", "SELECT a FROM t WINDOW SESSION (30 SECONDS)"],
  ],
  "`SELECT STREAM`, `SELECT TABLE`, `EVENTTIME BY`, `STORE KEY AS … VALUE AS …`": [
    [
      "insert into x store key as string value as json select stream a from t eventtime by b",
      "INSERT INTO x STORE KEY AS STRING VALUE AS JSON SELECT STREAM a FROM t EVENTTIME BY b",
    ],
    ["select table a from t", "SELECT TABLE a FROM t"],
  ],
  "`WITH name AS (…);` before several INSERTs": [
    ["with n as (select a from t); insert into x select a from n", "WITH n AS (SELECT a FROM t); INSERT INTO x SELECT a FROM n"],
  ],
  "`a JOIN b ON … WITHIN 1h`": [["SELECT a.c FROM a JOIN b ON a.i = b.i WITHIN 1h", "SELECT a.c FROM a JOIN b WITHIN 1 HOUR ON a.i = b.i"]],
  "`address->street`": [["SELECT address->street AS s FROM t", "SELECT address.street AS s FROM t"]],
  "`ARRAY[…]`, `MAP(k := v)`, `STRUCT(a := 1)`, `x => x + 1`": [
    [
      "SELECT array[1] AS a, map('k' := 1) AS b, struct(a:=1) AS c, transform(d, x=>x+1) AS d FROM t",
      "SELECT ARRAY[1] AS a, MAP('k' := 1) AS b, STRUCT(a := 1) AS c, TRANSFORM(d, x => x + 1) AS d FROM t",
    ],
  ],
  "`LIST QUERIES`, `SHOW CONNECTORS`, `SHOW PROPERTIES`": [
    ["LIST QUERIES; SHOW CONNECTORS; SHOW PROPERTIES", "SHOW PIPELINES; SHOW CONNECTIONS; SHOW SETTINGS"],
  ],
  "`TERMINATE q`, `PAUSE q`": [["TERMINATE q; PAUSE q", "DROP PIPELINE q; PAUSE PIPELINE q"]],
  "`PRINT t FROM BEGINNING INTERVAL 10 LIMIT 5`": [
    ["print t from beginning interval 10 limit 5", "PRINT t FROM BEGINNING INTERVAL 10 LIMIT 5"],
  ],
  "`TRIM(LEADING '-' FROM a)`, `POSITION('x' IN a)`, `EXTRACT(hour FROM t)`, `SUBSTRING(a FROM 2 FOR 3)`": [
    [
      "SELECT TRIM(LEADING '-' FROM a) AS b, POSITION('x' IN a) AS c, EXTRACT(hour FROM t) AS d, SUBSTRING(a FROM 2 FOR 3) AS e FROM t",
      "SELECT LTRIM(a, '-') AS b, POSITION(a, 'x') AS c, EXTRACT('hour', t) AS d, SUBSTRING(a, 2, 3) AS e FROM t",
    ],
  ],
  "`UPDATE INTO t`, `UPSERT PK id INTO t`": [["UPSERT PK id INTO t SELECT id FROM s", "UPSERT INTO t SELECT id FROM s PK id"]],
};

/** Rows whose words mean the same without becoming the same tree: bound, and tested with what binds them. */
const BOUND = [
  "`WINDOWSTART`, `WINDOWEND`",
  "`WITH (kafka_topic = 't', value_format = 'json')`",
  "`WITH ('connector' = 'kafka', 'value.format' = 'json')`",
  "`a.b-c` as a column",
];

const printed = (text: string): string => {
  const { statements, diagnostics } = parse(text);
  expect(diagnostics).toEqual([]);
  return printPipeline(statements).toLowerCase();
};

describe("docs/language/spellings.md", () => {
  const rows = readFileSync("docs/language/spellings.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| written"))
    .map((line) => line.split(" | ")[1] as string);

  it("has a statement for each row", () => {
    expect(rows.toSorted()).toEqual([...Object.keys(SPELLINGS), ...BOUND].toSorted());
  });

  it.each(Object.entries(SPELLINGS))("%s", (_row, pairs) => {
    for (const [foreign, own] of pairs) expect(printed(foreign)).toBe(printed(own));
  });
});

import { describe, expect, it } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { checkText } from "../../src/analyze/check-text.ts";

const said = (text: string): readonly string[] => checkText(parse(text)).map(({ code, message }) => `${code} ${message}`);

const SOUND = [
  "INSERT INTO nowhere.x SELECT a.b, c FROM no.such.topic WHERE d > 5 AND e = 'x'",
  "INSERT INTO a SELECT * FROM a",
  "INSERT INTO x SELECT *, a AS b FROM t PK _key.id, _header.h, _value.c TTL = 5 BATCH = 10 LIMIT 5",
  "UPSERT INTO x SELECT device, COUNT(*) AS n FROM t GROUP BY device PK device",
  "INSERT INTO x SELECT a.x, b.x FROM t WITHSTRUCTURE",
  "INSERT INTO x SELECT p.*, _key.*, _header.*, q.* FROM t IGNORE a",
  "SELECT _key, _key.id, _ts, _.topic, _meta.offset FROM t",
  "SET 'anything' = 'goes'; SELECT a FROM t",
  "SELECT o.id, u.name FROM orders o JOIN users u WITHIN 1 HOUR ON o.user = u.id",
  "SELECT o.id, u.name FROM orders o LEFT JOIN users u ON o.user = u.id",
  "SELECT orders.id FROM orders JOIN users USING (id)",
  "SELECT STREAM a.id FROM a JOIN b WITHIN 5m ON a._key = b._key",
  "SELECT TABLE a.id FROM a JOIN b ON a.id = b.id",
  "WITH s AS (SELECT STREAM device, temp FROM t) SELECT STREAM device FROM s WHERE temp > 3",
  "WITH s AS (SELECT TABLE * FROM t), r AS (SELECT STREAM * FROM u) SELECT r.a, s.b FROM r JOIN s ON r.id = s.id",
  "WITH s AS (SELECT device FROM t); INSERT INTO x SELECT device FROM s; INSERT INTO y SELECT device FROM s",
  "SELECT x.n FROM (SELECT device, COUNT(*) AS n FROM t GROUP BY device) AS x WHERE x.n > 3",
  "SELECT a FROM t UNION ALL SELECT b FROM u",
  "SELECT i.sku, i.count FROM orders CROSS JOIN UNNEST(items) AS i",
  "SELECT id, sku FROM orders CROSS JOIN UNNEST(items) AS i(sku)",
  "SELECT EXPLODE(items) AS item FROM orders",
  "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC) AS n, SUM(c) OVER (ORDER BY b) AS s FROM t",
  "SELECT a, COUNT(*) AS n FROM t WINDOW HOPPING (SIZE 10 MINUTES, ADVANCE BY 1 MINUTE, GRACE PERIOD 1 MINUTE) GROUP BY a EMIT FINAL",
  "SELECT a, COUNT(*) AS n FROM t WINDOW CUMULATING (SIZE 1 HOUR, STEP 10 MINUTES) GROUP BY a EMIT EVERY 10 SECONDS",
  "SELECT a, COUNT(*) AS n FROM t WINDOW SESSION (30 SECONDS) GROUP BY a LATE INTO late",
  "SELECT a, COUNT(*) AS n FROM t WINDOW COUNT (SIZE 100, ADVANCE BY 10) GROUP BY a",
  "SELECT a, COUNT(*) AS n, window_start AS w FROM t WINDOW TUMBLING (SIZE 1 DAY, TIME ZONE 'UTC', OFFSET 6 HOURS) GROUP BY a",
  "SELECT a + 1 AS x, COUNT(*) AS n FROM t GROUP BY a + 1 HAVING n > 3",
  "SELECT CASE WHEN a > 1 THEN 'hot' ELSE 'cold' END AS c, AVG(b) AS m FROM t GROUP BY CASE WHEN a > 1 THEN 'hot' ELSE 'cold' END",
  "SELECT a FROM t EVENTTIME BY meta.ts PARTITION BY b START AT EARLIEST",
  "CREATE STREAM s (id INT) WITH ('connector' = 'kafka', 'topic' = 'x', 'value.format' = 'json'); SELECT id FROM s",
  "CREATE STREAM s (id INT, items ARRAY<STRING>) WITH (kafka_topic = 's', value_format = 'AVRO', replicas = 3); SELECT id FROM s",
  "CREATE TABLE u (id INT PRIMARY KEY, name STRING) WITH (topic = 'u'); SELECT s.a, u.name FROM s JOIN u ON s.id = u.id",
  "CREATE STREAM x AS SELECT a FROM t",
  "SHOW TOPICS; DESCRIBE t; EXPLAIN SELECT a FROM t",
  "INSERT INTO x (a, b) VALUES (1, 'two'), (3, NULL)",
  "SELECT 1 FROM t",
  "SELECT a.*, b.* FROM a JOIN b WITHIN 1 HOUR ON a.id = b.id",
  "SELECT a, WINDOWSTART AS begin, COUNT(*) AS n FROM t WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY a",
  "UPSERT INTO x SELECT a, COUNT(*) AS n FROM t GROUP BY a",
  "SELECT EXPLODE(a) AS x, COUNT(*) AS n FROM t GROUP BY x",
  "SELECT a FROM t START AT '2024-01-01T00:00:00Z'",
];

const FAULTY: readonly (readonly [text: string, code: string])[] = [
  ["SELECT a FROM t WHERE COUNT(*) > 1", "AGGREGATE_NOT_ALLOWED"],
  ["SELECT a, b + 1 AS x, COUNT(*) AS n FROM t GROUP BY a", "NOT_GROUPED"],
  ["SELECT a FROM t WINDOW TUMBLING (SIZE 1 MINUTE)", "CLAUSE_NOT_ALLOWED"],
  ["SELECT a, COUNT(*) AS n FROM t GROUP BY a EMIT FINAL", "CLAUSE_NOT_ALLOWED"],
  ["UPSERT INTO x SELECT a FROM t", "KEY_REQUIRED"],
  ["SELECT EXPLODE(a) AS x, COUNT(*) AS n FROM t GROUP BY b", "NOT_GROUPED"],
  ["SELECT a FROM t START AT 'yesterday'", "INVALID_VALUE"],
  ["SELECT a.*, a.* FROM a JOIN b WITHIN 1 HOUR ON a.id = b.id", "DUPLICATE_NAME"],
  ["SELECT a AS '' FROM t", "ILLEGAL_NAME"],
  ["SELECT a FROM t WHERE ROW_NUMBER() OVER (ORDER BY b) = 1", "CLAUSE_NOT_ALLOWED"],
  ["SELECT LAG(a) AS b FROM t", "WRONG_ARGUMENTS"],
  ["SELECT 'a' + 1 AS x FROM t", "TYPE_MISMATCH"],
  ["SELECT lenght(a) AS n FROM t", "UNKNOWN_FUNCTION"],
  ["CREATE STREAM s (id INT); SELECT name FROM s", "UNKNOWN_FIELD"],
  ["WITH s AS (SELECT device FROM t) SELECT temp FROM s", "UNKNOWN_FIELD"],
  ["SELECT x.b FROM (SELECT a FROM t) AS x", "UNKNOWN_FIELD"],
  ["WITH s AS (SELECT a FROM t), s AS (SELECT b FROM t) SELECT b FROM s", "DUPLICATE_NAME"],
  ["SELECT STREAM a.id FROM a JOIN b ON a.id = b.id", "INVALID_JOIN"],
  ["SELECT TABLE a.id FROM a JOIN b WITHIN 1 HOUR ON a.id = b.id", "INVALID_JOIN"],
  ["SELECT t.id FROM t JOIN t WITHIN 1 HOUR ON t.id = t.ref", "DUPLICATE_NAME"],
  ["CREATE STREAM a (id INT); CREATE STREAM b (id INT); SELECT id FROM a JOIN b WITHIN 1 HOUR ON a.id = b.id", "AMBIGUOUS_NAME"],
  ["SELECT a, b FROM t UNION ALL SELECT a FROM u", "COLUMNS_DIFFER"],
  ["SELECT a, COUNT(*) AS n FROM t WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 1 HOUR) GROUP BY a", "INVALID_WINDOW"],
  ["SELECT a, COUNT(*) AS n FROM t WINDOW CUMULATING (SIZE 1 HOUR, STEP 7 MINUTES) GROUP BY a", "INVALID_WINDOW"],
  ["SELECT a, COUNT(*) AS n FROM t GROUP BY a LATE INTO x", "CLAUSE_NOT_ALLOWED"],
  ["SELECT upper(a) OVER (ORDER BY b) AS x FROM t", "WRONG_ARGUMENTS"],
  ["SELECT a FROM t WHERE EXPLODE(b) = 1", "CLAUSE_NOT_ALLOWED"],
  ["INSERT INTO x (a, b) VALUES (1)", "COLUMNS_DIFFER"],
  ["INSERT INTO x (a) VALUES (b)", "UNKNOWN_FIELD"],
  ["CREATE STREAM s (a STRNG)", "UNKNOWN_TYPE"],
  ["INSERT INTO x SELECT a, COUNT(*) AS n FROM t GROUP BY a WITHINDEXSUFFIX = _{yyyy}", "CLAUSE_NOT_ALLOWED"],
  ["INSERT INTO x SELECT a, COUNT(*) AS n FROM t GROUP BY a PK b", "NOT_GROUPED"],
];

describe("checkText", () => {
  it.each(SOUND)("has nothing against %s", (text) => {
    expect(said(text)).toEqual([]);
  });

  it.each(FAULTY)("refuses %s: %s", (text, code) => {
    const codes = said(text).map((line) => line.split(" ")[0]);
    expect(codes).toEqual([code]);
  });

  it("never speaks of what is not built, nor of connections, topics and targets", () => {
    const codes = SOUND.flatMap((text) => checkText(parse(text))).map(({ code }) => code);
    for (const code of ["NOT_SUPPORTED_YET", "UNKNOWN_CONNECTION", "SOURCE_NOT_ALLOWED", "ILLEGAL_NAME"]) expect(codes).not.toContain(code);
  });
});

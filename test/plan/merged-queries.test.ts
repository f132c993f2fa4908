import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { compileStatement } from "../../src/plan/code/compile-statement.ts";
import { planOf } from "./run-statement.ts";

const DECLARE = `CREATE STREAM t (device STRING, room STRUCT<name STRING, floor INT>, v DOUBLE, time TIMESTAMP, tags ARRAY<STRING>)
  WITH (topic = 't', key = 'device', timestamp = 'time', partitions = 4);`;

/** All that the statement is when it runs. */
function running(sql: string) {
  const plan = planOf(`${DECLARE} INSERT INTO x ${sql};`);
  const statement = must(plan.statements[0]);
  const { text: _text, ...rest } = statement.statement;
  return { code: compileStatement(statement).source, statement: rest, columns: statement.columns, source: must(plan.sources[0]) };
}

const SAME: readonly (readonly [nested: string, flat: string])[] = [
  [
    "SELECT degrees, name FROM (SELECT v AS degrees, room.name AS name FROM t WHERE v > 3) AS d WHERE name = 'a'",
    "SELECT v AS degrees, room.name AS name FROM t WHERE v > 3 AND room.name = 'a'",
  ],
  ["WITH a AS (SELECT room, v FROM t), b AS (SELECT room AS r FROM a) SELECT r.floor AS floor FROM b", "SELECT room.floor AS floor FROM t"],
  ["WITH a AS (SELECT * FROM t) SELECT device, v + 1 AS w FROM a", "SELECT device, v + 1 AS w FROM t"],
  ["SELECT n FROM (SELECT *, v * 2 AS n FROM raw) WHERE other > 1", "SELECT v * 2 AS n FROM raw WHERE other > 1"],
  [
    "WITH a AS (SELECT device AS id, v FROM t WHERE v > 0) SELECT id, SUM(v) AS s FROM a WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY id",
    "SELECT device AS id, SUM(v) AS s FROM t WINDOW TUMBLING (SIZE 1 MINUTE) WHERE v > 0 GROUP BY device",
  ],
  [
    "SELECT transform(tags, z => z || more) AS y FROM (SELECT tags, reduce(tags, '', (s, x) => s || x) AS more FROM t)",
    "SELECT transform(tags, z => z || reduce(tags, '', (s, x) => s || x)) AS y FROM t",
  ],
  ["SELECT _key AS k, _offset AS at FROM (SELECT v FROM t)", "SELECT _key AS k, _offset AS at FROM t"],
];

describe("queries within a query", () => {
  it.each(SAME)("run as one: %s", (nested, flat) => {
    const [ours, wanted] = [running(nested), running(flat)];
    expect(ours.code).toBe(wanted.code);
    expect(ours.source).toEqual(wanted.source);
    expect(ours.columns).toEqual(wanted.columns);
  });

  it("have their columns as a whole in _value", () => {
    expect(running("SELECT _value AS all FROM (SELECT device, v FROM t)").code).toBe(
      running("SELECT STRUCT(device := device, v := v) AS all FROM t").code,
    );
  });

  it.each([
    ["SELECT n FROM (SELECT COUNT(*) AS n FROM t GROUP BY device EMIT EVERY 1 MINUTE)", "EMIT EVERY clauses in stages and sub-queries"],
    ["SELECT v FROM (SELECT v FROM t UNION ALL SELECT v FROM t)", "UNION in stages and sub-queries are not supported yet"],
    ["SELECT v FROM (SELECT v FROM t LIMIT 3)", "LIMIT in stages and sub-queries are not supported yet"],
    ["SELECT v FROM (SELECT v FROM t PK device)", "PK clauses in stages and sub-queries are not supported yet"],
    ["SELECT v FROM (SELECT v FROM t START AT EARLIEST)", "START AT clauses in stages and sub-queries are not supported yet"],
    ["SELECT w FROM (SELECT v FROM t) AS d", "'d' has no column 'w'"],
  ])("are refused where they are more than rows: %s", (sql, message) => {
    expect(() => running(sql)).toThrow(message);
  });
});

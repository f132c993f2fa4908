import { describe, expect, it } from "vitest";
import { idOf } from "../../src/model/change.ts";
import { runStatement, type StatementRun } from "./run-statement.ts";

const select = (items: string, rest = ""): string => `INSERT INTO out SELECT ${items} FROM t ${rest}`;

describe("generated statements", () => {
  it("copies fields as they are written", () => {
    const { texts } = runStatement(select("a, b.c AS c, d"), ['{"a":1.50,"b":{"c":"caf\\u00e9"},"d":{"x":\n[1, 2]}}', '{"d":null}']);
    expect(texts).toEqual(['{"a":1.50,"c":"café","d":{"x":[1, 2]}}', '{"a":null,"c":null,"d":null}']);
  });

  it("filters with three-valued logic", () => {
    const { documents, filtered } = runStatement(select("a", "WHERE a > 1 AND NOT b"), [
      '{"a":2,"b":false}',
      '{"a":2,"b":null}',
      '{"a":1,"b":false}',
      '{"b":false}',
    ]);
    expect(documents).toEqual([{ a: 2 }]);
    expect(filtered).toBe(3);
  });

  it("says which field of which row has the wrong type, and goes on with the next", () => {
    const { documents, errors } = runStatement(select("a + 1 AS b"), ['{"a":"x"}', '{"a":1}']);
    expect(documents).toEqual([{ b: 2 }]);
    expect(errors.get(0)).toBe("a: expected a number, found a string");
  });

  it("checks the arguments of functions, of unknown type too", () => {
    const sql = select("upper(a) AS u, sqrt(b) AS r, date_trunc('minute', t) AS m");
    const { documents, errors } = runStatement(sql, [
      '{"a":"x","b":4,"t":"2026-01-01T00:01:30Z"}',
      '{"a":5,"b":4}',
      '{"a":"x","b":"x"}',
      '{"b":-1}',
      '{"t":"soon"}',
    ]);
    expect(documents).toEqual([{ u: "X", r: 2, m: "2026-01-01T00:01:00.000Z" }]);
    expect([...errors]).toEqual([
      [1, "a: expected a string, found a number"],
      [2, "b: expected a number, found a string"],
      [3, expect.stringMatching(/^sqrt: /)],
      [4, expect.stringMatching(/^CAST: expected a timestamp/)],
    ]);
  });

  it("computes only the branch of a CASE that is taken", () => {
    const { documents, errors } = runStatement(select("CASE WHEN a IS NULL THEN 0 ELSE a * 2 END AS b, coalesce(c, a) AS d"), [
      '{"c":1}',
      '{"a":4}',
    ]);
    expect(errors.size).toBe(0);
    expect(documents).toEqual([
      { b: 0, d: 1 },
      { b: 8, d: 4 },
    ]);
  });

  it("replaces members of the whole document by columns of that name", () => {
    const { texts } = runStatement(select("*, a * 2 AS a, 'x' AS tag"), ['{"a":1,"b":[1,\n2]}', "{}", "[1]"]);
    expect(texts).toEqual(['{"b":[1,2],"a":2,"tag":"x"}', '{"a":null,"tag":"x"}']);
  });

  it("aggregates by group and window", () => {
    const sql = select(
      "k, window_start, COUNT(*) AS n, COUNT(v) AS values_seen, SUM(v) AS s, AVG(v) AS a, MIN(v) AS lo, MAX(v) AS hi",
      "WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY k HAVING COUNT(*) > 1",
    );
    const { documents } = runStatement(sql, ['{"k":"a","v":1}', '{"k":"\\u0061","v":3}', '{"k":"a"}', '{"k":"b","v":9}']);
    const window_start = new Date(Math.floor(1_700_000_000_000 / 60_000) * 60_000).toISOString();
    expect(documents).toEqual([{ k: "a", window_start, n: 3, values_seen: 2, s: 4, a: 2, lo: 1, hi: 3 }]);
  });

  it("makes ids of one column as text, of several as a JSON array", () => {
    const one = runStatement(select("a, b", "PK a"), ['{"a":"x","b":1}']);
    const two = runStatement(select("a, b", "PK a, b"), ['{"a":"x","b":1}', '{"a":"x"}']);
    expect(idOf(one.batch, 0)).toBe("x");
    expect(idOf(two.batch, 0)).toBe('["x",1]');
    expect(two.errors.get(1)).toBe("b: is null, and cannot be part of a key");
  });

  it("compares ids decoded", () => {
    const idsOf = ({ batch }: StatementRun): string[] => Array.from({ length: batch.count }, (_, row) => idOf(batch, row));
    const run = runStatement(select("a, b", "PK a, b"), ['{"a":"café","b":"/"}', '{"a":"caf\\u00e9","b":"\\/"}', '{"a":"x","b":1.50}']);
    expect(idsOf(run)).toEqual(['["café","/"]', '["café","/"]', '["x",1.5]']);
    expect(idsOf(runStatement(select("UPPER(a) AS b", "PK b"), ['{"a":"\\u00e9"}', '{"a":"\\ud83d"}']))).toEqual(["É"]);
  });
});

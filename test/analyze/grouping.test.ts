import { describe, expect, it } from "vitest";
import { analyze, statement, TEMPERATURES } from "./catalog.ts";
import { show, showColumns } from "./show.ts";

const WINDOW = "WINDOW TUMBLING (SIZE 1 MINUTE)";

function groupsOf(text: string): readonly string[] {
  const bound = statement(text);
  return bound.groupBy.map((expr) => show(expr, bound));
}

describe("GROUP BY", () => {
  it("makes leaves of whatever equals a grouping expression", () => {
    const bound = statement("INSERT INTO x SELECT upper(room) || '!' AS r, COUNT(*) + 1 AS n FROM raw GROUP BY upper(room)");
    expect(showColumns(bound)).toEqual(['r: (group0 || "!") STRING', "n: (COUNT(*) + 1) BIGINT"]);
  });

  it("takes aliases and numbers of columns", () => {
    expect(groupsOf("INSERT INTO x SELECT upper(a.room) AS r, COUNT(*) AS n FROM raw GROUP BY r")).toEqual(["upper(a.room)"]);
    expect(groupsOf("INSERT INTO x SELECT a.b AS r, COUNT(*) AS n FROM raw GROUP BY 1")).toEqual(["a.b"]);
  });

  it("prefers a field to an alias made of it, and a declared column to any alias", () => {
    expect(groupsOf("INSERT INTO x SELECT upper(room) AS room, COUNT(*) AS n FROM raw GROUP BY room")).toEqual(["room"]);
    const bound = statement(
      `${TEMPERATURES} INSERT INTO x SELECT MAX(humidity) AS homeId, deviceId FROM temperatures GROUP BY deviceId, homeId`,
    );
    expect(bound.groupBy.map((expr) => show(expr, bound))).toEqual(["deviceId", "homeId"]);
  });

  it("may name the window, which belongs to every group anyway", () => {
    expect(groupsOf(`INSERT INTO x SELECT d, window_start AS w, COUNT(*) AS n FROM raw ${WINDOW} GROUP BY d, window_start, w, d`)).toEqual([
      "d",
    ]);
  });

  it("makes groups without aggregates, and totals without GROUP BY", () => {
    expect(statement("INSERT INTO x SELECT d FROM raw GROUP BY d")).toMatchObject({ aggregated: true, aggregates: [] });
    expect(statement("INSERT INTO x SELECT COUNT(*) AS n FROM raw")).toMatchObject({ aggregated: true, groupBy: [], recordKey: [] });
  });

  it("computes equal aggregates once", () => {
    const bound = statement("INSERT INTO x SELECT d, AVG(t) AS a, AVG(t) + 1 AS b FROM raw GROUP BY d HAVING AVG(t) > 5 AND a < 9");
    expect(bound.aggregates.map(({ text }) => text)).toEqual(["AVG(t)"]);
    expect(bound.having === null ? "" : show(bound.having, bound)).toBe("((AVG(t) > 5) and (AVG(t) < 9))");
  });

  it("gives sums of integers as integers, means as doubles, extremes of times as times", () => {
    const stream = "CREATE STREAM s (k STRING, i INT, at TIMESTAMP) WITH (key = 'k');";
    const bound = statement(
      `${stream} INSERT INTO x SELECT k, SUM(i) AS a, AVG(i) AS b, MAX(at) AS c, MIN(i) AS d, COUNT(i) AS e FROM s GROUP BY k`,
    );
    expect(bound.aggregates.map(({ type }) => type.kind)).toEqual(["bigint", "double", "timestamp", "int", "bigint"]);
  });
});

describe("HAVING", () => {
  it("means an alias before a field, unless the rows are grouped by the field", () => {
    const alias = statement("INSERT INTO x SELECT d, MAX(t) AS t FROM raw GROUP BY d HAVING t > 5");
    expect(alias.having === null ? "" : show(alias.having, alias)).toBe("(MAX(t) > 5)");
    const field = statement("INSERT INTO x SELECT upper(d) AS d, COUNT(*) AS n FROM raw GROUP BY d HAVING d = 'a'");
    expect(field.having === null ? "" : show(field.having, field)).toBe('(group0 = "a")');
  });

  it("may use the window", () => {
    const bound = statement(`INSERT INTO x SELECT d, COUNT(*) AS n FROM raw ${WINDOW} GROUP BY d HAVING window_end > '2026-01-01'`);
    expect(bound.having === null ? "" : show(bound.having, bound)).toBe("(window_end > 1767225600000:TIMESTAMP)");
  });
});

describe("window bounds", () => {
  it("are fields of the record where the statement has no window", () => {
    expect(showColumns(statement("INSERT INTO x SELECT window_start FROM raw"))).toEqual(["window_start: window_start ANY"]);
    expect(statement("INSERT INTO x SELECT window_start FROM raw").fields).toHaveLength(1);
  });

  it("leave the record's fields of that name to _value", () => {
    const bound = statement(`INSERT INTO x SELECT window_start, MAX(_value.window_end) AS last FROM raw ${WINDOW} GROUP BY d`);
    expect(showColumns(bound)).toEqual(["window_start: window_start TIMESTAMP", "last: MAX(_value.window_end) DOUBLE"]);
    expect(bound.fields.map(({ path }) => path)).toEqual([["window_end"], ["d"]]);
  });
});

describe("EMIT", () => {
  const emit = (target: string, clause = "", window = WINDOW): string =>
    statement(`INSERT INTO ${target} SELECT d, window_start, COUNT(*) AS n FROM raw ${window} GROUP BY d ${clause}`).emit;

  it("is CHANGES into indexes and tables, FINAL into topics, unless it is said", () => {
    expect(emit("elastic.x")).toBe("changes");
    expect(emit("cassandra.k.x")).toBe("changes");
    expect(emit("kafka.x")).toBe("final");
    expect(emit("elastic.x", "EMIT FINAL")).toBe("final");
    expect(emit("kafka.x", "EMIT CHANGES")).toBe("changes");
  });

  it("is CHANGES without a window", () => {
    expect(statement("INSERT INTO kafka.x SELECT d, COUNT(*) AS n FROM raw GROUP BY d").emit).toBe("changes");
    expect(statement("INSERT INTO x SELECT d FROM raw EMIT CHANGES").emit).toBe("changes");
  });
});

it("reports every fault of a text at once", () => {
  const { diagnostics, pipeline } = analyze(`${TEMPERATURES} SET 'star' = 'latest';
    INSERT INTO A SELECT tempature, upper(1) AS x FROM temperatures WHERE humdity > 1;
    INSERT INTO b SELECT deviceId, homeId, COUNT(*) AS n FROM temperatures GROUP BY deviceId TTL = 5;`);
  expect(pipeline).toBeNull();
  expect(diagnostics.map(({ code }) => code)).toEqual([
    "UNKNOWN_SETTING",
    "ILLEGAL_NAME",
    "UNKNOWN_FIELD",
    "TYPE_MISMATCH",
    "UNKNOWN_FIELD",
    "NOT_GROUPED",
    "CLAUSE_NOT_ALLOWED",
  ]);
});

import { describe, expect, it } from "vitest";
import { treeLines } from "../../src/plan/explain.ts";
import { explainQuery } from "../../src/plan/explain-query.ts";
import { analyze, TEMPERATURES } from "../analyze/catalog.ts";

/** What a statement means, and what of it cannot run yet. */
function explain(text: string): { readonly tree: readonly string[]; readonly unbuilt: readonly string[] } {
  const { queries, pipeline, diagnostics } = analyze(TEMPERATURES + text);
  expect(pipeline === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  return {
    tree: treeOf(queries),
    unbuilt: diagnostics.filter(({ severity }) => severity === "error").map(({ code, message }) => `${code} ${message}`),
  };
}

function treeOf(queries: ReturnType<typeof analyze>["queries"]): readonly string[] {
  const [first] = queries ?? [];
  return first === undefined ? [] : treeLines(explainQuery(first.query, first.target), "");
}

describe("what statements mean is explained, also where it cannot run yet", () => {
  it("a join with a sub-query", () => {
    expect(
      explain(
        "INSERT INTO a SELECT t.deviceId, u.n FROM temperatures t LEFT JOIN (SELECT deviceId, COUNT(*) AS n FROM temperatures " +
          "GROUP BY deviceId) u ON t.deviceId = u.deviceId WHERE t.temperature > 5",
      ),
    ).toEqual({
      tree: [
        "route  to index elastic.a",
        "  project  t.deviceId AS deviceId, u.n AS n",
        "    filter  (t.temperature > 5)",
        "      left join  on (t.deviceId = u.deviceId)",
        "        scan  temperatures as a stream",
        "        query  u",
        "          project  deviceId AS deviceId, COUNT(*) AS n",
        "            aggregate  by deviceId: COUNT(*)",
        "              scan  temperatures as a stream",
      ],
      unbuilt: [],
    });
  });

  it("stages, whose columns are known to those that read them", () => {
    const stages = "WITH hot AS (SELECT deviceId, MAX(temperature) AS degrees FROM temperatures GROUP BY deviceId) ";
    expect(explain(`${stages}INSERT INTO a SELECT deviceId, degrees FROM hot`)).toEqual({
      tree: [
        "route  to index elastic.a",
        "  project  deviceId AS deviceId, degrees AS degrees",
        "    query  hot",
        "      project  deviceId AS deviceId, MAX(temperature) AS degrees",
        "        aggregate  by deviceId: MAX(temperature)",
        "          scan  temperatures as a stream",
      ],
      unbuilt: [],
    });
    expect(explain(`${stages}INSERT INTO a SELECT humidity FROM hot`).unbuilt).toContain("UNKNOWN_FIELD 'hot' has no column 'humidity'");
  });

  it("windows of every kind", () => {
    const grouped = (window: string): string =>
      `INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures WINDOW ${window} GROUP BY deviceId`;
    const aggregate = (window: string): string | undefined =>
      treeOf(analyze(TEMPERATURES + grouped(window)).queries)
        .find((line) => line.includes("aggregate"))
        ?.trim();
    const by = "by deviceId: COUNT(*)";
    expect(aggregate("HOPPING (SIZE 1 HOUR, ADVANCE BY 10 MINUTES)")).toBe(
      `aggregate  hopping 3600000 ms every 600000 ms, grace 0 ms; ${by}`,
    );
    expect(aggregate("SESSION (GAP 30 SECONDS, GRACE PERIOD 1 MINUTE)")).toBe(
      `aggregate  session with gaps of 30000 ms, grace 60000 ms; ${by}`,
    );
    expect(aggregate("COUNT (SIZE 100)")).toBe(`aggregate  100 rows every 100; ${by}`);
    expect(aggregate("TUMBLING (SIZE 1 DAY, TIME ZONE 'Europe/Berlin')")).toBe(
      `aggregate  tumbling 86400000 ms, time zone Europe/Berlin, grace 0 ms; ${by}`,
    );
  });

  it("unions and elements of arrays", () => {
    expect(
      explain(
        "INSERT INTO a SELECT battery FROM temperatures " +
          "UNION ALL SELECT MAX(i.n) AS n FROM orders CROSS JOIN UNNEST(orders.items) AS i",
      ).tree,
    ).toEqual([
      "route  to index elastic.a",
      "  union all",
      "    project  battery AS battery",
      "      scan  temperatures as a stream",
      "    project  MAX(i.n) AS n",
      "      aggregate  by all: MAX(i.n)",
      "        unnest  orders.items",
      "          scan  orders as a stream",
    ]);
  });

  it("refuses two streams without WITHIN", () => {
    expect(explain("INSERT INTO a SELECT t.deviceId FROM temperatures t JOIN users u ON t.deviceId = u.id").unbuilt).toContain(
      "INVALID_JOIN a join of two streams needs WITHIN: only rows near to each other in time meet",
    );
  });
});

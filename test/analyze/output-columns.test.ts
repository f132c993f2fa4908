import { describe, expect, it } from "vitest";
import { statement } from "./catalog.ts";
import { showColumns } from "./show.ts";

function names(list: string, from = "raw"): readonly string[] {
  return statement(`CREATE STREAM s (a INT, b STRING, c DOUBLE); INSERT INTO x SELECT ${list} FROM ${from}`).items.map((item) =>
    item.kind !== "column" ? "*" : item.name,
  );
}

describe("names of output columns", () => {
  it("are those of AS, else follow from the expression", () => {
    expect(names("a AS x, room.temp, _key, _header.origin, _offset")).toEqual(["x", "temp", "_key", "origin", "_offset"]);
    expect(names("a + 1, upper(room.name), substr(b, 1), 'x', CAST(c AS INT)")).toEqual([
      "column_1",
      "upper_name",
      "substring_b",
      "column_4",
      "c",
    ]);
    expect(names("COUNT(*), COUNT(a), AVG(room.temp), MAX(a + 1), SUM(a) / 2")).toEqual([
      "count",
      "count_a",
      "avg_temp",
      "max",
      "column_5",
    ]);
  });
});

describe("*", () => {
  it("stays in a schemaless stream, with further columns on top", () => {
    expect(names("*")).toEqual(["*"]);
    expect(names("a AS b, *, c AS d")).toEqual(["*", "b", "d"]);
    expect(names("t.*", "raw t")).toEqual(["*"]);
  });

  it("becomes the columns of a declared stream, and a written column takes the place of its namesake", () => {
    expect(names("*", "s")).toEqual(["a", "b", "c"]);
    expect(names("s.*, a + 1 AS d", "s")).toEqual(["a", "b", "c", "d"]);
    const bound = statement("CREATE STREAM s (a INT, b STRING); INSERT INTO x SELECT *, a * 2 AS a FROM s");
    expect(showColumns(bound)).toEqual(["a: (a * 2) BIGINT", "b: b STRING"]);
  });

  it("does so too where the stream is named by its topic", () => {
    const bound = statement("CREATE STREAM s (a INT) WITH (topic = 'deep.topic'); INSERT INTO x SELECT * FROM kafka.deep.topic");
    expect(showColumns(bound)).toEqual(["a: a INT"]);
  });
});

import { describe, expect, it } from "vitest";
import { nameRuleBroken } from "../../src/analyze/legal-names.ts";

describe("names of indexes", () => {
  it.each(["readings", "readings_2026-03-04", "1m", "é", "a.b", "x".repeat(255)])("%s is legal", (name) => {
    expect(nameRuleBroken("elasticsearch", "index", name)).toBeNull();
  });

  it.each([
    ["Readings", "lower case"],
    ["-a", "begin with '-'"],
    ["_a", "begin with '_'"],
    ["+a", "begin with '+'"],
    ["", "empty"],
    [".", "empty"],
    ["a b", "blanks"],
    ["x".repeat(256), "at most 255 bytes"],
    ["é".repeat(128), "at most 255 bytes"],
    ...[...'\\/*?"<>|,#'].map((character): [string, string] => [`a${character}b`, `contain '${character}'`]),
  ])("%s is refused: %s", (name, rule) => {
    expect(nameRuleBroken("elasticsearch", "index", name)).toContain(rule);
  });
});

describe("names of tables and topics", () => {
  it("keep the rules of Cassandra", () => {
    expect(nameRuleBroken("cassandra", "table", "iot.readings_1m")).toBeNull();
    expect(nameRuleBroken("cassandra", "table", "readings")).toContain("keyspace.table");
    expect(nameRuleBroken("cassandra", "table", "a.b.c")).toContain("keyspace.table");
    expect(nameRuleBroken("cassandra", "table", "iot.1m")).toContain("begins with a letter");
    expect(nameRuleBroken("cassandra", "table", `iot.${"x".repeat(49)}`)).toContain("at most 48");
  });

  it("keep the rules of Kafka, in the embedded store too", () => {
    expect(nameRuleBroken("kafka", "topic", "temperatures.aggregated-1_A")).toBeNull();
    expect(nameRuleBroken("embedded", "table", "temperatures.hot")).toBeNull();
    expect(nameRuleBroken("kafka", "topic", "a/b")).toContain("'/' does not fit");
    expect(nameRuleBroken("kafka", "topic", "grün")).toContain("'ü' does not fit");
    expect(nameRuleBroken("embedded", "table", "..")).toContain("a table name");
    expect(nameRuleBroken("kafka", "topic", "x".repeat(250))).toContain("at most 249");
  });
});

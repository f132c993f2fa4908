import { afterAll, beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { FoundRow, Lookup } from "../../../src/ports/lookup.ts";
import { describeWith } from "../needs.ts";
import { makeKeyspace, type TestKeyspace } from "./keyspace.ts";

const NEVER = new AbortController().signal;

/** One value of each type that a key can have, as JSON and as CQL. */
const KEYS: readonly (readonly [type: string, json: string, cql: string])[] = [
  ["text", '"é \\"x\\""', "'é \"x\"'"],
  ["ascii", '"plain"', "'plain'"],
  ["int", "-2147483648", "-2147483648"],
  ["smallint", "7", "7"],
  ["bigint", "9223372036854775807", "9223372036854775807"],
  ["varint", "123456789012345678901234567890", "123456789012345678901234567890"],
  ["decimal", "1.5", "1.5"],
  ["double", "0.1", "0.1"],
  ["boolean", "true", "true"],
  ["timestamp", '"2026-01-31T23:58:00.000Z"', "'2026-01-31T23:58:00.000Z'"],
  ["date", '"2026-01-31"', "'2026-01-31'"],
  ["uuid", '"123e4567-e89b-12d3-a456-426614174000"', "123e4567-e89b-12d3-a456-426614174000"],
  ["inet", '"10.0.0.1"', "'10.0.0.1'"],
];

describeWith("cassandra", "rows of Cassandra by their key", (address) => {
  let keyspace: TestKeyspace;
  beforeAll(async () => {
    keyspace = await makeKeyspace(address);
  });
  afterAll(() => keyspace.drop());

  const field = (name: string) => ({ root: "value" as const, path: [name] });
  const open = (name: string, keys: readonly string[], fields: readonly string[]): Promise<Lookup> =>
    must(keyspace.connection.openLookup?.({ name, keys: keys.map(field), fields: fields.map(field) }));
  const texts = (rows: readonly FoundRow[]) => rows.map((row) => (row === null || "problem" in row ? row : row.toString()));

  it("are found whatever the type of the key, and values of other types are told", async () => {
    for (const [type, json, cql] of KEYS) {
      await keyspace.query(`CREATE TABLE ${keyspace.name}.by_${type} (k ${type} PRIMARY KEY, v int)`);
      await keyspace.query(`INSERT INTO ${keyspace.name}.by_${type} (k, v) VALUES (${cql}, 1)`);
      const lookup = await open(`by_${type}`, ["k"], ["v"]);
      const [row, other] = texts(await lookup.find([json, type === "boolean" ? '"no"' : "[]"], NEVER));
      expect(row, type).toBe('{"v":1}');
      expect(other, type).toMatchObject({ problem: expect.stringContaining(`the column k (${type}) cannot be that`) });
    }
  });

  it("are found by partition key and clustering columns together, many at a time, in their order", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.pairs (a text, b int, v text, "Mixed" list<int>, PRIMARY KEY (a, b))`);
    for (let n = 0; n < 200; n++)
      await keyspace.query(`INSERT INTO ${keyspace.name}.pairs (a, b, v, "Mixed") VALUES ('a${n % 7}', ${n}, 'v${n}', [${n}])`);
    const lookup = await open("pairs", ["b", "a"], ["v", "Mixed"]);
    const keys = Array.from({ length: 256 }, (_, n) => `[${n},"a${n % 7}"]`);
    const rows = texts(await lookup.find(keys, NEVER));
    expect(rows).toEqual(Array.from({ length: 256 }, (_, n) => (n < 200 ? `{"v":"v${n}","Mixed":[${n}]}` : null)));
    expect(texts(await lookup.find(['[1,""]', '[1,"a2"]'], NEVER))).toEqual([null, null]);
    const whole = must(
      keyspace.connection.openLookup?.({ name: "pairs", keys: ["a", "b"].map(field), fields: [{ root: "value", path: [] }] }),
    );
    const [row] = texts(await (await whole).find(['["a1",1]'], NEVER));
    expect(JSON.parse(String(row))).toEqual({ a: "a1", b: 1, v: "v1", Mixed: [1] });
  });

  it("are refused where ON compares not the whole key, or the table is not there", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.whole (a text, b int, v text, PRIMARY KEY (a, b))`);
    await expect(open("whole", ["a"], ["v"])).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      message: `rows of ${keyspace.name}.whole are looked up by its primary key, (a, b), not by (a)`,
    });
    await expect(open("whole", ["a", "v"], [])).rejects.toMatchObject({ code: "TARGET_MISMATCH" });
    await expect(open("whole", ["a", "b"], ["w"])).rejects.toMatchObject({ message: `table ${keyspace.name}.whole has no column w` });
    await expect(open("nowhere", ["a"], [])).rejects.toMatchObject({ code: "TARGET_MISSING" });
  });

  it("are given up when they are not wanted any more", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.slow (a text PRIMARY KEY)`);
    const lookup = await open("slow", ["a"], []);
    await expect(lookup.find(['"x"'], AbortSignal.abort())).rejects.toMatchObject({ code: "STOPPED" });
    expect(texts(await lookup.find(['"x"', '""'], NEVER))).toEqual([null, null]);
  });
});

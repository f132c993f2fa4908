import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openEmbedded } from "../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { LIMITS } from "../../src/limits.ts";
import { typeName } from "../../src/model/type.ts";
import { sampleTopic } from "../../src/project/sample-topic.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-"));
const connection = openEmbedded({ name: "embedded", kind: "embedded", as: "embedded", settings: {} }, folder, systemClock);
afterAll(async () => {
  await connection.close();
  rmSync(folder, { recursive: true, force: true });
});

type Given = readonly (readonly [key: string | null, value: string | Buffer | null])[];

async function sampled(topic: string, records: Given, partitions = 1) {
  await connection.source.createTopic(topic, { partitions });
  const bytes = (part: string | Buffer | null) => (typeof part === "string" ? Buffer.from(part) : part);
  await connection.source.append(
    topic,
    records.map(([key, value]) => ({ key: bytes(key), value: bytes(value), timestampMs: 1_700_000_000_000 })),
  );
  return sampleTopic(connection.source, topic, partitions);
}

describe("sampling a topic", () => {
  it("gives columns, their types and how many records have them", async () => {
    const { columns, ...counts } = await sampled("mixed", [
      ["d1", '{"id":"d1","temperature":21,"room":{"floor":1}}'],
      ["d2", '{"id":"d2","temperature":21.5,"room":{"name":"bath"},"tags":["a"]}'],
      ["d2", null],
      ["d3", "no JSON"],
      ["d3", "17"],
    ]);
    expect(columns.map(({ name, type, presence }) => [name, typeName(type), presence])).toEqual([
      ["id", "STRING", 1],
      ["temperature", "DOUBLE", 1],
      ["room", "STRUCT<floor BIGINT, name STRING>", 1],
      ["tags", "ARRAY<STRING>", 0.5],
    ]);
    expect(counts).toEqual({
      records: 5,
      documents: 2,
      tombstones: 1,
      unreadable: 1,
      schemaId: null,
      keyType: { kind: "string" },
      keyFields: ["id"],
    });
  });

  it("sees keys that are objects, and that no field is the key", async () => {
    const { keyType, keyFields } = await sampled("keyed", [
      ['{"a":1}', '{"id":1}'],
      ['{"a":2,"b":"x"}', '{"id":2}'],
    ]);
    expect([typeName(keyType), keyFields]).toEqual(["STRUCT<a BIGINT, b STRING>", []]);
    const some = await sampled("some-keys", [
      ["1", '{"id":1}'],
      [null, '{"id":2}'],
    ]);
    expect(some.keyFields).toEqual([]);
  });

  it("knows what a schema registry's serializers put in front", async () => {
    const { schemaId, unreadable, columns } = await sampled("framed", [[null, Buffer.from([0, 0, 0, 1, 2, 0x7b, 0x7d])]]);
    expect({ schemaId, unreadable, columns }).toEqual({ schemaId: 258, unreadable: 1, columns: [] });
  });

  it("looks at the last records of each partition only, and at nothing where there is nothing", async () => {
    const many = Array.from({ length: 1000 }, (_, n) => [String(n), JSON.stringify(n < 500 ? { old: n } : { n })] as const);
    const { records, columns } = await sampled("many", many, 3);
    expect(records).toBe(3 * LIMITS.sampleRecordsMax);
    expect(columns.map(({ name }) => name)).toEqual(["n"]);
    expect(await sampled("empty", [])).toMatchObject({ records: 0, columns: [], keyType: { kind: "any" } });
  });

  it("stops after some bytes", async () => {
    const large = Array.from({ length: 50 }, () => [null, JSON.stringify({ text: "x".repeat(500_000) })] as const);
    const { records } = await sampled("large", large);
    expect(records).toBeGreaterThan(2);
    expect(records).toBeLessThan(15);
  });
});

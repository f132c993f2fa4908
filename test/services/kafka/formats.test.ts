import { Kafka, logLevel } from "kafkajs";
import { expect, it } from "vitest";
import { freshName } from "../../conformance/names.ts";
import { scratch } from "../../support/scratch.ts";
import { sluice } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";

/** Bytes as Kafka's LongSerializer and DoubleSerializer make them. */
function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

describeWith("kafka", "topics in other formats", ({ brokers }) => {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });

  /** Everything that a topic of one partition holds, as another client reads it. */
  async function readAll(topic: string, count: number): Promise<readonly (readonly [key: string | null, value: string | null])[]> {
    const consumer = kafka.consumer({ groupId: freshName("reader") });
    const records: (readonly [string | null, string | null])[] = [];
    const hex = (bytes: Buffer | null): string | null => bytes?.toString("hex") ?? null;
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({ eachMessage: async ({ message }) => void records.push([hex(message.key), hex(message.value)]) });
      await until(() => records.length >= count, `${count} records of ${topic}`, 60_000);
    } finally {
      await consumer.disconnect();
    }
    return records;
  }

  it("are read from and written for other clients, and stay what they were", { timeout: 180_000 }, async () => {
    const [source, lines, totals, back] = ["source", "lines", "totals", "back"].map(freshName) as [string, string, string, string];
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [source, lines, totals, back].map((topic) => ({ topic, numPartitions: 1 })) });
    await admin.disconnect();
    const producer = kafka.producer();
    await producer.connect();
    const ids = [1n, -1n, 2n ** 63n - 1n, 9_007_199_254_740_993n];
    await producer.send({ topic: source, messages: ids.map((id, n) => ({ key: long(id), value: double(n + 0.5) })) });
    await producer.send({ topic: source, messages: [{ key: Buffer.from("short"), value: double(1) }] });
    await producer.disconnect();

    const declared = `SET 'sink' = 'kafka'; SET 'error.policy' = 'noop';
      CREATE STREAM readings (id BIGINT KEY, x DOUBLE) WITH (topic = '${source}', format = 'kafka', key_format = 'kafka');
      CREATE STREAM lines (id BIGINT, x DOUBLE) WITH 
        (topic = '${lines}', format = 'delimited', value_delimiter = 'TAB', key_format = 'kafka', key = 'id');
      CREATE STREAM totals (n BIGINT) WITH (topic = '${totals}', format = 'kafka', key_format = 'delimited', key = 'n');
      CREATE STREAM back (id BIGINT KEY, x DOUBLE) WITH (topic = '${back}', format = 'kafka', key_format = 'kafka');`;
    const cwd = scratch({
      "sluice.yaml": JSON.stringify({ connections: { kafka: { kind: "kafka", brokers } }, defaults: { source: "kafka" } }),
      "queries/a.sql": `${declared} INSERT INTO lines SELECT id, x FROM readings PK id;`,
      "queries/b.sql": `${declared}
        INSERT INTO totals SELECT CAST(x * 10 AS BIGINT) AS n FROM lines PK n;
        INSERT INTO back SELECT id, x FROM lines PK id;`,
    });
    const first = await sluice(["run", "queries/a.sql", "--until-end", "--report", "json"], { cwd });
    expect([first.code, first.stderr]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(first.stdout)).toMatchObject({ pipelines: [{ statements: [{ in: 5, applied: 4, deadLettered: 1, written: 4 }] }] });
    const second = await sluice(["run", "queries/b.sql", "--until-end", "--report", "json"], { cwd });
    expect([second.code, second.stderr]).toEqual([0, expect.any(String)]);

    const hexOf = (text: string): string => Buffer.from(text).toString("hex");
    expect(await readAll(lines, 4)).toEqual(ids.map((id, n) => [long(id).toString("hex"), hexOf(`${id}\t${n + 0.5}`)]));
    expect(await readAll(totals, 4)).toEqual([5n, 15n, 25n, 35n].map((n) => [hexOf(String(n)), long(n).toString("hex")]));
    expect(await readAll(back, 4)).toEqual(ids.map((id, n) => [long(id).toString("hex"), double(n + 0.5).toString("hex")]));
  });
});

import { Kafka, logLevel, type Producer, type Transaction } from "kafkajs";
import { afterAll, describe, expect, it } from "vitest";
import { stateTopic } from "../../../src/adapters/kafka/kafka-state-log.ts";
import { must } from "../../../src/assert.ts";
import type { Sink } from "../../../src/ports/sink.ts";
import type { StateLog } from "../../../src/ports/state-log.ts";
import { ORIGIN, routeTo, settle, write } from "../../conformance/changes.ts";
import { eventually } from "../../conformance/eventually.ts";
import { freshName } from "../../conformance/names.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

const STATEMENT = "s";

interface Owner {
  readonly log: StateLog;
  readonly sink: Sink;
}

describeWith("kafka", "rows that are written in transactions with state", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  const made: string[] = [];
  const producers: Producer[] = [];
  /** A transaction that somebody else begins under the id of ours. */
  const begun = async (pipeline: string): Promise<Transaction> => {
    const producer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      transactionalId: `sluice.${pipeline}.${STATEMENT}.0`,
    });
    await producer.connect();
    producers.push(producer);
    return producer.transaction();
  };
  afterAll(async () => {
    for (const producer of producers) await producer.disconnect();
    for (const topic of made) await admin.deleteTopic(topic);
    await admin.close();
  });

  describe.each(CLIENTS)("by %s", (client) => {
    const connections = new KafkaConnections(brokers, client);
    const source = connections.source();
    afterAll(() => connections.close());

    const newPlace = async () => {
      const pipeline = freshName("transactional");
      const topic = await admin.createTopic("transactional-rows");
      made.push(topic, stateTopic(pipeline));
      return { pipeline, topic };
    };
    const newOwner = async ({ pipeline, topic }: { readonly pipeline: string; readonly topic: string }): Promise<Owner> => {
      const connection = connections.open();
      const log = must(await connection.openStateLog(pipeline, 1, [STATEMENT]));
      const route = routeTo("kafka", "topic", topic, { partitions: 1, transactionOf: pipeline });
      return { log, sink: await connection.openSink(route) };
    };
    const rowsBy = ({ sink }: Owner, generation: number, ...ids: readonly string[]) =>
      settle(
        sink,
        ids.map((id, index) => ({ upsert: { id }, version: index + 1 })),
        { ...ORIGIN, statement: STATEMENT, generation },
      );
    const blob = (value: string) => [{ key: `blob|${value}`, value: Buffer.from(value) }];
    /** As any reader of committed records sees them. */
    const idsIn = async (topic: string): Promise<readonly (string | null)[]> => (await readToEnd(source, topic)).map(({ key }) => key);
    const seen = (topic: string, ...ids: readonly string[]) => eventually(async () => expect(await idsIn(topic)).toEqual(ids));

    it("are seen with the blob, and not before", async () => {
      const place = await newPlace();
      const owner = await newOwner(place);
      const { generation } = await owner.log.claim(0, "a");
      await rowsBy(owner, generation, "1", "2");
      await rowsBy(owner, generation, "3");
      expect(await idsIn(place.topic)).toEqual([]);
      await owner.log.append(0, generation, blob("one"), STATEMENT);
      await seen(place.topic, "1", "2", "3");
      await owner.log.append(0, generation, blob("note"));
      await rowsBy(owner, generation, "4");
      await owner.log.append(0, generation, blob("two"), STATEMENT);
      await seen(place.topic, "1", "2", "3", "4");
      const { records } = await (await newOwner(place)).log.claim(0, "b");
      expect(records.map(({ key }) => key).filter((key) => key.startsWith("blob|"))).toEqual(["blob|one", "blob|note", "blob|two"]);
    });

    it("are refused where a topic does not take them, and the others are written", async () => {
      const pipeline = freshName("transactional");
      const topic = await admin.createTopic("transactional-small", { "max.message.bytes": "2000" });
      made.push(topic, stateTopic(pipeline));
      const owner = await newOwner({ pipeline, topic });
      const { generation } = await owner.log.claim(0, "a");
      const label = "x".repeat(3_000);
      const changes = [
        { upsert: { id: "1" }, version: 1 },
        { upsert: { id: "2", label }, version: 2 },
      ];
      const { outcomes, errors } = await write(owner.sink, changes, { ...ORIGIN, statement: STATEMENT, generation });
      expect([...outcomes]).toEqual([0, 3]);
      expect(errors.get(1)).toMatchObject({ code: "CHANGE_REJECTED" });
      await owner.log.append(0, generation, blob("one"), STATEMENT);
      await seen(topic, "1");
    });

    it("of an owner that was replaced are never seen, whatever it does", async () => {
      const place = await newPlace();
      const [first, second] = [await newOwner(place), await newOwner(place)];
      const { generation: earlier } = await first.log.claim(0, "a");
      await rowsBy(first, earlier, "1");
      await first.log.append(0, earlier, blob("one"), STATEMENT);
      await rowsBy(first, earlier, "2");
      const { generation, records } = await second.log.claim(0, "b");
      expect(records.map(({ key }) => key)).toContain("blob|one");
      await expect(first.log.append(0, earlier, blob("two"), STATEMENT)).rejects.toMatchObject({ code: "STATE_FENCED" });
      await expect(first.log.append(0, earlier, blob("three"), STATEMENT)).rejects.toMatchObject({ code: "STATE_FENCED" });
      await rowsBy(second, generation, "2");
      await second.log.append(0, generation, blob("two"), STATEMENT);
      await seen(place.topic, "1", "2");
      const state = await readToEnd(source, stateTopic(place.pipeline));
      expect(state.map(({ key }) => key).filter((key) => key?.startsWith("blob|"))).toEqual(["blob|one", "blob|two"]);
    });

    it("that an owner left behind half-way are aborted by the next one's claim, which waits for no time-out", async () => {
      const place = await newPlace();
      await (await newOwner(place)).log.claim(0, "a");
      const transaction = await begun(place.pipeline);
      await transaction.send({ topic: place.topic, messages: [{ key: "half", value: "{}" }] });
      await transaction.send({ topic: stateTopic(place.pipeline), messages: [{ key: "blob|half", value: "half" }] });
      const began = performance.now();
      const owner = await newOwner(place);
      const { generation, records } = await owner.log.claim(0, "b");
      expect(performance.now() - began).toBeLessThan(30_000);
      expect(records.map(({ key }) => key)).not.toContain("blob|half");
      await rowsBy(owner, generation, "1");
      await owner.log.append(0, generation, blob("one"), STATEMENT);
      await seen(place.topic, "1");
    });

    it("are written once where a transaction was lost and is made again", async () => {
      const place = await newPlace();
      const owner = await newOwner(place);
      const { generation } = await owner.log.claim(0, "a");
      await rowsBy(owner, generation, "1", "2");
      await owner.log.append(0, generation, blob("one"), STATEMENT);
      await rowsBy(owner, generation, "3");
      // As the coordinator does with a transaction that takes too long: its producer is fenced, and nobody has claimed anything.
      await (await begun(place.pipeline)).abort();
      await owner.log.append(0, generation, blob("two"), STATEMENT);
      await rowsBy(owner, generation, "4");
      await owner.log.append(0, generation, blob("three"), STATEMENT);
      await seen(place.topic, "1", "2", "3", "4");
      expect(connections.troubles.some((trouble) => trouble.includes("was lost, and is made again"))).toBe(true);
    });
  });

  it("are there once each for every reader of committed records, however often the server is killed", async () => {
    const PARTITIONS = 2;
    const RECORDS = 4_000;
    const KILLS = 3;
    const MINUTE_MS = 60_000;
    const START_MS = Date.UTC(2026, 2, 1);
    const name = freshName("exactly");
    const [input, rows, minutes, sums] = await Promise.all(
      ["input", "rows", "minutes", "sums"].map((part) => admin.createTopic(`exactly-${part}`, {}, PARTITIONS)),
    );
    made.push(...([input, rows, minutes, sums] as string[]), stateTopic(name));
    const project = new ServedProject({
      "sluice.yaml": `connections:
  kafka: { kind: kafka, brokers: ${JSON.stringify(brokers)}, sessionTimeoutMs: 2000 }
defaults: { source: kafka, sink: kafka }
`,
    });
    const connections = new KafkaConnections(brokers, "platformatic");
    const source = connections.source();
    try {
      await project.start();
      await project.client.request(
        "PUT",
        `/v1/pipelines/${name}`,
        `SET 'delivery' = 'transactional'; SET 'commit.interval' = '50 ms'; SET 'idle.timeout' = '0 s';
CREATE STREAM readings (n INT, device STRING) WITH (topic = '${input}', key = 'device');
INSERT INTO \`${rows}\` SELECT n, device FROM readings;
INSERT INTO \`${minutes}\` SELECT device, window_start, COUNT(*) AS c FROM readings WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device EMIT FINAL;
INSERT INTO \`${sums}\` SELECT device, c FROM \`${minutes}\`;`,
      );
      const readings = Array.from({ length: RECORDS }, (_, n) => ({ n, device: `d${n % 7}`, at: START_MS + n * 100 }));
      const valuesIn = async (topic: string): Promise<readonly string[]> => {
        const found = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => readToEnd(source, topic, partition)));
        return found.flat().map(({ value }) => value ?? "");
      };
      const seed = Math.floor(Math.random() * 1_000);
      for (let part = 0; part <= KILLS; part++) {
        const own = readings.slice((part * RECORDS) / (KILLS + 1), ((part + 1) * RECORDS) / (KILLS + 1));
        await source.append(
          input as string,
          own.map((reading) => ({
            key: Buffer.from(reading.device),
            value: Buffer.from(JSON.stringify(reading)),
            timestampMs: reading.at,
          })),
        );
        if (part === KILLS) break;
        // Somewhere in the middle of what it has to write.
        const least = (await valuesIn(rows as string)).length + ((seed * (part + 7)) % (own.length - 1)) + 1;
        await until(
          async () => (await valuesIn(rows as string)).length >= least,
          `${least} rows (seed ${seed})`,
          60_000,
          () => project.log,
          5,
        );
        await project.end("SIGKILL");
        await project.start();
      }
      const wanted = readings.map(({ n, device }) => JSON.stringify({ n, device })).sort();
      const told = () => project.log.slice(-2_000);
      await until(async () => (await valuesIn(rows as string)).length >= RECORDS, `all rows (seed ${seed})`, 60_000, told, 200);
      expect([...(await valuesIn(rows as string))].sort()).toEqual(wanted);

      // Windows that the last record of their partition has closed.
      const partitionOf = new Map<string, number>();
      for (let partition = 0; partition < PARTITIONS; partition++)
        for (const { key } of await readToEnd(source, input as string, partition)) partitionOf.set(key ?? "", partition);
      const lastMs = (device: string): number =>
        Math.max(...readings.filter((one) => partitionOf.get(one.device) === partitionOf.get(device)).map(({ at }) => at));
      const windows = [...Map.groupBy(readings, ({ device, at }) => `${device} ${at - (at % MINUTE_MS)}`)].flatMap(([group, own]) => {
        const [device = "", start] = group.split(" ");
        const isClosed = lastMs(device) >= Number(start) + MINUTE_MS;
        return isClosed ? [{ device, window_start: new Date(Number(start)).toISOString(), c: own.length }] : [];
      });
      const asText = (found: readonly object[]) => found.map((row) => JSON.stringify(row)).sort();
      await until(async () => (await valuesIn(sums as string)).length >= windows.length, "the chained rows", 60_000, told, 200);
      expect([...(await valuesIn(minutes as string))].sort()).toEqual(asText(windows));
      expect([...(await valuesIn(sums as string))].sort()).toEqual(asText(windows.map(({ device, c }) => ({ device, c }))));
      await project.client.request("DELETE", `/v1/pipelines/${name}`);
    } finally {
      await project.close();
      await connections.close();
    }
  });
});

import { afterAll, expect, it } from "vitest";
import type { RawRecord } from "../../../src/ports/source.ts";
import { freshName } from "../../conformance/names.ts";
import { SeededRandom } from "../../property/random.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { kafkaToElastic } from "../kafka-to-elastic.ts";
import { describeWithAll } from "../needs.ts";
import { KafkaConnections } from "./connection.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const PARTITIONS = { readings: 3, orders: 2 } as const;
const RECORDS = 600;
/** Pieces in which they are written; behind some of them the server is killed. */
const PIECES = 12;
const KILLED_AFTER: readonly number[] = [3, 8];
const START_MS = Date.UTC(2026, 2, 1);
const GAP_MS = 3_000;
const WITHIN_MS = 2_000;
const ROWS = 5;

/** In the order of time: of all records of both topics no two have the same, so that their merged order is this one. */
interface Written {
  readonly topic: keyof typeof PARTITIONS;
  readonly partition: number;
  readonly timeMs: number;
  readonly id: number;
  readonly tag: string;
  readonly v: number;
}

function randomRecords(random: SeededRandom): readonly Written[] {
  let timeMs = START_MS;
  return Array.from({ length: RECORDS }, (_, id) => {
    timeMs += random.chance(0.02) ? GAP_MS + random.below(3_000) : 1 + random.below(400);
    const topic = random.chance(0.7) ? "readings" : "orders";
    return { topic, partition: random.below(PARTITIONS[topic]), timeMs, id, tag: random.pick(["x", "y", "z"]), v: random.below(100) };
  });
}

describeWithAll(["kafka", "elasticsearch"], `rows that lie in several partitions of Kafka (seed ${SEED})`, ({ kafka, elasticsearch }) => {
  const connections = new KafkaConnections(kafka.brokers, "platformatic");
  const source = connections.source();
  const elastic = new Scratch(elasticsearch.node);
  const project = new ServedProject({ "sluice.yaml": kafkaToElastic(kafka, elasticsearch) });
  const name = freshName("gathered");
  const topics = { readings: `${name}.readings`, orders: `${name}.orders` };
  const [sessions, looked, paid] = ["sessions", "looked", "paid"].map((part) => elastic.name(part)) as [string, string, string];

  afterAll(async () => {
    await project.client.request("DELETE", `/v1/pipelines/${name}`).catch(() => {});
    await project.close();
    for (const topic of Object.values(topics)) await source.deleteTopic(topic).catch(() => {});
    await connections.close();
    await elastic.clean();
  });

  const write = async (records: readonly Written[]): Promise<void> => {
    for (const topic of ["readings", "orders"] as const)
      await source.append(topics[topic], records.filter((one) => one.topic === topic).map(recordOf));
  };
  const statements = async () => (await project.pipeline(name)).status.statements;
  const documents = async (index: string) =>
    [...(await elastic.documents(index)).values()].map(({ source: document }) => document as object);

  it("are put together by sessions, OVER and joins as a plain computation does, though the server is killed", async () => {
    const records = randomRecords(new SeededRandom(SEED));
    for (const topic of ["readings", "orders"] as const) await source.createTopic(topics[topic], { partitions: PARTITIONS[topic] });
    await project.start();
    await project.client.request(
      "PUT",
      `/v1/pipelines/${name}`,
      `SET 'commit.interval' = '20 ms'; SET 'idle.timeout' = '0 s';
CREATE STREAM r (id INT, tag STRING, v INT) WITH (topic = '${topics.readings}');
CREATE STREAM o (id INT, tag STRING, v INT) WITH (topic = '${topics.orders}');
INSERT INTO \`${sessions}\` SELECT tag, window_start, window_end, COUNT(*) AS n, SUM(v) AS total, COLLECT_LIST(id) AS ids FROM r
  WINDOW SESSION (GAP ${GAP_MS / 1_000} SECONDS) GROUP BY tag AUTOCREATE;
INSERT INTO \`${looked}\` SELECT id, v - LAG(v) OVER (PARTITION BY tag ORDER BY _timestamp) AS step,
  SUM(v) OVER (PARTITION BY tag ORDER BY _timestamp ROWS ${ROWS - 1} PRECEDING) AS last FROM r PK id AUTOCREATE;
INSERT INTO \`${paid}\` SELECT r.id AS reading, o.id AS bill, o.v FROM r
  JOIN o WITHIN ${WITHIN_MS / 1_000} SECONDS ON r.tag = o.tag PK reading, bill AUTOCREATE;`,
    );
    for (let piece = 0; piece < PIECES; piece++) {
      const before = KILLED_AFTER.includes(piece) ? await elastic.count(looked) : 0;
      await write(records.slice((piece * RECORDS) / PIECES, ((piece + 1) * RECORDS) / PIECES));
      if (!KILLED_AFTER.includes(piece)) continue;
      const told = () => project.log.slice(-2_000);
      await until(async () => (await elastic.count(looked)) > before, "more rows", 60_000, told);
      await project.end("SIGKILL");
      await project.start();
    }
    const readings = records.filter(({ topic }) => topic === "readings");
    const wanted = [readings.length, readings.length, RECORDS];
    let seen = "";
    await until(
      async () => {
        const found = await statements();
        seen = JSON.stringify(found.map(({ counters, lag }) => [counters, lag]));
        return found.length === 3 && found.every(({ counters, lag }, at) => counters.in === wanted[at] && lag === 0);
      },
      "all records to be taken",
      90_000,
      () => `${seen} ${project.log.slice(-2_000)}`,
      100,
    );
    const expected = { [sessions]: naiveSessions(readings), [looked]: naiveLooked(readings), [paid]: naivePaid(records) };
    for (const [index, rows] of Object.entries(expected)) {
      expect(rows.length, index).toBeGreaterThan(10);
      await until(async () => asText(await documents(index)).join() === asText(rows).join(), index, 10_000).catch(() => {});
      expect(asText(await documents(index)), index).toEqual(asText(rows));
    }
    for (const { counters } of await statements()) {
      expect(counters).toMatchObject({ in: counters.applied + counters.filtered, late: 0, deadLettered: 0 });
    }
  });
});

const recordOf = ({ id, tag, v, timeMs, partition }: Written): RawRecord => ({
  key: Buffer.from(`k${id % 7}`),
  value: Buffer.from(JSON.stringify({ id, tag, v })),
  timestampMs: timeMs,
  partition,
});

const isoOf = (timeMs: number): string => new Date(timeMs).toISOString();
const asText = (rows: readonly object[]): readonly string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1)))).sort();
const sum = (rows: readonly Written[]): number => rows.reduce((total, { v }) => total + v, 0);
const byTag = (records: readonly Written[]): readonly (readonly [string, readonly Written[]])[] => [
  ...Map.groupBy(records, ({ tag }) => tag),
];

/** Rows of a tag that are less than the gap apart are one session. */
function naiveSessions(readings: readonly Written[]): readonly object[] {
  return byTag(readings).flatMap(([tag, own]) => {
    const cuts = own.flatMap(({ timeMs }, at) => (at === 0 || timeMs - (own[at - 1]?.timeMs ?? 0) >= GAP_MS ? [at] : []));
    return cuts.map((from, at) => {
      const rows = own.slice(from, cuts[at + 1]);
      const [start, end] = [rows[0]?.timeMs ?? 0, rows.at(-1)?.timeMs ?? 0];
      return {
        tag,
        window_start: isoOf(start),
        window_end: isoOf(end + GAP_MS),
        n: rows.length,
        total: sum(rows),
        ids: rows.map(({ id }) => id),
      };
    });
  });
}

function naiveLooked(readings: readonly Written[]): readonly object[] {
  return byTag(readings).flatMap(([, own]) =>
    own.map(({ id, v }, at) => {
      const before = own[at - 1];
      return { id, step: before === undefined ? null : v - before.v, last: sum(own.slice(Math.max(0, at + 1 - ROWS), at + 1)) };
    }),
  );
}

function naivePaid(records: readonly Written[]): readonly object[] {
  const orders = records.filter(({ topic }) => topic === "orders");
  return records
    .filter(({ topic }) => topic === "readings")
    .flatMap((reading) =>
      orders
        .filter(({ tag, timeMs }) => tag === reading.tag && Math.abs(timeMs - reading.timeMs) <= WITHIN_MS)
        .map((order) => ({ reading: reading.id, bill: order.id, v: order.v })),
    );
}

import { afterAll, beforeAll, expect, it } from "vitest";
import { stateTopic } from "../../../src/adapters/kafka/kafka-state-log.ts";
import { must } from "../../../src/assert.ts";
import { LIMITS } from "../../../src/limits.ts";
import { routeTo } from "../../conformance/changes.ts";
import { freshName } from "../../conformance/names.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

const PARTITIONS = 3;
const DAY_MS = 86_400_000;
const SEGMENT = { "segment.bytes": "16777216" };
const COMPACTED = { ...SEGMENT, "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.2" };

describeWith("kafka", "topics that Sluice makes for itself", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  const [pipeline, input, catalog, letters, brief] = ["internal", "input", "catalog", "letters", "letters.brief"].map((name) =>
    freshName(name),
  ) as [string, string, string, string, string];
  const connections = new KafkaConnections(brokers, "platformatic");
  const source = connections.source();
  let project: ServedProject;

  beforeAll(async () => {
    const config = {
      connections: { kafka: { kind: "kafka", brokers, replication: 1 }, elastic: { kind: "embedded", as: "elasticsearch" } },
      defaults: { source: "kafka", sink: "elastic" },
      server: { catalog: "kafka", "catalog.topic": catalog },
    };
    project = new ServedProject({ "sluice.yaml": JSON.stringify(config) });
    await source.createTopic(input, { partitions: PARTITIONS });
    await project.start();
  });
  afterAll(async () => {
    await project.client.request("DELETE", `/v1/pipelines/${pipeline}?purge=true`);
    await project.end("SIGINT");
    await project.close();
    for (const topic of [input, catalog, `${catalog}.status`, letters, brief]) await source.deleteTopic(topic);
    await connections.close();
    await admin.close();
  });

  it("have the settings that they need, whatever the brokers' defaults are, and the replicas that were asked for", async () => {
    await project.client.request(
      "PUT",
      `/v1/pipelines/${pipeline}`,
      `CREATE STREAM readings (device STRING, site STRING, t INT) WITH (topic = '${input}', key = 'device');
       SET 'error.policy' = 'noop'; SET 'dead.letters' = 'kafka.${letters}';
       INSERT INTO elastic.sites SELECT site, COUNT(*) AS n FROM readings GROUP BY site;
       SET 'dead.letters' = 'kafka.${brief}'; SET 'dead.letters.retention' = '7d';
       INSERT INTO elastic.devices SELECT device, COUNT(*) AS n FROM readings GROUP BY device;`,
    );
    // The first letter makes its topic.
    const sound = { device: "d", site: "s", t: 1 };
    const values = [JSON.stringify(sound), "{"];
    await source.append(
      input,
      values.map((value) => ({ key: Buffer.from("d"), value: Buffer.from(value), timestampMs: Date.UTC(2026, 2, 1) })),
    );
    const partials = async () => (await source.listTopics()).filter((topic) => topic.startsWith(`sluice.${pipeline}.partials.`));
    const isThere = async (topic: string): Promise<boolean> => (await source.describeTopic(topic)) !== null;
    await until(
      async () => {
        const named = await Promise.all([letters, brief, `${catalog}.status`].map(isThere));
        return named.every(Boolean) && (await partials()).length === 1;
      },
      "the topics",
      60_000,
      () => project.log.slice(-2_000),
      100,
    );
    const [between] = await partials();
    const settings = (topic: string) => admin.ownSettingsOf(topic);
    expect(await settings(stateTopic(pipeline))).toEqual(COMPACTED);
    expect(await settings(catalog)).toEqual({ ...COMPACTED, "max.message.bytes": String(LIMITS.catalogBytesMax) });
    // Whoever joins reads it whole: it is compacted sooner. Who is there goes by the time of the brokers.
    expect(await settings(`${catalog}.status`)).toEqual({
      ...COMPACTED,
      ...{ "segment.bytes": "4194304", "max.message.bytes": String(LIMITS.statusBytesMax), "message.timestamp.type": "LogAppendTime" },
    });
    expect(await settings(must(between))).toEqual({
      ...SEGMENT,
      "cleanup.policy": "delete",
      "retention.ms": "-1",
      "retention.bytes": "-1",
    });
    // A letter has the time of its record, which may be long ago: brokers that keep a week would delete it at once.
    expect(await settings(letters)).toEqual({ "retention.ms": "-1", "retention.bytes": "-1" });
    expect(await settings(brief)).toEqual({ "retention.ms": String(7 * DAY_MS), "message.timestamp.type": "LogAppendTime" });
    expect(await admin.replicasOf(stateTopic(pipeline))).toEqual(Array(PARTITIONS).fill(1));
    for (const topic of [catalog, `${catalog}.status`, must(between), letters, brief])
      expect(new Set(await admin.replicasOf(topic))).toEqual(new Set([1]));
  });

  it.each(CLIENTS)("are not made with fewer replicas than were asked for, by %s", async (client) => {
    // This cluster has one broker.
    const others = new KafkaConnections(brokers, client);
    const connection = others.open({ replication: 3 });
    const names = ["state", "between", "rows"].map((name) => freshName(`three.${name}`)) as [string, string, string];
    const [state, between, rows] = names;
    const refused = { code: "TARGET_MISSING", message: expect.stringMatching(/replication factor/i) };
    await expect(connection.openStateLog(state, 1)).rejects.toMatchObject(refused);
    await expect(must(connection.source).createTopic(between, { partitions: 1, isTrimmed: true })).rejects.toMatchObject(refused);
    await expect(connection.openSink(routeTo("kafka", "topic", rows))).rejects.toMatchObject(refused);
    const there = await source.listTopics();
    expect([stateTopic(state), between, rows].filter((topic) => there.includes(topic))).toEqual([]);
    await others.close();
  });
});

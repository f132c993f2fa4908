import { Admin } from "@platformatic/kafka";
import { afterAll, expect, it } from "vitest";
import { freshName } from "../../conformance/names.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { describeWithAll } from "../needs.ts";
import { Scratch } from "./scratch.ts";

const PARTITIONS = 3;
const SITES = 4;
/** Hours, and at the end of each partition the first one again: too late for its window. */
const READINGS = Array.from({ length: 201 }, (_, n) => ({
  ...{ id: `r${n}`, site: `s${n % SITES}`, t: n },
  atMs: Date.UTC(2026, 0, 1) + (n < 198 ? n * 3_600_000 : 0),
}));

describeWithAll(["kafka", "elasticsearch"], "dropping a pipeline for good", ({ kafka, elasticsearch }) => {
  const cluster = new ClusterAdmin(kafka.brokers);
  const admin = new Admin({ clientId: "purge", bootstrapBrokers: [...kafka.brokers], retries: 10, retryDelay: 100 });
  const elastic = new Scratch(elasticsearch.node);
  const projects: ServedProject[] = [];
  const topics: string[] = [];

  afterAll(async () => {
    for (const project of projects) await project.close();
    for (const topic of topics) await cluster.deleteTopic(topic);
    await admin.close();
    await cluster.close();
    await elastic.clean();
  });

  const topicsWith = async (part: string) => (await admin.listTopics()).filter((topic) => topic.includes(part)).sort();
  const groupsWith = async (part: string) => [...(await admin.listGroups()).keys()].filter((group) => group.includes(part));
  const templates = async (): Promise<readonly string[]> => {
    const { body } = await elastic.send("GET", `/_index_template/sluice-${elastic.prefix}*`);
    const listed = (body as { readonly index_templates?: readonly { readonly name: string }[] }).index_templates ?? [];
    return listed.map(({ name }) => name.replace(`sluice-${elastic.prefix}-`, "")).sort();
  };

  it.each(["platformatic", "kafkajs"])(
    "leaves no topic, group, state or template of its own behind, and what it wrote; by %s",
    async (client) => {
      const project = new ServedProject({
        "sluice.yaml": `connections:
  kafka: { kind: kafka, client: ${client}, brokers: ${JSON.stringify(kafka.brokers)} }
  elastic: { kind: elasticsearch, node: ${JSON.stringify(elasticsearch.node)} }
defaults: { source: kafka, sink: elastic }
`,
      });
      projects.push(project);
      await project.start();
      const topic = await cluster.createTopic("purge", {}, PARTITIONS);
      topics.push(topic);
      const sound = READINGS.map((reading, n) => ({ topic, key: reading.id, value: JSON.stringify(reading), partition: n % PARTITIONS }));
      await cluster.producer().send({ messages: [...sound, { topic, key: "broken", value: "{", partition: 0 }] });
      const [name, other] = [freshName("purged"), freshName("stays")];
      const made = ["dated", "hours", "late", "letters", "rows", "shared"].map((rest) => `${client}-${rest}`);
      const [dated, hours, late, letters, index, shared] = made.map((rest) => elastic.name(rest)) as [
        ...[string, string, string],
        ...[string, string, string],
      ];
      const text = `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'elastic.${letters}';
INSERT INTO \`${index}\` SELECT site, COUNT(*) AS n FROM \`${topic}\` GROUP BY site;
INSERT INTO \`${dated}\` SELECT * FROM \`${topic}\` WITHINDEXSUFFIX=_{yyyy};
INSERT INTO \`${shared}\` SELECT id, t FROM \`${topic}\` PK id;
INSERT INTO \`${hours}\` SELECT _partition AS source, COUNT(*) AS n FROM \`${topic}\` EVENTTIME BY atMs WINDOW TUMBLING (SIZE 1 HOUR)
  GROUP BY _partition LATE INTO elastic.\`${late}\`;`;
      await project.client.request("PUT", `/v1/pipelines/${name}`, text);
      const sharing = `SET 'error.policy' = 'noop'; INSERT INTO \`${shared}\` SELECT id, site FROM \`${topic}\` WHERE t < 0 PK id;`;
      await project.client.request("PUT", `/v1/pipelines/${other}`, sharing);
      const counts = () => Promise.all([index, `${dated}*`, shared, hours, late, `${letters}*`].map((pattern) => elastic.count(pattern)));
      const statements = 4;
      const all = [SITES, READINGS.length, READINGS.length, READINGS.length - PARTITIONS, PARTITIONS, statements];
      let status: unknown = null;
      let seen: readonly number[] = [];
      await until(
        async () => {
          status = (await project.pipeline(name)).status;
          seen = await counts();
          return `${seen}` === `${all}`;
        },
        "the results",
        60_000,
        () => JSON.stringify([seen, all, status]),
        200,
      );
      // As expected: else nothing could be seen to go.
      expect(await templates()).toEqual(made);
      const partials = [
        expect.stringMatching(/\.partials\..*-hours_1\.[0-9a-f]{12}$/),
        expect.stringMatching(/\.partials\..*-rows_1\.[0-9a-f]{12}$/),
      ];
      expect(await topicsWith(name)).toEqual([...partials, `sluice.${name}.state`]);
      expect(await groupsWith(name)).toEqual([`sluice.${name}`]);

      const refused = await project.run("drop", name, "--purge", "--keep-state", "--yes");
      expect([refused.code, refused.stderr]).toEqual([expect.any(Number), expect.stringContaining("cannot be used with")]);
      const dropped = await project.run("drop", name, "--purge", "--yes");
      expect([dropped.code, dropped.stdout]).toEqual([0, `${name}: dropped\n`]);
      await until(
        async () => (await templates()).length < made.length && (await topicsWith(name)).length === 0,
        "the removal",
        60_000,
        () => project.log,
        200,
      );
      expect(await groupsWith(name)).toEqual([]);
      const left = async () => (await templates()).join();
      await until(
        async () => (await left()) === `${client}-shared`,
        "the templates to go",
        20_000,
        () => project.log.slice(-2000),
      );
      expect(await counts(), "what it wrote stays").toEqual(all);
      expect(await groupsWith(other)).toEqual([`sluice.${other}`]);

      await project.client.request("DELETE", `/v1/pipelines/${other}?purge=true`);
      await until(async () => (await templates()).length === 0 && (await groupsWith(other)).length === 0, "the other's removal", 60_000);
      expect(await topicsWith(other)).toEqual([]);
      await project.end("SIGINT");
    },
    120_000,
  );
});

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
const READINGS = Array.from({ length: 200 }, (_, n) => ({ id: `r${n}`, site: `s${n % SITES}`, t: n }));

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
      await cluster.producer().send({
        messages: READINGS.map((reading, n) => ({ topic, key: reading.id, value: JSON.stringify(reading), partition: n % PARTITIONS })),
      });
      const [name, other] = [freshName("purged"), freshName("stays")];
      const [index, dated, shared] = ["rows", "dated", "shared"].map((rest) => elastic.name(`${client}-${rest}`)) as [
        string,
        string,
        string,
        string,
      ];
      const text = `INSERT INTO \`${index}\` SELECT site, COUNT(*) AS n FROM \`${topic}\` GROUP BY site;
INSERT INTO \`${dated}\` SELECT * FROM \`${topic}\` WITHINDEXSUFFIX=_{yyyy};
INSERT INTO \`${shared}\` SELECT id, t FROM \`${topic}\` PK id;`;
      await project.client.request("PUT", `/v1/pipelines/${name}`, text);
      const sharing = `INSERT INTO \`${shared}\` SELECT id, site FROM \`${topic}\` WHERE t < 0 PK id;`;
      await project.client.request("PUT", `/v1/pipelines/${other}`, sharing);
      const counts = async () => [await elastic.count(index), await elastic.count(`${dated}*`), await elastic.count(shared)];
      const all = [SITES, READINGS.length, READINGS.length];
      let status: unknown = null;
      await until(
        async () => {
          status = (await project.pipeline(name)).status;
          return `${await counts()}` === `${all}`;
        },
        "the results",
        60_000,
        () => JSON.stringify(status),
        200,
      );
      // As expected: else nothing could be seen to go.
      const made = ["dated", "rows", "shared"].map((rest) => `${client}-${rest}`);
      expect(await templates()).toEqual(made);
      expect(await topicsWith(name)).toEqual([expect.stringMatching(/\.partials\..*[0-9a-f]{12}$/), `sluice.${name}.state`]);
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
      await until(async () => (await templates()).length === 1, "the templates to go");
      expect(await templates(), "the other pipeline writes there").toEqual([`${client}-shared`]);
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

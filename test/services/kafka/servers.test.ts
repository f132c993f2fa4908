import { expect, it } from "vitest";
import type { RestAnswer } from "../../../src/client/rest-client.ts";
import type { Deployment } from "../../../src/fleet/deployment.ts";
import type { PipelineStatus } from "../../../src/fleet/pipeline-status.ts";
import type { RawRecord } from "../../../src/ports/source.ts";
import type { Task } from "../../../src/server/routes/pipeline-insight.ts";
import { freshName } from "../../conformance/names.ts";
import type { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";
import { valuesOf } from "../read-back.ts";
import { SharedServers } from "./shared-servers.ts";

const PARTITIONS = 4;

type Shown = Deployment & { readonly status: PipelineStatus };

describeWith("kafka", "servers that share a catalog", ({ brokers }) => {
  const servers = new SharedServers(brokers);
  const { admin, source } = servers;

  const produce = (topic: string, from: number, to: number): Promise<void> =>
    source.append(
      topic,
      Array.from({ length: to - from }, (_, n): RawRecord => {
        const value = Buffer.from(JSON.stringify({ id: from + n }));
        return { key: Buffer.from(`${from + n}`), value, timestampMs: Date.now() };
      }),
    );

  /** What a topic holds, each different document once. */
  const documents = async (topic: string): Promise<ReadonlySet<string>> => {
    const found = new Set<string>();
    for await (const values of valuesOf(source, topic)) for (const value of values) found.add(value);
    return found;
  };
  const holds = (topic: string, ids: number, version: number) =>
    until(
      async () => {
        const all = await documents(topic);
        return Array.from({ length: ids }, (_, id) => `{"id":${id},"version":${version}}`).every((document) => all.has(document));
      },
      `${ids} documents of version ${version}`,
      60_000,
      () => "",
      200,
    );
  /** How many partitions each server has, as one of them knows it. */
  const sharesOf = async (server: ServedProject, name: string): Promise<readonly number[]> => {
    const { body } = await server.client.request<{ readonly items: readonly Task[] }>("GET", `/v1/pipelines/${name}/tasks`);
    return [...Map.groupBy(body.items, (task) => task.server).values()].map((tasks) => tasks.length);
  };
  const versionOf = (server: ServedProject, name: string): Promise<string | null> =>
    server.pipeline(name).then(
      ({ version }) => version,
      () => null,
    );

  it("run all pipelines, each its share; go on where one of them dies; and drop what a pipeline kept once", async () => {
    const [input, output] = [await servers.newTopic("servers.input", PARTITIONS), await servers.newTopic("servers.output", PARTITIONS)];
    const copy = (version: number) => `INSERT INTO \`${output}\` SELECT id, ${version} AS version FROM \`${input}\`;`;
    const name = servers.newPipeline("copy");
    const [left, right] = await servers.start();
    await produce(input, 0, 500);
    await left.client.request("PUT", `/v1/pipelines/${name}`, copy(1));
    await until(async () => (await versionOf(right, name)) !== null, "the other server to hear of it");
    await holds(output, 500, 1);
    await until(async () => (await sharesOf(left, name)).join() === "2,2", "both to have their share", 60_000);

    const { body } = await right.client.request<Shown>("PUT", `/v1/pipelines/${name}`, copy(2));
    await until(async () => (await versionOf(left, name)) === body.version, "the replacement");
    await produce(input, 500, 1000);
    await until(
      async () => [...(await documents(output))].filter((row) => row.endsWith(":2}")).length >= 500,
      "rows of the other text",
      60_000,
    );

    await left.end("SIGKILL");
    await produce(input, 1000, 1500);
    await until(async () => [...(await documents(output))].filter((row) => row.endsWith(":2}")).length >= 1000, "rows without it", 60_000);

    await right.client.request("DELETE", `/v1/pipelines/${name}`);
    await until(async () => (await source.describeTopic(`sluice.${name}.state`)) === null, "the state to be removed", 60_000);
    await left.start();
    expect(await versionOf(left, name)).toBeNull();
    await left.client.request("PUT", `/v1/pipelines/${name}`, copy(3));
    await holds(output, 1500, 3);

    await right.client.request("DELETE", `/v1/pipelines/${name}?keepState=true`);
    await until(async () => (await versionOf(left, name)) === null, "the drop");
    await left.client.request("PUT", `/v1/pipelines/${name}`, copy(4));
    await produce(input, 1500, 1600);
    const ofLast = async () => [...(await documents(output))].filter((row) => row.endsWith(":4}")).length;
    await until(async () => (await ofLast()) >= 100, "rows of the one that goes on", 60_000);
    await until(async () => (await versionOf(right, name)) === (await versionOf(left, name)), "the other server to hear of it");
    expect(await ofLast()).toBe(100);
    for (const server of [left, right]) expect((await server.pipeline(name)).status.failures).toEqual([]);
  });

  it("end where they cannot follow the catalog any more, say why, and follow it again when they are started", async () => {
    const catalog = freshName("servers.catalog");
    const [left, right] = await servers.start(catalog);
    await left.client.request("PUT", "/v1/pipelines/before", { sql: "INSERT INTO results SELECT * FROM nothing_yet;", desired: "paused" });
    await admin.deleteTopic(catalog);
    await until(async () => (await source.describeTopic(catalog)) === null, "the topic's end");
    await source.createTopic(catalog, { partitions: 1, compacted: true });
    for (const server of [left, right]) {
      const { code, stderr } = (await server.ended) ?? {};
      expect([code, stderr]).toEqual([3, expect.stringMatching(/STORE_UNUSABLE.*deleted and created again/)]);
      await server.start();
    }
    await left.client.request("PUT", "/v1/pipelines/after", { sql: "INSERT INTO results SELECT * FROM nothing_yet;", desired: "paused" });
    await until(async () => (await versionOf(right, "after")) !== null, "the other server to hear of it");
  });

  it("make a pipeline once where both are asked at the same time, and remove what was left by one that died", async () => {
    const [input, output] = [await servers.newTopic("servers.input", PARTITIONS), await servers.newTopic("servers.output", PARTITIONS)];
    const [left, right] = await servers.start();
    const names = Array.from({ length: 5 }, () => servers.newPipeline("race"));
    const text = `INSERT INTO \`${output}\` SELECT id, 1 AS version FROM \`${input}\`;`;
    for (const name of names) {
      const put = (server: ServedProject): Promise<RestAnswer<unknown> | { readonly status: number }> =>
        server.client
          .request("PUT", `/v1/pipelines/${name}`, { sql: text, desired: "paused" }, { "if-none-match": "*" })
          .catch((error: { readonly status: number }) => error);
      const statuses = (await Promise.all([put(left), put(right)])).map(({ status }) => status);
      expect(statuses.toSorted(), name).toEqual([201, expect.toSatisfy((status) => [409, 412].includes(status))]);
    }
    const [name] = names as [string];
    await left.client.request("POST", `/v1/pipelines/${name}/resume`);
    await produce(input, 0, 100);
    await holds(output, 100, 1);
    // The drop is durable, and nobody removes anything: both die.
    const dropped = left.client.request("DELETE", `/v1/pipelines/${name}`);
    await right.end("SIGKILL");
    await dropped;
    await left.end("SIGKILL");
    await right.start();
    await until(async () => (await source.describeTopic(`sluice.${name}.state`)) === null, "the state to be removed", 60_000);
    const { body } = await right.client.request<{ readonly items: readonly Deployment[] }>("GET", "/v1/pipelines");
    expect(body.items.map((item) => item.name)).toEqual(names.slice(1).sort());
  });
});

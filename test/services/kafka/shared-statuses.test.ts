import { expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { RawRecord } from "../../../src/ports/source.ts";
import type { Task } from "../../../src/server/routes/pipeline-insight.ts";
import type { Pipeline } from "../../../src/server/schemas.ts";
import { freshName } from "../../conformance/names.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import type { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";
import { SharedServers } from "./shared-servers.ts";

const PARTITIONS = 4;
const RECORDS = 400;

/** What a server answers of a pipeline, without what goes on while one and then the other is asked. */
interface Answer {
  readonly pipeline: Pipeline;
  readonly tasks: readonly Task[];
}

describeWith("kafka", "how a pipeline stands on several servers", ({ brokers }) => {
  const servers = new SharedServers(brokers);
  const { source } = servers;

  /** Two servers with a pipeline of four partitions, all of whose records both know to be taken. */
  const running = async () => {
    const [input, output] = [await servers.newTopic("shared.input", PARTITIONS), await servers.newTopic("shared.output", PARTITIONS)];
    const [catalog, name] = [freshName("shared.catalog"), servers.newPipeline("shared.copy")];
    const [left, right] = await servers.start(catalog);
    await source.append(
      input,
      Array.from({ length: RECORDS }, (_, id): RawRecord => {
        return {
          key: Buffer.from(`${id}`),
          value: Buffer.from(JSON.stringify({ id })),
          timestampMs: Date.now(),
          partition: id % PARTITIONS,
        };
      }),
    );
    await left.client.request("PUT", `/v1/pipelines/${name}`, `INSERT INTO \`${output}\` SELECT id + 1 AS next FROM \`${input}\`;`);
    const answerOf = async (server: ServedProject): Promise<Answer> => {
      const { body: pipeline } = await server.client.request<Pipeline>("GET", `/v1/pipelines/${name}`);
      const { body: tasks } = await server.client.request<{ readonly items: readonly Task[] }>("GET", `/v1/pipelines/${name}/tasks`);
      const statements = pipeline.status.statements.map((statement) => ({ ...statement, lagSeconds: null }));
      return { pipeline: { ...pipeline, status: { ...pipeline.status, statements } }, tasks: tasks.items };
    };
    const state = { last: "" };
    /** Until both say the same, and that it is so. */
    const agreed = async (
      what: string,
      isSo: (answer: Answer) => boolean,
      asked: readonly ServedProject[] = [left, right],
    ): Promise<Answer> => {
      let found: Answer | null = null;
      await until(
        async () => {
          const answers = await Promise.all(asked.map((server) => answerOf(server).catch(() => null)));
          state.last = answers.map((answer) => JSON.stringify(answer)).join("\n");
          found = answers[0] ?? null;
          return found !== null && new Set(answers.map((answer) => JSON.stringify(answer))).size === 1 && isSo(found);
        },
        what,
        60_000,
        () => state.last,
        200,
      );
      return must(found as Answer | null);
    };
    return { catalog, input, output, name, left, right, agreed };
  };
  const ownersOf = ({ tasks }: Answer): readonly (string | null)[] => [...new Set(tasks.map(({ server }) => server))];
  const taken = ({ pipeline }: Answer): number => pipeline.status.statements.reduce((total, { counters }) => total + counters.in, 0);

  it("is the same whichever is asked: states, sums, owners of partitions, failures; and goes with the one that dies", async () => {
    const { left, right, input, catalog, name, agreed } = await running();
    const both = await agreed(
      "both",
      (answer) => taken(answer) === RECORDS && ownersOf(answer).length === 2 && answer.tasks.length === PARTITIONS,
    );
    expect(both.pipeline.status).toMatchObject({
      state: "running",
      servers: [{ state: "running" }, { state: "running" }],
      statements: [{ state: "running", lag: 0, counters: { in: RECORDS, written: RECORDS } }],
    });
    expect(both.tasks.map(({ partition, position, lag }) => [partition, position, lag])).toEqual(
      [0, 1, 2, 3].map((partition) => [partition, 100, 0]),
    );
    const { stdout } = await right.run("status", name);
    for (const owner of ownersOf(both)) expect(stdout).toContain(`on ${owner}`);

    // A record that stops the statement, on a partition of the server that is not asked.
    const rightName = must(
      both.pipeline.status.servers.find(({ server }) => server.includes(right.url.split(":").at(-1) as string)),
    ).server;
    const { partition } = must(both.tasks.find(({ server }) => server === rightName));
    await source.append(input, [{ key: null, value: Buffer.from('{"id":"one"}'), timestampMs: Date.now(), partition }]);
    const failed = await agreed("the failure", ({ pipeline }) => pipeline.status.failures.length === 1);
    expect(failed.pipeline.status).toMatchObject({
      statements: [{ state: "failed" }],
      failures: [{ code: "RECORD_TYPE", partition, server: rightName }],
    });
    expect(failed.tasks.find((task) => task.partition === partition)).toMatchObject({ state: "failed", server: rightName, lag: 1 });

    // Whichever is told to, all begin again; the record is still there.
    const since = must(
      failed.pipeline.status.servers
        .map((one) => one.since)
        .sort()
        .at(-1),
    );
    await left.client.request("POST", `/v1/pipelines/${name}/restart`);
    await agreed("both to have begun again", ({ pipeline: { status } }) => {
      // Both have met it where its partition has gone from one to the other meanwhile; nothing else has failed.
      const haveMetIt =
        status.failures.length > 0 && status.failures.every((one) => one.code === "RECORD_TYPE" && one.partition === partition);
      return haveMetIt && status.servers.every((one) => one.state === "running" && one.since > since);
    });

    await right.end("SIGKILL");
    const alone = await agreed("the one that is left", (answer) => answer.pipeline.status.servers.length === 1, [left]);
    expect(ownersOf(alone)).not.toContain(rightName);
    const records = await readToEnd(source, `${catalog}.status`);
    const now = new Map(records.map(({ key, value }) => [key, value]));
    await until(
      async () => {
        for (const { key, value } of await readToEnd(source, `${catalog}.status`)) now.set(key, value);
        return [...now].every(([key, value]) => value === null || !must(key).startsWith(rightName));
      },
      "what it has told to be forgotten",
      60_000,
      () => JSON.stringify([...now.keys()]),
      500,
    );
    expect(left.log.split("\n").filter((line) => /is left out|is not known/.test(line))).toEqual([]);
  });

  it("costs nothing while nothing changes, and is gone with the pipeline and with a server that ends", async () => {
    const { left, right, catalog, name, agreed } = await running();
    const isIdle = ({ pipeline: { status } }: Answer): boolean => status.state === "running" && status.messagesPerSecond === 0;
    await agreed("both", (answer) => isIdle(answer) && taken(answer) === RECORDS && ownersOf(answer).length === 2);
    const topic = `${catalog}.status`;
    const { endOffset } = await source.bounds(topic, 0);
    const since = () => readToEnd(source, topic, 0, endOffset);
    await until(
      async () => (await since()).filter(({ value }) => value === "{}").length >= 4,
      "signs of life",
      60_000,
      () => "",
      500,
    );
    expect((await since()).filter(({ key }) => must(key).endsWith(name))).toEqual([]);

    await right.client.request("DELETE", `/v1/pipelines/${name}?purge=true`);
    const kept = async (): Promise<readonly string[]> => {
      const now = new Map((await readToEnd(source, topic)).map(({ key, value }) => [must(key), value]));
      return [...now].flatMap(([key, value]) => (value === null ? [] : [key]));
    };
    let last: readonly string[] = [];
    /** Before a server that has ended without a word would be taken for gone. */
    const isKept = (what: string, isSo: (keys: readonly string[]) => boolean) =>
      until(
        async () => {
          last = await kept();
          return isSo(last);
        },
        what,
        15_000,
        () => last.join(),
        200,
      );
    await isKept("what is said of the pipeline to go", (keys) => keys.every((key) => key.endsWith("|")) && keys.length === 2);
    await right.end("SIGINT");
    await isKept("what the server has said to go", (keys) => keys.length === 1);
    await left.end("SIGINT");
    await isKept("all to go", (keys) => keys.length === 0);
  });
});

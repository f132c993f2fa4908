import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { Redriven } from "../../../src/fleet/redrive.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { DeadLetter } from "../../../src/server/routes/dead-letters.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { COPIED_ABOVE, COPIES, kafkaConfig, kafkaPipelines } from "../../upgrade/kafka-workload.ts";
import { loadTopics } from "../../upgrade/kept-topics.ts";
import { withoutUpgrade } from "../../upgrade/without-upgrade.ts";
import { appendRows, type Contents, differencesOf, HALVES, INDEXES, ROWS } from "../../upgrade/workload.ts";
import { ensure, wipe } from "../launcher/launcher.ts";
import { describeWith } from "../needs.ts";
import { openStore } from "../open-store.ts";
import { ClusterAdmin } from "./cluster-admin.ts";

const KEPT = fileURLToPath(new URL("../../upgrade/kept-kafka/", import.meta.url));
/** A broker of this test's own: the topics have the names that are in the texts. */
const INSTANCE = "kafka-kept";

const READINGS = ROWS.filter(({ topic }) => topic === "readings");
const REFUSED = HALVES[0].filter(({ value }) => value["t"] === "warm");

describeWith("kafka", "topics that the release before has left in Kafka", () => {
  let admin: ClusterAdmin;
  let kafka: Connection;
  let project: ServedProject;
  let loaded: readonly string[] = [];

  beforeAll(async () => {
    const { address } = await ensure("kafka", { instance: INSTANCE });
    admin = new ClusterAdmin([address]);
    kafka = await openStore("kafka", { brokers: [address] });
    // This client does not see the ids that a cluster gives to topics: these are others here.
    project = new ServedProject({ "sluice.yaml": kafkaConfig([address], "kafkajs") });
    mkdirSync(join(project.folder, ".sluice"), { recursive: true });
    cpSync(join(KEPT, "sluice.db"), join(project.folder, ".sluice/sluice.db"));
    const lines = gunzipSync(readFileSync(join(KEPT, "topics.jsonl.gz")))
      .toString()
      .trimEnd()
      .split("\n");
    loaded = await loadTopics(lines, { brokers: [address], source: must(kafka.source), admin });
    await appendRows(must(kafka.source), HALVES[1]);
    await project.start();
  });
  afterAll(async () => {
    await project?.close();
    await Promise.all([kafka?.close(), admin?.close()]);
    await wipe("kafka", INSTANCE);
  });

  const names = [...kafkaPipelines().keys()];
  const statusOf = async (name: string) => (await project.pipeline(name)).status;
  const contents = async (): Promise<Contents> => {
    const all = INDEXES.map(async (index) => [index, await project.rows(`elastic.${index}`)] as const);
    return new Map(await Promise.all(all));
  };

  it("hold the catalog, state of every kind, partial results, dead letters and rows of transactions", async () => {
    expect(loaded).toEqual(expect.arrayContaining(["readings", "minutes", "letters", COPIES, "kept.catalog"]));
    for (const name of names) expect(loaded).toContain(`sluice.${name}.state`);
    const { items } = (await project.client.request<{ items: { name: string; text: string }[] }>("GET", "/v1/pipelines")).body;
    const texts = await Promise.all(items.map(async ({ name }) => [name, (await project.pipeline(name)).text] as const));
    expect(texts.sort()).toEqual([...kafkaPipelines()].sort());
  });

  it("are gone on from: results are those of a run without upgrade, nothing is read twice", async () => {
    const wanted = await withoutUpgrade();
    let differences: readonly string[] = [];
    const told = () => `${differences.join("\n")} ${project.log.slice(-2_000)}`;
    const isSame = async (): Promise<boolean> => {
      differences = differencesOf(await contents(), wanted);
      return differences.length === 0;
    };
    await until(isSame, "the results of a run without upgrade", 120_000, told, 500);
    const totals = async () => (await statusOf("groups")).statements.find(({ name }) => name.startsWith("totals"))?.counters.in;
    await until(
      async () => (await totals()) === READINGS.length,
      "the counters",
      20_000,
      () => project.log.slice(-2_000),
      100,
    );
    for (const name of names) {
      const { failures, restarts, statements } = await statusOf(name);
      expect([name, failures, restarts]).toEqual([name, [], 0]);
      for (const { counters } of statements)
        expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
    }
  });

  it("are gone on from in transactions: each row is there once", async () => {
    const hot = READINGS.filter(({ value: { t } }) => typeof t === "number" && t > COPIED_ABOVE);
    const rows = async (): Promise<readonly string[]> => {
      const all = [0, 1].map((partition) => readToEnd(must(kafka.source), COPIES, partition));
      return (await Promise.all(all)).flat().map(({ value }) => value ?? "");
    };
    await until(
      async () => (await rows()).length >= hot.length,
      "the copies",
      60_000,
      () => project.log.slice(-2_000),
      200,
    );
    const wanted = hot.map(({ key, at, value: { t } }) => JSON.stringify({ device: key, t, at: new Date(at).toISOString() }));
    expect([...(await rows())].sort()).toEqual(wanted.sort());
  });

  it("hold dead letters that are listed, and redriven", async () => {
    const path = "/v1/pipelines/groups/deadletters";
    const own = async (query: string) =>
      (await project.client.request<{ items: DeadLetter[] }>("GET", `${path}?limit=1000&statement=totals%231&${query}`)).body.items;
    const values = (await own("redriven=false")).map(({ value }) => JSON.parse(value ?? ""));
    expect(values).toEqual(expect.arrayContaining(REFUSED.map(({ value }) => value)));
    const { body } = await project.client.request<Redriven>("POST", `${path}/redrive`, { statement: "totals#1" });
    expect(body).toMatchObject({ records: values.length, letters: values.length, gone: 0 });
    expect(body.next).toBeUndefined();
    expect((await own("redriven=true")).length).toBe(values.length);
  });
});

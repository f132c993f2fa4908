import { afterAll, beforeAll, expect, it } from "vitest";
import { freshName } from "../../conformance/names.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { kafkaToElastic } from "../kafka-to-elastic.ts";
import { describeWithAll } from "../needs.ts";

const PARTITIONS = 3;
const DEVICES = 20;
const BATCH = 500;
const HISTORY = 8;

interface Total {
  readonly device: string;
  readonly n: number;
  readonly warm?: number;
}

describeWithAll(["kafka", "elasticsearch"], "a pipeline that is replaced by another one beside it", ({ kafka, elasticsearch }) => {
  const admin = new ClusterAdmin(kafka.brokers);
  const elastic = new Scratch(elasticsearch.node);
  const project = new ServedProject({ "sluice.yaml": `owner: replaced\n${kafkaToElastic(kafka, elasticsearch)}` });
  const [blue, green] = [freshName("blue"), freshName("green")];
  const [alias, first, second] = [elastic.name("totals"), elastic.name("totals_1"), elastic.name("totals_2")];
  const written: { readonly device: string; readonly t: number }[] = [];
  let topic = "";

  beforeAll(async () => {
    topic = await admin.createTopic("replaced", {}, PARTITIONS);
    await project.start();
  });
  afterAll(async () => {
    await project.close();
    await admin.deleteTopic(topic);
    await admin.close();
    await elastic.clean();
  });

  async function produce(): Promise<void> {
    const readings = Array.from({ length: BATCH }, (_, n) => ({ device: `d${n % DEVICES}`, t: (written.length + n * 7) % 40 }));
    await admin.producer().send({
      messages: readings.map((reading, n) => ({
        topic,
        key: reading.device,
        value: JSON.stringify(reading),
        partition: (n % DEVICES) % PARTITIONS,
      })),
    });
    written.push(...readings);
  }

  /** What readers see who ask under that name. */
  const seen = async (name: string): Promise<readonly Total[]> =>
    [...(await elastic.documents(name)).values()].map(({ source }) => source as Total);
  const countedIn = (totals: readonly Total[]): number => totals.reduce((sum, { n }) => sum + n, 0);
  const text = (index: string, columns: string) =>
    `CREATE STREAM readings (device STRING, t INT) WITH (topic = '${topic}', key = 'device');
INSERT INTO \`${index}\` SELECT device, ${columns} FROM readings GROUP BY device;\n`;
  const apply = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await project.run("apply", "--yes", ...args);
    expect(code, stdout + stderr).toBe(0);
  };

  it("catches up, takes over under one name without a gap, and the first one leaves nothing", async () => {
    project.write(`queries/${blue}.sql`, text(first, "COUNT(*) AS n"));
    await apply();
    for (let batch = 0; batch < HISTORY; batch++) await produce();
    await until(
      async () => countedIn(await seen(first)) === written.length,
      "the first one's results",
      60_000,
      () => "",
      100,
    );
    await elastic.send("POST", "/_aliases", { actions: [{ add: { index: first, alias, is_write_index: false } }] });

    // From here on somebody reads under the alias all the time, and somebody writes to the topic, but for the moment of the switch.
    const reader = { stopped: false, reads: 0, highest: 0, problems: [] as string[] };
    const writer = { paused: false, batch: Promise.resolve() };
    const reading = (async () => {
      while (!reader.stopped) {
        const totals = await seen(alias);
        const count = countedIn(totals);
        if (totals.length !== DEVICES || count < reader.highest) reader.problems.push(`${totals.length} devices, ${count} readings`);
        reader.highest = Math.max(reader.highest, count);
        reader.reads++;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    const writing = (async () => {
      while (!reader.stopped) {
        if (!writer.paused) writer.batch = produce();
        await writer.batch;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();

    // Its aggregates are others: in place it would have had to begin anew, under the eyes of the readers.
    project.write(`queries/${green}.sql`, text(second, "COUNT(*) AS n, COUNT(*) FILTER (WHERE t >= 20) AS warm"));
    await apply();
    const lagOf = async (): Promise<number> => {
      const { items } = (await project.client.request<{ items: { lag: number | null }[] }>("GET", `/v1/pipelines/${green}/tasks`)).body;
      return items.length < PARTITIONS ? Number.NaN : items.reduce((sum, { lag }) => sum + (lag ?? Number.NaN), 0);
    };
    let lag = Number.NaN;
    await until(
      async () => {
        lag = await lagOf();
        return lag < 2 * BATCH;
      },
      "the other one to catch up",
      60_000,
      () => `${lag}`,
      100,
    );
    // Else the first one might show a batch that the other one has not written yet, and readers would see it go.
    writer.paused = true;
    await writer.batch;
    await until(
      async () => countedIn(await seen(first)) === written.length && countedIn(await seen(second)) === written.length,
      "both to show all that is written",
      60_000,
      () => `${written.length}`,
      100,
    );
    const before = reader.reads;
    const switched = await elastic.send("POST", "/_aliases", {
      actions: [{ remove: { index: first, alias } }, { add: { index: second, alias, is_write_index: false } }],
    });
    expect(switched.status).toBe(200);
    writer.paused = false;
    await until(() => reader.reads > before + 5, "reads after the switch");

    const dropped = await project.run("drop", blue, "--purge", "--yes");
    expect(dropped.code, dropped.stderr).toBe(0);
    await elastic.send("DELETE", `/${first}`);
    const after = reader.reads;
    await until(() => reader.reads > after + 5, "reads without the first one");
    reader.stopped = true;
    await Promise.all([reading, writing]);
    expect(reader.problems).toEqual([]);

    const wanted = [...Map.groupBy(written, ({ device }) => device)].map(([device, own]) => ({
      device,
      n: own.length,
      warm: own.filter(({ t }) => t >= 20).length,
    }));
    const sorted = (totals: readonly Total[]) => totals.map((total) => JSON.stringify(total)).sort();
    await until(
      async () => countedIn(await seen(alias)) === written.length,
      "the last results",
      60_000,
      () => "",
      100,
    );
    expect(sorted(await seen(alias))).toEqual(sorted(wanted));
    // The file of the first one is deleted with it: what runs is what the files say.
    project.remove(`queries/${blue}.sql`);
    expect((await project.run("plan", "--detailed-exitcode")).code).toBe(0);
    await project.client.request("DELETE", `/v1/pipelines/${green}?purge=true`);
  });
});

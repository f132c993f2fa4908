import { afterAll, beforeAll, expect, it } from "vitest";
import { freshName } from "../../conformance/names.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { makeKeyspace, type TestKeyspace } from "../cassandra/keyspace.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { kafkaToElastic } from "../kafka-to-elastic.ts";
import { describeWithAll } from "../needs.ts";
import type { ProvidedServices } from "../provided.ts";

const PARTITIONS = 3;
const DEVICES = 20;
const BATCH = 500;
const HISTORY = 8;

interface Total {
  readonly device: string;
  readonly n: number;
  readonly warm?: number;
}

/** Where totals are written: two targets, one after the other, and what readers look into all the time. */
interface Shown {
  readonly config: string;
  readonly first: string;
  readonly second: string;
  /** As a statement names it. */
  targetOf(name: string): string;
  totals(name: string): Promise<readonly Total[]>;
  /** What readers see. */
  seen(): Promise<readonly Total[]>;
  show(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  clean(): Promise<void>;
}

type Address<Name extends keyof ProvidedServices> = NonNullable<ProvidedServices[Name]>;

/** Readers ask under an alias, which goes from one index to the other at once. */
async function shownByIndexes(kafka: Address<"kafka">, address: Address<"elasticsearch">): Promise<Shown> {
  const elastic = new Scratch(address.node);
  const alias = elastic.name("totals");
  let shown: string | null = null;
  const totals = async (name: string): Promise<readonly Total[]> =>
    [...(await elastic.documents(name)).values()].map(({ source }) => source as Total);
  return {
    config: kafkaToElastic(kafka, address),
    first: elastic.name("totals_1"),
    second: elastic.name("totals_2"),
    targetOf: (name) => `\`${name}\``,
    totals,
    seen: () => totals(alias),
    show: async (index) => {
      const actions = [...(shown === null ? [] : [{ remove: { index: shown, alias } }]), { add: { index, alias, is_write_index: false } }];
      expect((await elastic.send("POST", "/_aliases", { actions })).status).toBe(200);
      shown = index;
    },
    remove: async (name) => void (await elastic.send("DELETE", `/${name}`)),
    clean: () => elastic.clean(),
  };
}

/** Tables have no other names: readers are told which one to ask. */
async function shownByTables(kafka: Address<"kafka">, address: Address<"cassandra">): Promise<Shown> {
  const keyspace: TestKeyspace = await makeKeyspace(address);
  let shown = "";
  const totals = async (name: string): Promise<readonly Total[]> =>
    (await keyspace.query(`SELECT JSON * FROM ${name}`)).map((row) => JSON.parse(row.get("[json]")) as Total);
  return {
    config: `connections:
  kafka: { kind: kafka, brokers: ${JSON.stringify(kafka.brokers)} }
  cassandra: { kind: cassandra, contactPoints: ${JSON.stringify(address.contactPoints)}, localDataCenter: ${address.localDataCenter} }
defaults: { source: kafka, sink: cassandra }
`,
    first: `${keyspace.name}.totals_1`,
    second: `${keyspace.name}.totals_2`,
    targetOf: (name) => `cassandra.${name}`,
    totals: async (name) => totals(name).catch(() => []),
    seen: () => totals(shown),
    show: async (name) => {
      shown = name;
    },
    remove: async (name) => void (await keyspace.query(`DROP TABLE ${name}`)),
    clean: () => keyspace.drop(),
  };
}

describeWithAll(["kafka", "elasticsearch"], "a pipeline that is replaced by another one beside it, with indexes", (services) => {
  replacement(services.kafka, () => shownByIndexes(services.kafka, services.elasticsearch));
});

describeWithAll(["kafka", "cassandra"], "a pipeline that is replaced by another one beside it, with tables", (services) => {
  replacement(services.kafka, () => shownByTables(services.kafka, services.cassandra));
});

function replacement(kafka: Address<"kafka">, open: () => Promise<Shown>): void {
  const admin = new ClusterAdmin(kafka.brokers);
  const [blue, green] = [freshName("blue"), freshName("green")];
  const written: { readonly device: string; readonly t: number }[] = [];
  let shown: Shown;
  let project: ServedProject;
  let topic = "";

  beforeAll(async () => {
    shown = await open();
    project = new ServedProject({ "sluice.yaml": `owner: replaced\n${shown.config}` });
    topic = await admin.createTopic("replaced", {}, PARTITIONS);
    await project.start();
  });
  afterAll(async () => {
    await project.close();
    await admin.deleteTopic(topic);
    await admin.close();
    await shown.clean();
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

  const countedIn = (totals: readonly Total[]): number => totals.reduce((sum, { n }) => sum + n, 0);
  const text = (target: string, columns: string) =>
    `CREATE STREAM readings (device STRING, t INT) WITH (topic = '${topic}', key = 'device');
INSERT INTO ${shown.targetOf(target)} SELECT device, ${columns} FROM readings GROUP BY device AUTOCREATE;\n`;
  const apply = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await project.run("apply", "--yes", ...args);
    expect(code, stdout + stderr).toBe(0);
  };
  const holdsAll = (what: string, names: readonly string[]) =>
    until(
      async () => {
        const totals = await Promise.all(names.map((name) => shown.totals(name)));
        return totals.every((own) => countedIn(own) === written.length);
      },
      what,
      60_000,
      () => `${written.length} ${project.log.slice(-2_000)}`,
      100,
    );

  it("catches up, takes over under one name without a gap, and the first one leaves nothing", async () => {
    const { first, second } = shown;
    project.write(`queries/${blue}.sql`, text(first, "COUNT(*) AS n"));
    await apply();
    for (let batch = 0; batch < HISTORY; batch++) await produce();
    await holdsAll("the first one's results", [first]);
    await shown.show(first);

    // From here on somebody reads what is shown all the time, and somebody writes to the topic, but for the moment of the switch.
    const reader = { stopped: false, reads: 0, highest: 0, problems: [] as string[] };
    const writer = { paused: false, batch: Promise.resolve() };
    const reading = (async () => {
      while (!reader.stopped) {
        const totals = await shown.seen();
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
    await holdsAll("both to show all that is written", [first, second]);
    const before = reader.reads;
    await shown.show(second);
    writer.paused = false;
    await until(() => reader.reads > before + 5, "reads after the switch");

    const dropped = await project.run("drop", blue, "--purge", "--yes");
    expect(dropped.code, dropped.stderr).toBe(0);
    // What it has written is not its own any more: whoever made room for it takes it away.
    expect((await shown.totals(first)).length).toBe(DEVICES);
    await shown.remove(first);
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
    const sorted = (totals: readonly Total[]) => totals.map(({ device, n, warm }) => JSON.stringify({ device, n, warm })).sort();
    await holdsAll("the last results", [second]);
    expect(sorted(await shown.seen())).toEqual(sorted(wanted));
    // The file of the first one is deleted with it: what runs is what the files say.
    project.remove(`queries/${blue}.sql`);
    expect((await project.run("plan", "--detailed-exitcode")).code).toBe(0);
    await project.client.request("DELETE", `/v1/pipelines/${green}?purge=true`);
  });
}

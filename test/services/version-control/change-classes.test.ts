import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { describeWith } from "../needs.ts";

interface Reading {
  readonly seq: number;
  readonly id: string;
  readonly t: number;
}

const BATCH = 500;
const PARTITIONS = 3;

describeWith("kafka", "what becomes of positions and state in Kafka with each class of change", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  const project = new ServedProject({
    "sluice.yaml": `owner: classes
connections:
  kafka: { kind: kafka, brokers: [${brokers.map((broker) => JSON.stringify(broker)).join(", ")}] }
  elastic: { kind: embedded, as: elasticsearch }
defaults: { source: kafka, sink: elastic }
`,
  });
  const seed = Math.floor(Math.random() * 2 ** 31);
  /** All that was written so far, batch by batch. */
  const batches: Reading[][] = [];
  const name = `classes_${seed}`;
  let topic = "";
  /** Of the statements as they are now, by what a naive program would make of the batches. */
  let expected: Readonly<Record<string, readonly unknown[]>> = {};

  beforeAll(async () => {
    topic = await admin.createTopic("classes", {}, PARTITIONS);
    const declaration = `CREATE STREAM readings (seq INT, id STRING, t INT) WITH (topic = '${topic}', key = 'id', partitions = ${PARTITIONS});\n`;
    project.write("queries/catalog.sql", declaration);
    await project.start();
  });

  afterAll(async () => {
    await project.end("SIGINT");
    await project.close();
    await admin.deleteTopic(topic);
    await admin.close();
  });

  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };

  async function produce(): Promise<void> {
    const first = batches.length * BATCH;
    const batch = Array.from({ length: BATCH }, (_, index) => ({ seq: first + index, id: `d${random(20)}`, t: random(100) }));
    await admin.producer().send({
      messages: batch.map((reading) => ({
        topic,
        key: reading.id,
        value: JSON.stringify(reading),
        partition: Number(reading.id.slice(1)) % PARTITIONS,
      })),
    });
    batches.push(batch);
  }

  const all = (from = 0, to = batches.length): Reading[] => batches.slice(from, to).flat();
  const filtered = (test: (reading: Reading) => boolean, from?: number, to?: number) =>
    all(from, to)
      .filter(test)
      .map(({ seq, id, t }) => ({ seq, id, t }));
  const grouped = (readings: readonly Reading[], row: (own: readonly Reading[], id: string) => object) =>
    [...Map.groupBy(readings, ({ id }) => id)].map(([id, own]) => ({ id, ...row(own, id) }));
  /** The filter was above 50 for three batches, then above 80. */
  const hotRows = (to?: number) => [...filtered(({ t }) => t > 50, 0, 3), ...filtered(({ t }) => t > 80, 3, to)];
  const sum = (own: readonly Reading[]): number => own.reduce((total, { t }) => total + t, 0);

  const COUNTS = (columns: string) => `-- @name counts\nINSERT INTO elastic.counts SELECT id, ${columns} FROM readings GROUP BY id;\n`;
  const HOT = (limit: number) => `-- @name hot\nINSERT INTO elastic.hot SELECT seq, id, t FROM readings WHERE t > ${limit} PK seq;\n`;
  const LOW = `-- @name low\nINSERT INTO elastic.low SELECT seq, id, t FROM readings WHERE t < 10 PK seq;\n`;

  async function apply(text: string, kind: string, ...args: readonly string[]): Promise<void> {
    project.write(`queries/${name}.sql`, text);
    const planned = await project.run("plan", "--output", "json", ...args);
    expect(planned.code, planned.stderr + planned.stdout).toBe(0);
    expect(JSON.parse(planned.stdout)).toMatchObject({ class: kind });
    const applied = await project.run("apply", "--yes", ...args);
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    const after = await project.run("plan", "--detailed-exitcode");
    expect(after.code, "a plan after it was applied is empty").toBe(0);
  }

  const sorted = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();

  async function settled(): Promise<void> {
    for (const [index, rows] of Object.entries(expected)) {
      const wanted = sorted(rows);
      let found: readonly string[] = [];
      let status: unknown = null;
      const isThere = async (): Promise<boolean> => {
        status = (await project.pipeline(name)).status;
        found = sorted(await project.rows(`elastic.${index}`));
        return isDeepStrictEqual(found, wanted);
      };
      const difference = () =>
        `${found.length} rows of ${wanted.length}; ${found.find((row) => !wanted.includes(row))} ${JSON.stringify(status)}`;
      await until(isThere, `${index} (seed ${seed})`, 30_000, difference, 100);
    }
  }

  /** Records that the pipeline has fetched since it was started the last time. */
  async function fetchedInRun(count: number): Promise<void> {
    let messages = 0;
    const isFetched = async (): Promise<boolean> => {
      messages = (await project.pipeline(name)).status.messages;
      return messages >= count;
    };
    await until(isFetched, `${count} records fetched`, 20_000, () => `${messages} were`, 100);
    expect(messages).toBe(count);
  }

  it("new: begins at the first record", async () => {
    await produce();
    await apply(COUNTS("COUNT(*) AS n, SUM(t) AS s") + HOT(50), "new");
    expected = { counts: grouped(all(), (own) => ({ n: own.length, s: sum(own) })), hot: filtered(({ t }) => t > 50) };
    await settled();
  });

  it("cosmetic: goes on running", async () => {
    const { since } = (await project.pipeline(name)).status;
    await apply(`-- What devices send.\n${COUNTS("COUNT(*) AS n,\n  SUM(t) AS s")}${HOT(50)}`, "cosmetic");
    await produce();
    expected = { counts: grouped(all(), (own) => ({ n: own.length, s: sum(own) })), hot: filtered(({ t }) => t > 50) };
    await settled();
    await fetchedInRun(2 * BATCH);
    expect((await project.pipeline(name)).status.since).toBe(since);
  });

  it("metadata: starts again where it was", async () => {
    await apply(`SET 'max.retries' = 7;\n${COUNTS("COUNT(*) AS n, SUM(t) AS s")}${HOT(50)}`, "metadata");
    await produce();
    expected = { counts: grouped(all(), (own) => ({ n: own.length, s: sum(own) })), hot: filtered(({ t }) => t > 50) };
    await settled();
    await fetchedInRun(BATCH);
  });

  it("stateless: another filter from its position on", async () => {
    await apply(COUNTS("COUNT(*) AS n, SUM(t) AS s") + HOT(80), "stateless");
    await produce();
    expected = {
      counts: grouped(all(), (own) => ({ n: own.length, s: sum(own) })),
      hot: hotRows(),
    };
    await settled();
    await fetchedInRun(BATCH);
  });

  it("compatible: other results of the same state, from its position on", async () => {
    await apply(COUNTS("COUNT(*) AS n, SUM(t) AS s, SUM(t) / COUNT(*) >= 50 AS warm") + HOT(80), "compatible");
    await produce();
    const touched = new Set(all(4).map(({ id }) => id));
    expected = {
      counts: grouped(all(), (own, id) => {
        const row = { n: own.length, s: sum(own) };
        return touched.has(id) ? { ...row, warm: sum(own) / own.length >= 50 } : row;
      }),
      hot: hotRows(),
    };
    await settled();
    await fetchedInRun(BATCH);
  });

  it("incompatible: is refused until it is told where to begin, and what runs goes on", async () => {
    project.write(`queries/${name}.sql`, COUNTS("COUNT(*) AS n, MAX(t) AS s") + HOT(80));
    const refused = await project.run("apply", "--yes");
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain(`--begin ${name}/counts=here|earliest`);
    await produce();
    expected = {
      counts: grouped(all(), (own) => ({ n: own.length, s: sum(own), warm: sum(own) / own.length >= 50 })),
      hot: hotRows(),
    };
    await settled();
    await fetchedInRun(2 * BATCH);
  });

  it("incompatible, here: counts from nothing, from its position on", async () => {
    await apply(COUNTS("COUNT(*) AS n, MAX(t) AS s") + HOT(80), "incompatible", "--begin", `${name}/counts=here`);
    const before = expected["counts"] as readonly { readonly id: string }[];
    await produce();
    const again = grouped(all(6), (own) => ({ n: own.length, s: Math.max(...own.map(({ t }) => t)) }));
    const untouched = before.filter(({ id }) => again.every((row) => row.id !== id));
    expected = { counts: [...again, ...untouched], hot: hotRows() };
    await settled();
    await fetchedInRun(BATCH);
  });

  it("incompatible, earliest: counts everything again, and the statement beside it does not", async () => {
    await apply(COUNTS("COUNT(*) AS n, MIN(t) AS s") + HOT(80), "incompatible", "--begin", "counts=backfill");
    await produce();
    expected = {
      counts: grouped(all(), (own) => ({ n: own.length, s: Math.min(...own.map(({ t }) => t)) })),
      hot: hotRows(),
    };
    await settled();
    let taken = 0;
    const isTaken = async (): Promise<boolean> => {
      taken = (await project.pipeline(name)).status.statements.find((statement) => statement.name === "hot")?.counters.in ?? 0;
      return taken >= all().length;
    };
    await until(isTaken, "all records", 20_000, () => `${taken} were taken`, 100);
    expect(taken, "each record once").toBe(all().length);
  });

  it("new beside others: begins at the first record, and the others go on", async () => {
    await apply(COUNTS("COUNT(*) AS n, MIN(t) AS s") + HOT(80) + LOW, "new");
    await produce();
    expected = {
      counts: grouped(all(), (own) => ({ n: own.length, s: Math.min(...own.map(({ t }) => t)) })),
      hot: hotRows(),
      low: filtered(({ t }) => t < 10),
    };
    await settled();
  });

  it("destructive: a statement that is gone is refused until that is allowed, and begins anew where it comes back", async () => {
    const rest = COUNTS("COUNT(*) AS n, MIN(t) AS s") + HOT(80);
    project.write(`queries/${name}.sql`, rest);
    const refused = await project.run("apply", "--yes");
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining("--allow destructive")]);
    await apply(rest, "destructive", "--allow", "destructive");
    await produce();
    expected = {
      counts: grouped(all(), (own) => ({ n: own.length, s: Math.min(...own.map(({ t }) => t)) })),
      hot: hotRows(),
      low: filtered(({ t }) => t < 10, 0, 9),
    };
    await settled();
    await apply(rest + LOW.replace("t < 10", "t < 20"), "new");
    expected = { ...expected, low: filtered(({ t }) => t < 20) };
    await settled();
  });

  it("new to a catalog that was lost: goes on from what is kept under its name", async () => {
    await project.end("SIGINT");
    project.remove(".sluice/catalog.log");
    await project.start();
    await produce();
    await apply(COUNTS("COUNT(*) AS n, MIN(t) AS s") + HOT(80) + LOW.replace("t < 10", "t < 20"), "new");
    expected = {
      counts: grouped(all(), (own) => ({ n: own.length, s: Math.min(...own.map(({ t }) => t)) })),
      hot: hotRows(),
      low: filtered(({ t }) => t < 20),
    };
    await settled();
    await fetchedInRun(BATCH);
  });

  it("destructive: a pipeline that is dropped begins anew where it comes back", async () => {
    project.remove(`queries/${name}.sql`);
    const refused = await project.run("apply", "--yes");
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining("--allow destructive")]);
    const dropped = await project.run("apply", "--yes", "--allow", "destructive");
    expect(dropped.code, dropped.stderr).toBe(0);
    await produce();
    await apply(`${COUNTS("COUNT(*) AS n, MIN(t) AS s")}${LOW}`, "new");
    expected = {
      counts: grouped(all(), (own) => ({ n: own.length, s: Math.min(...own.map(({ t }) => t)) })),
      hot: hotRows(11),
      low: [...filtered(({ t }) => t < 10), ...filtered(({ t }) => t >= 10 && t < 20, 0, 11)],
    };
    await settled();
    project.remove(`queries/${name}.sql`);
    expect((await project.run("apply", "--yes", "--allow", "destructive")).code, "nothing is left behind").toBe(0);
  });
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { Report, StatementReport } from "../../../src/cli/report.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { Source } from "../../../src/ports/source.ts";
import { Readings, STANDARD_READINGS } from "../../../src/project/readings.ts";
import { SluiceProcess } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { describeWithAll } from "../needs.ts";
import { openStores } from "../open-stores.ts";
import { documentsOf, valuesOf } from "../read-back.ts";
import { ScratchProject } from "../scratch-project.ts";
import { differences, HOT_COLUMNS, hotOf, TABLE_COLUMNS, WindowOracle, type WindowResult } from "./window-oracle.ts";

const READINGS = 1_000_000;
const BATCH = 20_000;
const START_MS = Date.UTC(2026, 0, 31, 23, 58);

describeWithAll(["kafka", "elasticsearch", "cassandra"], "the main job on real services", (services) =>
  defineMainJob(new ScratchProject(services)),
);

/** Two processes, Kafka between them, Elasticsearch and Cassandra behind them; DuckDB says what is right. */
async function defineMainJob(project: ScratchProject): Promise<void> {
  const oracle = new WindowOracle();
  const stores = await openStores(project);
  const { source, elastic, cassandra } = stores;
  const run = (...args: string[]): SluiceProcess =>
    new SluiceProcess(["run", ...args, "--report", "json"], { cwd: project.directory, env: project.env });
  let expected: ReadonlyMap<string, WindowResult> = new Map();
  let persist: SluiceProcess;

  beforeAll(async () => {
    await source.createTopic(project.topic, { partitions: 4 });
    const readings = new Readings({ ...STANDARD_READINGS, startMs: START_MS });
    for (let made = 0; made < READINGS; made += BATCH) {
      const batch = readings.batch(BATCH);
      await Promise.all([source.append(project.topic, batch), oracle.add(batch)]);
    }
    expected = await oracle.windows();
    persist = run(project.pipeline("persist"));
  });

  afterAll(async () => {
    persist?.kill("SIGKILL");
    await stores.close();
    project.dispose();
  });

  it(`aggregates ${READINGS} readings while it is stopped by Ctrl-C and started again`, async () => {
    for (let stop = 0; stop < 2; stop++) {
      const aggregate = run(project.pipeline("aggregate"));
      const before = await committed(source, project);
      await until(
        async () => (await committed(source, project)) > before + 2000,
        "some windows to be written",
        60_000,
        () => aggregate.stderr,
      );
      aggregate.kill("SIGINT");
      const { code, stderr } = await aggregate.ended;
      expect(code, stderr).toBe(130);
    }
    const { code, stdout, stderr } = await run(project.pipeline("aggregate"), "--until-end", "--close").ended;
    expect(code, stderr).toBe(0);
    const statement = statementsOf(stdout)[0] as StatementReport;
    expect(statement).toMatchObject({ in: READINGS, applied: READINGS, filtered: 0, late: 0, deadLettered: 0, written: expected.size });
  });

  it("has every window in the topic, in the indexes of two days, and in the table", async () => {
    const hot = hotOf(expected);
    const whole = async (connection: Connection, name: string, count: number): Promise<void> =>
      until(
        async () => (await documents(connection, name).catch(() => [])).length >= count,
        name,
        90_000,
        () => persist.stderr,
        1000,
      );
    await whole(cassandra, `iot_${project.id}.${project.topic}_1m`, expected.size);
    await whole(elastic, `hot_homes_${project.id}`, hot.size);
    await whole(elastic, `${project.topic}_1m`, expected.size);
    expect(differences(await documents(cassandra, `iot_${project.id}.${project.topic}_1m`), expected, TABLE_COLUMNS)).toEqual([]);
    expect(differences(await documents(elastic, `${project.topic}_1m`), expected)).toEqual([]);
    expect(differences(await documents(elastic, `hot_homes_${project.id}`), hot, HOT_COLUMNS)).toEqual([]);
    expect(differences(await topicDocuments(source, project.results), expected)).toEqual([]);
    const names = (await elastic.listRelations()).map(({ name }) => name).filter((name) => name.startsWith(`${project.topic}_1m`));
    expect(names.sort()).toEqual([`${project.topic}_1m_2026-01-31`, `${project.topic}_1m_2026-02-01`]);
  });

  it("replays the results into another table by the other client, killed once on the way, without touching the others", async () => {
    const sql = `INSERT INTO cassandra.iot.replayed SELECT deviceId, minute, readings, avg_temperature, min_temperature, max_temperature
      FROM temperatures.aggregated PK deviceId, minute AUTOCREATE;`;
    const replayed = (): Promise<WindowResult[]> => documents(cassandra, `iot_${project.id}.replayed`).catch(() => []);
    const file = project.write("replay", sql);
    const killed = run(file, "--config", "kafkajs.yaml");
    await until(
      async () => (await replayed()).length > 0,
      "the first rows",
      60_000,
      () => killed.stderr,
      50,
    );
    killed.kill("SIGKILL");
    await killed.ended;
    const { code, stderr } = await run(file, "--config", "kafkajs.yaml", "--until-end").ended;
    expect(code, stderr).toBe(0);
    expect(persist.hasEnded, persist.stderr).toBe(false);
    expect(differences(await replayed(), expected, TABLE_COLUMNS)).toEqual([]);
  });

  it("fetches each result once for the three routes", async () => {
    persist.kill("SIGINT");
    const { code, stdout, stderr } = await persist.ended;
    expect(code, stderr).toBe(130);
    const pipeline = must((JSON.parse(stdout) as Report).pipelines[0]);
    const { length } = await topicDocuments(source, project.results);
    expect(pipeline.messages).toBe(length);
    expect(pipeline.statements.map((statement) => statement.in)).toEqual([length, length, length]);
    for (const statement of pipeline.statements) {
      expect(statement.applied + statement.filtered + statement.late + statement.deadLettered).toBe(statement.in);
      expect(statement.written + statement.superseded + statement.rejected).toBe(statement.sent);
    }
  });
}

function statementsOf(stdout: string): readonly StatementReport[] {
  return must((JSON.parse(stdout) as Report).pipelines[0]).statements;
}

/** Results written so far, by the ends of their partitions. */
async function committed(source: Source, project: ScratchProject): Promise<number> {
  const description = await source.describeTopic(project.results);
  if (description === null) return 0;
  const bounds = await Promise.all(
    Array.from({ length: description.partitions }, (_, partition) => source.bounds(project.results, partition)),
  );
  return bounds.reduce((sum, { endOffset }) => sum + endOffset, 0);
}

const documents = (connection: Connection, name: string): Promise<WindowResult[]> => documentsOf(connection, name);

async function topicDocuments(source: Source, topic: string): Promise<WindowResult[]> {
  const rows: WindowResult[] = [];
  for await (const values of valuesOf(source, topic)) for (const value of values) rows.push(JSON.parse(value) as WindowResult);
  return rows;
}

import { afterAll, beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { Report, StatementReport } from "../../../src/cli/report.ts";
import type { RawRecord } from "../../../src/ports/source.ts";
import { freshName } from "../../conformance/names.ts";
import { scratch } from "../../support/scratch.ts";
import { SluiceProcess } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";
import { KafkaConnections } from "./connection.ts";

const PARTITIONS = 4;
const RECORDS = 60_000;
const START = 1_700_000_040_000;

const readings = (from: number, to: number): RawRecord[] =>
  Array.from({ length: to - from }, (_, index) => {
    const n = from + index;
    const device = `d${(n * 7919) % 499}`;
    return {
      key: Buffer.from(device),
      value: Buffer.from(JSON.stringify({ device, v: (n * 31) % 1009 })),
      timestampMs: START + n * 20,
    };
  });

describeWith("kafka", "a pipeline over several threads and processes", ({ brokers }) => {
  const connections = new KafkaConnections(brokers, "platformatic");
  const source = connections.source();
  const topic = freshName("threads");
  const running = new Set<SluiceProcess>();
  let expected: Outcome;

  interface Outcome {
    readonly rows: readonly string[];
    readonly records: readonly unknown[];
  }

  /** A pipeline of its own on the topic that all read. */
  const newJob = async (input = topic) => {
    const results = freshName("threads.results");
    await source.createTopic(results, { partitions: PARTITIONS });
    const config = { kafka: { kind: "kafka", brokers, sessionTimeoutMs: 6_000 } };
    const cwd = scratch({
      "sluice.yaml": JSON.stringify({ connections: config, defaults: { source: "kafka", sink: "kafka" } }),
      [`queries/${results}.sql`]: `
        CREATE STREAM readings (device STRING, v INT) WITH (topic = '${input}', key = 'device');
        SET 'commit.interval' = '20ms';
        INSERT INTO \`${results}\` SELECT device, window_start AS at, COUNT(*) AS n, SUM(v) AS total FROM readings
          WINDOW TUMBLING (SIZE 20 SECONDS) GROUP BY device EMIT FINAL;`,
    });
    const run = (...args: string[]): SluiceProcess => {
      const process = new SluiceProcess(["run", "queries", "--report", "json", ...args], { cwd });
      running.add(process);
      void process.ended.finally(() => running.delete(process));
      return process;
    };
    const written = async (): Promise<number> => {
      const bounds = await Promise.all([...Array(PARTITIONS).keys()].map((partition) => source.bounds(results, partition)));
      return bounds.reduce((sum, { endOffset }) => sum + endOffset, 0);
    };
    /** Reads to the end, closes the windows, and gives what is there then. */
    const finish = async (parallelism: number): Promise<Outcome> => {
      const { code, stdout, stderr } = await run("--until-end", "--close", "--parallelism", String(parallelism)).ended;
      expect(code, stderr).toBe(0);
      return { rows: [...new Set(await textsOf(results))].sort(), records: statementsOf(stdout).map(recordsOf) };
    };
    return { name: results, run, written, finish };
  };

  const textsOf = async (name: string): Promise<string[]> => {
    const texts: string[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { endOffset } = await source.bounds(name, partition);
      const reader = source.openPartition(name, partition);
      for (let offset = 0; offset < endOffset; ) {
        const result = await reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 100, signal: new AbortController().signal });
        for (const { bytes, valueStarts, valueEnds, count } of result.batches) {
          for (let row = 0; row < count; row++) texts.push(bytes.toString("utf8", valueStarts[row], valueEnds[row]));
        }
        offset = result.nextOffset;
      }
      await reader.close();
    }
    return texts;
  };

  beforeAll(async () => {
    await source.createTopic(topic, { partitions: PARTITIONS });
    await source.append(topic, readings(0, RECORDS));
  });

  afterAll(async () => {
    for (const process of running) process.kill("SIGKILL");
    await connections.close();
  });

  it("counts every record, with one thread", async () => {
    expected = await (await newJob()).finish(1);
    expect(expected.records).toMatchObject([{ in: RECORDS, applied: RECORDS }]);
    expect(expected.rows).toHaveLength(499 * 60);
  });

  it.each([2, 4, 7])("gives with %i threads what one gives, row by row", async (threads) => {
    expect(await (await newJob()).finish(threads)).toEqual(expected);
  });

  it("goes on with another number of threads after a kill, and after Ctrl-C", async () => {
    const { run, written, finish } = await newJob();
    for (const [threads, signal, code] of [
      [2, "SIGKILL", null],
      [4, "SIGINT", 130],
      [1, "SIGKILL", null],
    ] as const) {
      const before = await written();
      const process = run("--parallelism", String(threads));
      await until(
        // Where those before it have written all of them, there are none to come.
        async () => (await written()) > before || (before >= expected.rows.length - 499 * 2 && process.stderr.includes("running")),
        "some windows",
        60_000,
        () => process.stderr,
      );
      process.kill(signal);
      expect((await process.ended).code).toBe(code);
    }
    expect(await finish(3)).toEqual(expected);
  });

  it("is shared by two processes of two threads each, that come and go", async () => {
    const input = freshName("threads.input");
    await source.createTopic(input, { partitions: PARTITIONS });
    const { run, finish } = await newJob(input);
    let given = 0;
    const give = async (): Promise<void> => {
      await source.append(input, readings(given, given + RECORDS / 6));
      given += RECORDS / 6;
    };
    const isRunning = (process: SluiceProcess) =>
      until(
        () => process.stderr.includes("running"),
        "the process to run",
        60_000,
        () => process.stderr,
      );
    await give();
    const first = run("--parallelism", "2");
    await isRunning(first);
    await give();
    const second = run("--parallelism", "2");
    await isRunning(second);
    await give();
    const third = run("--parallelism", "1");
    await isRunning(third);
    third.kill("SIGKILL");
    await give();
    first.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
    await give();
    second.kill("SIGINT");
    expect((await second.ended).code).toBe(130);
    await give();
    expect(given).toBe(RECORDS);
    expect(await finish(2)).toEqual(expected);
  });

  it.each([1, 2])("goes on with %i threads where somebody who did not know has claimed what is still its own", async (threads) => {
    const input = freshName("threads.input");
    await source.createTopic(input, { partitions: PARTITIONS });
    const { name, run, written, finish } = await newJob(input);
    const isWritten = (rows: number, process: SluiceProcess): Promise<void> =>
      until(
        async () => (await written()) >= rows,
        `${rows} rows`,
        60_000,
        () => process.stderr,
      );
    await source.append(input, readings(0, RECORDS / 2));
    const first = run("--parallelism", String(threads));
    await isWritten(expected.rows.length / 2 - 499 * 2, first);
    const log = must(await must(connections.open()).openStateLog(name, PARTITIONS));
    for (let partition = 0; partition < PARTITIONS; partition++) await log.claim(partition, "a zombie");
    await log.close();
    // The zombie comes back to the group, and learns what it has.
    const second = run();
    await until(
      () => second.stderr.includes("running"),
      "the process to run",
      60_000,
      () => second.stderr,
    );
    // Results leave before what is kept of them, which is refused where the claim is another's.
    for (const [from, to] of [
      [2 / 4, 3 / 4],
      [3 / 4, 1],
    ] as const) {
      await source.append(input, readings(RECORDS * from, RECORDS * to));
      await isWritten(expected.rows.length * to - 499 * 2, first);
    }
    for (const process of [first, second]) {
      process.kill("SIGINT");
      expect((await process.ended).code, process.stderr).toBe(130);
    }
    expect(await finish(2)).toEqual(expected);
  });

  it.each([1, 2])("waits with %i threads for its share before it is at the end of it", async (threads) => {
    const { run, written } = await newJob();
    const first = run();
    await until(
      async () => (await written()) > 0,
      "some windows",
      60_000,
      () => first.stderr,
    );
    // What it is to have is given up by the first one after it has joined.
    const { code, stdout, stderr } = await run("--until-end", "--parallelism", String(threads)).ended;
    expect(code, stderr).toBe(0);
    expect(must(statementsOf(stdout)[0]).in, stderr).toBeGreaterThan(RECORDS / PARTITIONS);
    first.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
  });
});

function statementsOf(stdout: string): readonly StatementReport[] {
  return must((JSON.parse(stdout) as Report).pipelines[0]).statements;
}

function recordsOf({ in: taken, applied, filtered, late, deadLettered }: StatementReport) {
  return { in: taken, applied, filtered, late, deadLettered };
}

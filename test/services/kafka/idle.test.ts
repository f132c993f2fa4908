import { afterAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { Report } from "../../../src/cli/report.ts";
import type { RawRecord } from "../../../src/ports/source.ts";
import { freshName } from "../../conformance/names.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import { scratch } from "../../support/scratch.ts";
import { SluiceProcess } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";
import { KafkaConnections } from "./connection.ts";

/** A reading of some time ago, at so many seconds after the minute. */
const START = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
const reading = (device: string, seconds: number): RawRecord => ({
  key: Buffer.from(device),
  value: Buffer.from(JSON.stringify({ device })),
  timestampMs: START + seconds * 1000,
});

describeWith("kafka", "a topic that falls silent", ({ brokers }) => {
  const connections = new KafkaConnections(brokers, "platformatic");
  const source = connections.source();
  const running = new Set<SluiceProcess>();
  afterAll(async () => {
    for (const process of running) process.kill("SIGKILL");
    await connections.close();
  });

  it("emits its final windows, after a kill no others, and counts what comes behind them as late", async () => {
    const [input, results] = [freshName("idle"), freshName("idle.results")];
    for (const topic of [input, results]) await source.createTopic(topic, { partitions: 1 });
    const cwd = scratch({
      "sluice.yaml": JSON.stringify({ connections: { kafka: { kind: "kafka", brokers } }, defaults: { source: "kafka", sink: "kafka" } }),
      [`queries/${results}.sql`]: `
        CREATE STREAM readings (device STRING) WITH (topic = '${input}', key = 'device');
        SET 'idle.timeout' = '2s';
        INSERT INTO \`${results}\` SELECT device, window_start AS at, COUNT(*) AS n FROM readings
          WINDOW TUMBLING (SIZE 5 SECONDS) GROUP BY device EMIT FINAL;`,
    });
    const run = (...args: string[]): SluiceProcess => {
      const process = new SluiceProcess(["run", "queries", ...args], { cwd });
      running.add(process);
      void process.ended.finally(() => running.delete(process));
      return process;
    };
    const rows = async (): Promise<unknown[]> => (await readToEnd(source, results)).map(({ value }) => JSON.parse(must(value)) as unknown);
    const row = (device: string, seconds: number, n: number) => ({ device, at: new Date(START + seconds * 1000).toISOString(), n });

    await source.append(input, [reading("a", 1), reading("b", 2), reading("a", 3)]);
    const first = run();
    const told = (): string => first.stderr;
    await until(async () => (await rows()).length === 2, "the results", 60_000, told);
    first.kill("SIGKILL");
    await first.ended;
    await source.append(input, [reading("a", 4), reading("a", 6)]);
    const { code, stdout, stderr } = await run("--until-end", "--close", "--report", "json").ended;
    expect(code, stderr).toBe(0);
    const { statements } = must((JSON.parse(stdout) as Report).pipelines[0]);
    expect(statements).toMatchObject([{ in: 5, applied: 4, late: 1 }]);
    const written = (await rows()).map((one) => JSON.stringify(one));
    expect([...new Set(written)]).toEqual([row("a", 0, 2), row("b", 0, 1), row("a", 5, 1)].map((one) => JSON.stringify(one)));
  });
});

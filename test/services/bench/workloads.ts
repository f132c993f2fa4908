import { mkdirSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { dataSet, type Joined, recordsOf } from "../../../bench/data/data-sets.ts";
import { prepareDataSet } from "../../../bench/data/prepare-data-set.ts";
import { runReader } from "../../../bench/engines/reader.ts";
import { runSluice } from "../../../bench/engines/sluice.ts";
import { openSource } from "../../../bench/kafka.ts";
import { PATHS, ROOT } from "../../../bench/paths.ts";
import { createTopics, deleteTopics } from "../../../bench/topics.ts";
import { expectedOf, verifyTopics } from "../../../bench/verify-outputs.ts";
import { outputsOf, type WorkloadName } from "../../../bench/workloads.ts";
import { must } from "../../../src/assert.ts";
import { RUNNING } from "../../bench/unbuilt-workloads.ts";
import { PACKAGE } from "../../support/package.ts";
import { describeWith } from "../needs.ts";

const MESSAGES = 20_000;
const JOINED: Readonly<Partial<Record<WorkloadName, Joined>>> = { "w7-enrich": "devices", "w7-pairs": "visits" };

/** Nothing is timed here: whether the bench runs, and whether it would notice wrong results. */
describeWith("kafka", "the bench", ({ brokers }) => {
  const address = must(brokers[0]);
  const data = dataSet("standard", MESSAGES);
  const context = { broker: { address, pid: null, isFresh: false }, messages: MESSAGES, verify: true, root: PACKAGE };

  beforeAll(async () => {
    mkdirSync(PATHS.home, { recursive: true });
    await prepareDataSet(address, "joined", MESSAGES, () => undefined);
  });

  it.each(RUNNING)("finds the outputs of %s right, to the last digit", async (workload) => {
    const closes = workload === "w6-hopping";
    const { messages, results } = await runSluice(context, { workload, dataSet: "joined", closes });
    const rows = expectedOf(workload, data, { closesAll: closes }).reduce((sum, each) => sum + each.rows, 0);
    expect(messages).toBe(recordsOf(data, JOINED[workload]));
    expect(results).toBeGreaterThanOrEqual(rows);
  });

  it("reads all of the topic", async () => {
    expect((await runReader({ ...context, root: ROOT })).messages).toBe(MESSAGES + 4);
  });

  it("notices a row that is wrong though their number is right", async () => {
    const topic = "bench_w1";
    const [expected] = expectedOf("w1", data);
    const row = { deviceId: "dev-000001", ts: "2023-11-14T22:13:20.000Z", temperature: 25.1 };
    await deleteTopics(address, (name) => name === topic);
    await createTopics(address, [topic], 1);
    const { source, close } = openSource(address);
    const value = Buffer.from(JSON.stringify(row));
    await source.append(
      topic,
      Array.from({ length: must(expected).rows }, () => ({ key: null, value, timestampMs: 0 })),
    );
    await close();
    await expect(verifyTopics(address, outputsOf("w1"), [must(expected)])).rejects.toThrow(/bench_w1 holds \d+ rows with digest/);
    await deleteTopics(address, (name) => name === topic);
  });
});

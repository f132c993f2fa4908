import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import { until } from "../../support/until.ts";
import { EmbeddedDirectory } from "./embedded-directory.ts";

const ENTRY = new URL("./appending-worker.ts", import.meta.url);

/** By which nobody wakes who is not woken. */
const STANDING: Clock = {
  ...systemClock,
  sleep: (_ms, signal) => new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true })),
};

describe("an embedded store shared by threads", () => {
  let directory: EmbeddedDirectory;
  const workers: Worker[] = [];
  beforeEach(async () => {
    directory = await EmbeddedDirectory.make();
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
    await directory.close();
  });
  const newWorker = (): Worker => {
    const worker = new Worker(ENTRY, { workerData: directory.path });
    workers.push(worker);
    return worker;
  };

  it("wakes a waiting reader when another thread appends", async () => {
    const { source } = directory.open("embedded", {}, STANDING);
    await source.createTopic("t", { partitions: 1 });
    const worker = newWorker();
    for (let offset = 0; offset < 3; offset++) {
      const fetching = source
        .openPartition("t", 0)
        .fetch({ offset, maxBytes: 1 << 20, waitMs: 15_000, signal: AbortSignal.timeout(15_000) });
      worker.postMessage(`value ${offset}`);
      expect((await fetching).nextOffset).toBe(offset + 1);
    }
  });

  it("takes the appends of all of them, and lets each end by itself", async () => {
    const { source } = directory.open();
    await source.createTopic("t", { partitions: 1 });
    const names = ["a", "b", "c", "d"];
    for (const name of names) for (let n = 0, worker = newWorker(); n < 50; n++) worker.postMessage(`${name} ${n}`);
    await until(async () => (await source.bounds("t", 0)).endOffset === 200, "all records");
    const values = (await readToEnd(source, "t")).map(({ value }) => value);
    for (const name of names) {
      expect(values.filter((value) => value?.startsWith(name))).toEqual(Array.from({ length: 50 }, (_, n) => `${name} ${n}`));
    }
    const exits = workers.map((worker) => once(worker, "exit"));
    for (const worker of workers) worker.postMessage("");
    expect(await Promise.all(exits)).toEqual(names.map(() => [0]));
  });
});

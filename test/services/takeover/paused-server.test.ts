import { expect, it } from "vitest";
import { describeWithAll } from "../needs.ts";
import { runPaused } from "./paused-run.ts";

describeWithAll(["kafka", "elasticsearch", "cassandra"], "a server that stood still while another took over", (services) => {
  const { kafka, elasticsearch, cassandra } = services;

  // At once: both wait for their group most of the time.
  it.concurrent.for([1, 2])("leaves what that has written since as it is, and takes its share again (threads: %i)", async (parallelism) => {
    const { wrong, statuses, readings, pausedMs } = await runPaused({
      brokers: kafka.brokers,
      elasticsearch: elasticsearch.node,
      cassandra: cassandra.contactPoints[0] ?? "",
      localDataCenter: cassandra.localDataCenter,
      sessionTimeoutMs: 4_000,
      parallelism,
      rate: 100,
    });
    expect(pausedMs).toBeGreaterThan(4_000);
    expect(readings).toBeGreaterThan(300);
    expect(wrong).toEqual([]);
    for (const status of statuses) expect(status).toMatchObject({ state: "running", failures: [], restarts: 0, skipped: [], late: [] });
  });
});

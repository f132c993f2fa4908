import { parentPort, workerData } from "node:worker_threads";
import type { WorkerStart } from "../../src/project/worker-threads.ts";
import { NO_DURATIONS } from "../../src/runtime/durations.ts";
import type { FromPipeline } from "../../src/runtime/protocol.ts";

/** A worker that tells of some progress, and then does what the name of its pipeline says. */
const { plan } = (workerData as WorkerStart).start;
const progress: FromPipeline = {
  kind: "progress",
  pipeline: plan.name,
  messages: 1,
  bytes: 1,
  seconds: 1,
  loopLagMs: 0,
  batches: NO_DURATIONS,
  statements: [],
};
parentPort?.postMessage(progress);
switch (plan.name) {
  case "throws":
    setImmediate(() => {
      throw new TypeError("nothing is undefined");
    });
    break;
  case "rejects":
    void Promise.reject(new TypeError("a promise nobody waited for"));
    break;
  case "fills":
    setImmediate(() => {
      const kept: unknown[] = [];
      for (;;) kept.push({ at: kept.length, text: [String(kept.length)] });
    });
    break;
  case "exits":
    setImmediate(() => process.exit(7));
    break;
  case "loops":
    setImmediate(() => {
      for (;;);
    });
    break;
}

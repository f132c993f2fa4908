import { parentPort, workerData } from "node:worker_threads";
import type { WorkerStart } from "../../src/project/worker-threads.ts";

/** A worker that tells of some progress, and then does what the name of its pipeline says. */
const { plan } = (workerData as WorkerStart).start;
parentPort?.postMessage({ kind: "progress", pipeline: plan.name, messages: 1, bytes: 1, seconds: 1, statements: [] });
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

import { parentPort, workerData } from "node:worker_threads";
import type { WorkerStart } from "../../src/project/worker-threads.ts";
import { NO_DURATIONS } from "../../src/runtime/durations.ts";
import type { FromPipeline, ToPipeline } from "../../src/runtime/protocol.ts";
import { WorkPlace } from "../../src/runtime/work-place.ts";

/** A worker that tells of some progress, and then does what the name of its pipeline says. */
const { start, place } = workerData as WorkerStart;
const { plan } = start;
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
  case "hoards": {
    const kept: Buffer[] = [];
    setInterval(() => kept.push(Buffer.alloc(8 << 20, 1)), 10);
    break;
  }
  case "exits":
    setImmediate(() => process.exit(7));
    break;
  case "rests": {
    const shown = new WorkPlace(plan, { buffer: place });
    let asked = 0;
    parentPort?.on("message", ({ kind }: ToPipeline) => {
      if (kind !== "beat") return;
      shown.beat();
      if (++asked === 8) throw new TypeError("asked eight times");
    });
    break;
  }
  case "loops":
    setImmediate(() => {
      for (;;);
    });
    break;
}

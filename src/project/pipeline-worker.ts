import { setImmediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { must } from "../assert.ts";
import { servePipeline } from "../runtime/serve-pipeline.ts";
import { WorkPlace } from "../runtime/work-place.ts";
import { environment } from "./environment.ts";
import type { WorkerStart } from "./worker-threads.ts";

/** The first module of a worker thread: serves the one pipeline, or part of one, that it was started for. */
const { start, functions, place } = workerData as WorkerStart;
if (functions.length > 0) await (await import("./function-files.ts")).loadFunctions(functions);
const { suspects = [] } = start;
const shown = new WorkPlace(start.plan, { buffer: place, suspects, nextTurn: setImmediate });
servePipeline(must(parentPort), start, { ...environment, place: shown });

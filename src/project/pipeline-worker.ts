import { enableCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { must } from "../assert.ts";
import type { WorkerStart } from "./worker-threads.ts";

/** The first module of a worker thread: serves the one pipeline, or part of one, that it was started for. */
const { start, compileCache, functions } = workerData as WorkerStart;
// Each thread asks for itself, before it loads the rest.
if (compileCache !== null) enableCompileCache(compileCache);
const [{ servePipeline }, { environment }] = await Promise.all([import("../runtime/serve-pipeline.ts"), import("./environment.ts")]);
if (functions.length > 0) await (await import("./function-files.ts")).loadFunctions(functions);
servePipeline(must(parentPort), start, environment);

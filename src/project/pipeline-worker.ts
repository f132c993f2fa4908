import { parentPort, workerData } from "node:worker_threads";
import { must } from "../assert.ts";
import type { StartMessage, StartPartMessage } from "../runtime/protocol.ts";
import { cacheCompiledModules } from "./compile-cache.ts";

// Before the pipeline's modules are loaded: they come compiled from where the last run has left them.
cacheCompiledModules();
const [{ servePipeline }, { environment }] = await Promise.all([import("../runtime/serve-pipeline.ts"), import("./environment.ts")]);

/** The first module of a worker thread: serves the one pipeline, or part of one, that it was started for. */
servePipeline(must(parentPort), workerData as StartMessage | StartPartMessage, environment);

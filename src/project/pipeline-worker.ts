import { parentPort, workerData } from "node:worker_threads";
import { must } from "../assert.ts";
import type { StartMessage, StartPartMessage } from "../runtime/protocol.ts";
import { servePipeline } from "../runtime/serve-pipeline.ts";
import { environment } from "./environment.ts";

/** The first module of a worker thread: serves the one pipeline, or part of one, that it was started for. */
servePipeline(must(parentPort), workerData as StartMessage | StartPartMessage, environment);

import { parseArgs } from "node:util";
import { must } from "../../../src/assert.ts";
import { readPipelines } from "../../../src/cli/run.ts";
import { environment } from "../../../src/project/environment.ts";
import { PipelineGroup } from "../../../src/project/pipeline-group.ts";
import { openProject } from "../../../src/project/project.ts";
import { inWorkers } from "../../../src/project/worker-threads.ts";
import { serveParent } from "../child.ts";
import type { FromEngine, ToEngine } from "./protocol.ts";

/** The engine's process: what `sluice run` does, with every message of the pipelines told to the bench. */
const { values, positionals } = parseArgs({ options: { config: { type: "string" } }, allowPositionals: true });
const project = await openProject({ config: must(values.config, "--config") });
const pipelines = must(await readPipelines(project, positionals), "pipelines without errors");
const parent = serveParent<ToEngine, FromEngine>(({ withinMs }) => group.stop(withinMs));
const group = await PipelineGroup.start({
  project,
  pipelines,
  env: environment,
  startThread: inWorkers(),
  until: "follow",
  close: false,
  onMessage: (message) => parent.send({ kind: "pipeline", message }),
});
await group.ended;
parent.send({ kind: "ended" });
process.disconnect();

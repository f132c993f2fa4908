import { PIPELINE_STATES, type PipelineStatus } from "../../fleet/pipeline-status.ts";
import type { ServerContext } from "../server-context.ts";
import { byState, eachOf, type Families } from "./families.ts";

export function pipelineMetrics(families: Families, { deployments, fleet }: ServerContext): void {
  const each = eachOf<PipelineStatus>(() =>
    deployments.list().flatMap(({ name: pipeline }) => {
      const status = fleet.status(pipeline);
      return status === null ? [] : [[{ pipeline }, status] as const];
    }),
  );
  families.gauge(
    "sluice_pipeline_state",
    "1 for the state that the pipeline is in, 0 for the others.",
    byState(
      each(({ state }) => state),
      PIPELINE_STATES,
    ),
  );
  families.counter(
    "sluice_pipeline_restarts_total",
    "Starts after a failure, since the server began.",
    each(({ restarts }) => restarts),
  );
  families.gauge(
    "sluice_pipeline_retrying",
    "Subjects that are being retried now.",
    each(({ troubles }) => Object.keys(troubles).length),
  );
  families.counter(
    "sluice_pipeline_messages_total",
    "Records fetched in this run, each once however many statements read it.",
    each(({ messages }) => messages),
  );
  families.counter(
    "sluice_pipeline_bytes_total",
    "Bytes fetched in this run.",
    each(({ bytes }) => bytes),
  );
  families.gauge(
    "sluice_pipeline_loop_lag_seconds",
    "How late the event loop of its threads came to a timer lately.",
    each(({ loopLagMs }) => loopLagMs / 1000),
  );
  families.histogram(
    "sluice_pipeline_batch_seconds",
    "Time to decode a batch of one partition and feed it to the statements, in this run.",
    each(({ batches }) => batches),
  );
}

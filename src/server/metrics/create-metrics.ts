import { collectDefaultMetrics, Registry } from "@prometheus-io/client";
import type { FastifyInstance } from "fastify";
import type { ServerContext } from "../server-context.ts";
import { Families } from "./families.ts";
import { partitionMetrics } from "./partition-metrics.ts";
import { pipelineMetrics } from "./pipeline-metrics.ts";
import { requestMetrics } from "./request-metrics.ts";
import { statementMetrics } from "./statement-metrics.ts";

/** Of the library, named against the rules of Prometheus; by type, the same numbers are in others. */
const MISNAMED = [
  "active_resources_total",
  "active_handles_total",
  "active_requests_total",
  "eventloop_utilization_summary",
  "eventloop_utilization_histogram",
];

/** The event loop's delay is sampled so often; each time wakes a server that has nothing else to do. */
const LOOP_SAMPLE_MS = 250;

/** What is not told is not to be measured either: the library would do so ten times a second. The longest time that a timer takes. */
const NEVER_MS = 2 ** 31 - 1;

/** All metrics of a server: of its process, its pipelines by what they tell, and the requests of all routes that are added later. */
export function createMetrics(context: ServerContext, server: FastifyInstance, version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({
    register: registry,
    prefix: "sluice_",
    eventLoopMonitoringPrecision: LOOP_SAMPLE_MS,
    eventLoopUtilizationTimeout: NEVER_MS,
  });
  for (const name of MISNAMED) registry.removeSingleMetric(`sluice_nodejs_${name}`);
  const families = new Families(registry);
  families.gauge("sluice_build_info", "1, with the version of the server.", () => [[{ version }, 1]]);
  pipelineMetrics(families, context);
  statementMetrics(families, context);
  partitionMetrics(families, context);
  requestMetrics(families, server);
  return registry;
}

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../../src/assert.ts";
import type { Report } from "../../src/cli/report.ts";
import { type DataSetName, dataSet, topicOf } from "../data/data-sets.ts";
import { PARTITIONS } from "../data/readings.ts";
import { type Command, measure } from "../measure.ts";
import { PATHS } from "../paths.ts";
import type { Figures, RunContext } from "../run.ts";
import { createTopics, deleteTopics } from "../topics.ts";
import { expectedOf, verifyOutputs } from "../verify-outputs.ts";
import { catalogText, outputsOf, type WorkloadName, workloadText } from "../workloads.ts";

export interface SluiceRun {
  readonly workload: WorkloadName;
  readonly dataSet?: DataSetName;
  readonly client?: "platformatic" | "kafkajs";
  readonly parallelism?: number;
}

/** Runs a workload as a user would, from the beginning of its topic to the end, with a pipeline of its own. */
export async function runSluice(context: RunContext, options: SluiceRun): Promise<Figures> {
  const { broker, verify } = context;
  const { workload } = options;
  const data = dataSet(options.dataSet ?? "standard", context.messages);
  const expected = expectedOf(workload, data);
  const outputs = outputsOf(workload);
  const isOurs = (name: string): boolean => outputs.some(({ topic }) => topic === name) || /^sluice\.bench-/.test(name);
  await deleteTopics(broker.address, isOurs);
  // The targets of the peers are made before the clock starts, too.
  const targets = outputs.map(({ topic }) => topic);
  await createTopics(broker.address, targets, PARTITIONS);
  const project = writeProject(context, topicOf(data), options);
  try {
    const measured = await measure(project.command, broker);
    const [pipeline] = (JSON.parse(measured.stdout) as Report).pipelines;
    const { messages, seconds, statements } = must(pipeline);
    for (const [index, { rows }] of expected.entries()) {
      const written = statements[index]?.written ?? 0;
      // In update mode a row is written as often as it has changed by a commit.
      const isRight = outputs[index]?.isUpdated ? written >= rows : written === rows;
      if (!isRight) throw new Error(`${statements[index]?.name}: ${written} rows written, not ${rows}`);
    }
    if (verify) await verifyOutputs(broker.address, workload, data);
    const { stdout: _, ...usage } = measured;
    const workCpuSeconds = usage.cpuSeconds === null || usage.startCpuSeconds === null ? null : usage.cpuSeconds - usage.startCpuSeconds;
    const results = statements.reduce((sum, { written }) => sum + written, 0);
    return { ...usage, messages, seconds, secondHalfRate: null, workCpuSeconds, results };
  } finally {
    rmSync(project.file, { force: true });
    await deleteTopics(broker.address, isOurs);
  }
}

interface Project {
  readonly file: string;
  readonly command: Command;
}

/** The workload as a project of its own; the pipeline has a new name every time, so that it begins anew. */
function writeProject({ broker, root }: RunContext, topic: string, { workload, client = "platformatic", parallelism }: SluiceRun): Project {
  const folder = join(PATHS.projects, `${topic}-${client}`);
  const config = join(folder, "sluice.yaml");
  const file = join(folder, "queries", `bench-${workload}-${Date.now().toString(36)}.sql`);
  mkdirSync(join(folder, "queries"), { recursive: true });
  writeFileSync(config, configText(broker.address, client));
  writeFileSync(join(folder, "queries", "catalog.sql"), catalogText(topic));
  writeFileSync(file, workloadText(workload));
  const args = [join(root, "bin/sluice.js"), "run", file, "--config", config, "--data", PATHS.scratch, "--until-end", "--report", "json"];
  if (parallelism !== undefined) args.push("--parallelism", String(parallelism));
  return { file, command: { program: process.execPath, args, workBegins: /: running$/m } };
}

export function configText(broker: string, client: string): string {
  return [
    "connections:",
    "  kafka:",
    "    kind: kafka",
    `    brokers: ${broker}`,
    `    client: ${client}`,
    "defaults:",
    "  source: kafka",
    "  sink: kafka",
    "",
  ].join("\n");
}

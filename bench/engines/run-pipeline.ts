import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../../src/assert.ts";
import type { PipelineReport, Report } from "../../src/cli/report.ts";
import { type Command, measure, type Usage } from "../measure.ts";
import { PATHS } from "../paths.ts";
import type { Figures, RunContext } from "../run.ts";
import { deleteTopics } from "../topics.ts";

/** A pipeline of its own, in a project of its own. */
export interface PipelineProject {
  /** What the pipeline is about; it gets a new name every time, so that it begins anew. */
  readonly name: string;
  /** Of the project: those with the same one never run at the same time. */
  readonly folder: string;
  readonly catalog: string;
  readonly text: string;
  readonly client?: "platformatic" | "kafkajs";
  readonly parallelism?: number;
  /** Open windows are closed at the end. */
  readonly close?: boolean;
}

export interface PipelineResult {
  readonly figures: Omit<Figures, "results">;
  readonly statements: PipelineReport["statements"];
}

/** Runs it as a user would, from the beginning of its topics to their ends. */
export async function runPipeline(context: RunContext, project: PipelineProject): Promise<PipelineResult> {
  const { file, command } = writeProject(context, project);
  try {
    const { stdout, ...usage } = await measure(command, context.broker);
    const [pipeline] = (JSON.parse(stdout) as Report).pipelines;
    const { messages, seconds, statements } = must(pipeline);
    const figures = { ...usage, messages, seconds, secondHalfRate: null, workCpuSeconds: workCpuSeconds(usage) };
    return { figures, statements };
  } finally {
    rmSync(file, { force: true });
  }
}

/** What pipelines of this bench keep. */
export const deleteState = (broker: string): Promise<void> => deleteTopics(broker, (name) => /^sluice\.bench-/.test(name));

function workCpuSeconds({ cpuSeconds, startCpuSeconds }: Usage): number | null {
  return cpuSeconds === null || startCpuSeconds === null ? null : cpuSeconds - startCpuSeconds;
}

type Counted = PipelineResult["figures"];

/** Of runs one after the other. */
export function sumOf(runs: readonly Counted[]): Counted {
  const first = must(runs[0]);
  const sum = (figure: (run: Counted) => number): number => runs.reduce((total, run) => total + figure(run), 0);
  const known = (figure: (run: Counted) => number | null): number | null =>
    runs.every((run) => figure(run) !== null) ? sum((run) => figure(run) ?? 0) : null;
  return {
    ...first,
    messages: sum(({ messages }) => messages),
    seconds: sum(({ seconds }) => seconds),
    processSeconds: sum(({ processSeconds }) => processSeconds),
    cpuSeconds: known((run) => run.cpuSeconds),
    startCpuSeconds: known((run) => run.startCpuSeconds),
    workCpuSeconds: known((run) => run.workCpuSeconds),
    peakRssMb: runs.some((run) => run.peakRssMb === null) ? null : Math.max(...runs.map((run) => run.peakRssMb ?? 0)),
    brokerCpuSeconds: known((run) => run.brokerCpuSeconds),
    bytesIn: known((run) => run.bytesIn),
  };
}

interface WrittenProject {
  readonly file: string;
  readonly command: Command;
}

function writeProject({ broker, root }: RunContext, project: PipelineProject): WrittenProject {
  const { client = "platformatic", parallelism } = project;
  const folder = join(PATHS.projects, `${project.folder}-${client}`);
  const config = join(folder, "sluice.yaml");
  const file = join(folder, "queries", `bench-${project.name}-${Date.now().toString(36)}.sql`);
  mkdirSync(join(folder, "queries"), { recursive: true });
  writeFileSync(config, configText(broker.address, client));
  writeFileSync(join(folder, "queries", "catalog.sql"), project.catalog);
  writeFileSync(file, project.text);
  const args = [join(root, "bin/sluice.js"), "run", file, "--config", config, "--data", PATHS.scratch, "--until-end", "--report", "json"];
  if (project.close) args.push("--close");
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

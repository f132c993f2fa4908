import { must } from "../../assert.ts";
import type { BoundPipeline } from "../../model/statement.ts";
import type { PipelinePlan } from "../../plan/pipeline-plan.ts";
import { planPipeline } from "../../plan/plan-pipeline.ts";
import type { Connection } from "../../ports/connection.ts";
import type { RawRecord } from "../../ports/source.ts";
import { inThisThread } from "../../runtime/pipeline-thread.ts";
import type { ErrorReport, StartMessage, StatementProgress } from "../../runtime/protocol.ts";
import { openNamed } from "../open-named.ts";
import { PipelineGroup } from "../pipeline-group.ts";
import type { Project } from "../project.ts";
import { TrialClock } from "./trial-clock.ts";
import { trialEnvironment, trialProject } from "./trial-project.ts";

/** What a run of the pipeline came to. */
export interface TrialRun {
  /** What stopped statements, or the pipeline. */
  readonly errors: readonly ErrorReport[];
  readonly statements: readonly StatementProgress[];
}

const NO_PROGRESS_MS = 1e9;

/** A pipeline on embedded parts in memory: the real compiler and runtime, with nothing outside of it. */
export class Trial {
  readonly clock = new TrialClock();
  readonly plan: PipelinePlan;
  private readonly pipeline: BoundPipeline;
  private readonly project: Project;
  private readonly environment = trialEnvironment(this.clock);
  private readonly connections = new Map<string, Promise<Connection>>();

  constructor(project: Project, pipeline: BoundPipeline) {
    this.project = trialProject(project);
    this.pipeline = pipeline;
    this.plan = planPipeline(pipeline, { keepState: true });
  }

  /** Makes the topics that are read, and those that are declared. Behind it the store lives until `close`. */
  async open(): Promise<void> {
    for (const { connection, topic, partitions } of this.plan.sources) await this.makeTopic(connection, topic, partitions ?? 1);
  }

  connection(name: string): Promise<Connection> {
    const known = this.connections.get(name);
    if (known !== undefined) return known;
    const opened = openNamed(this.project, this.environment, name, () => {});
    this.connections.set(name, opened);
    return opened;
  }

  async append(connection: string, topic: string, records: readonly RawRecord[]): Promise<void> {
    const partitions = Math.max(0, ...records.map(({ partition }) => partition ?? 0)) + 1;
    await this.makeTopic(connection, topic, partitions);
    const { source } = await this.connection(connection);
    await must(source).append(topic, records);
    for (const { timestampMs } of records) this.clock.reach(timestampMs);
  }

  /** Reads what is there to its end, from where the run before it came to. */
  async run(close: StartMessage["close"]): Promise<TrialRun> {
    const errors: ErrorReport[] = [];
    const { project, pipeline, environment } = this;
    const isLatest = pipeline.statements.some(({ settings }) => settings.start === "latest");
    const group = await PipelineGroup.start({
      project,
      pipelines: [{ ...pipeline, parallelism: 1 }],
      env: environment,
      startThread: inThisThread(environment),
      until: "ends",
      close,
      // What a test gives came before the first run, and is meant to be read.
      start: isLatest ? "earliest" : null,
      progressIntervalMs: NO_PROGRESS_MS,
      onMessage: (message) => {
        if (message.kind === "statement-failed" || message.kind === "failed") errors.push(message.error);
      },
    });
    const [last] = await group.ended;
    return { errors, statements: last?.kind === "done" ? last.statements : [] };
  }

  async close(): Promise<void> {
    await Promise.all([...this.connections.values()].map(async (connection) => (await connection).close()));
  }

  private async makeTopic(connection: string, topic: string, partitions: number): Promise<void> {
    const { source } = await this.connection(connection);
    await must(source).createTopic(topic, { partitions });
  }
}

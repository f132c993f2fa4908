import { must } from "../../assert.ts";
import type { BoundLookup, BoundPipeline } from "../../model/statement.ts";
import type { PipelinePlan, SourcePlan } from "../../plan/pipeline-plan.ts";
import { planPipeline } from "../../plan/plan-pipeline.ts";
import type { Connection } from "../../ports/connection.ts";
import type { RawRecord } from "../../ports/source.ts";
import { inThisThread } from "../../runtime/pipeline-thread.ts";
import type { ErrorReport, StartMessage, StatementProgress } from "../../runtime/protocol.ts";
import { openNamed } from "../open-named.ts";
import { PipelineGroup } from "../pipeline-group.ts";
import type { Project } from "../project.ts";
import { type GivenRow, writeRows } from "./given-rows.ts";
import { TrialClock } from "./trial-clock.ts";
import { trialEnvironment, trialProject } from "./trial-project.ts";

/** What a run came to. */
export interface TrialRun {
  /** What stopped statements, or pipelines as a whole. */
  readonly errors: readonly ErrorReport[];
  readonly statements: readonly StatementProgress[];
}

const NO_PROGRESS_MS = 1e9;

/** Pipelines on embedded parts in memory: the real compiler and runtime, with nothing outside of it. */
export class Trial {
  readonly clock = new TrialClock();
  /** With connections that are all embedded, and kept apart from those of other trials. */
  readonly project: Project;
  readonly environment = trialEnvironment(this.clock);
  private pipelines: readonly BoundPipeline[] = [];
  /** How often rows were put: their versions. */
  private puts = 0;
  private readonly connections = new Map<string, Promise<Connection>>();
  /** By statement with EMIT EVERY: when its results left last, or would have left first. */
  private readonly sentMs = new Map<string, number>();

  constructor(project: Project) {
    this.project = trialProject(project);
  }

  /** A pipeline that `run` runs, in the place of one of that name. Makes the topics that it reads, where they declare no number of
   * partitions with so many. */
  async add(pipeline: BoundPipeline, partitionsOf: (source: SourcePlan) => number = () => 1): Promise<PipelinePlan> {
    const plan = planPipeline(pipeline, { keepState: true });
    this.pipelines = [...this.pipelines.filter(({ name }) => name !== pipeline.name), { ...pipeline, parallelism: 1 }];
    for (const source of plan.sources) await this.makeTopic(source.connection, source.topic, source.partitions ?? partitionsOf(source));
    return plan;
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
  }

  /** Rows of an index or table in which others are looked up. */
  async putRows({ connection, name }: Pick<BoundLookup, "connection" | "name">, rows: readonly GivenRow[]): Promise<void> {
    await writeRows(await this.connection(connection), name, rows, ++this.puts);
  }

  /**
   * Reads what is there to its end, from where the run before it came to. `holdsBack`: the statements with EMIT EVERY whose results
   * are not due yet; where all is closed they leave.
   */
  async run(close: StartMessage["close"], holdsBack = close === true ? [] : this.withheld()): Promise<TrialRun> {
    const errors: ErrorReport[] = [];
    const { project, pipelines, environment } = this;
    const isLatest = pipelines.some(({ statements }) => statements.some(({ settings }) => settings.start === "latest"));
    const group = await PipelineGroup.start({
      project,
      pipelines,
      env: environment,
      startThread: inThisThread(environment),
      until: "ends",
      close,
      holdsBack,
      // What a test gives came before the first run, and is meant to be read.
      start: isLatest ? "earliest" : null,
      progressIntervalMs: NO_PROGRESS_MS,
      onMessage: (message) => {
        if (message.kind === "statement-failed" || message.kind === "failed") errors.push(message.error);
      },
    });
    const ended = await group.ended;
    return { errors, statements: ended.flatMap((last) => (last.kind === "done" ? last.statements : [])) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.connections.values()].map(async (connection) => (await connection).close()));
  }

  /** The statements whose results are not due yet by the clock of the trial. */
  private withheld(): string[] {
    const nowMs = this.clock.now();
    return this.pipelines
      .flatMap(({ statements }) => statements)
      .flatMap(({ name, emitEveryMs }) => {
        if (emitEveryMs === null) return [];
        const lastMs = this.sentMs.get(name);
        if (lastMs !== undefined && nowMs >= lastMs + emitEveryMs) {
          this.sentMs.set(name, nowMs);
          return [];
        }
        this.sentMs.set(name, lastMs ?? nowMs);
        return [name];
      });
  }

  private async makeTopic(connection: string, topic: string, partitions: number): Promise<void> {
    const { source } = await this.connection(connection);
    await must(source).createTopic(topic, { partitions });
  }
}

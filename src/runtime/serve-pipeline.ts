import { must } from "../assert.ts";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { MEMORY_CONNECTION } from "../plan/repartition.ts";
import type { Connection, ConnectionConfig } from "../ports/connection.ts";
import type { Random } from "../ports/random.ts";
import { asSluiceError, reportOf } from "./as-error.ts";
import type { Environment } from "./environment.ts";
import { GivenShare } from "./owners/given-share.ts";
import { EveryPartition, GroupShare, type PartitionShare } from "./owners/partition-share.ts";
import { Pipeline } from "./pipeline.ts";
import type { OwnedSource } from "./pipeline-sources.ts";
import type { FromPart, FromPipeline, StartMessage, StartPartMessage, ToPipeline } from "./protocol.ts";
import { RowsSink } from "./routes/rows-sink.ts";

/** Samples of skipped records told to the other side in a second. */
const SKIPPED_PER_SECOND = 5;

/** Between two samples of a statement's late records. */
const LATE_INTERVAL_MS = 10_000;

/** What is needed of a MessagePort. */
export interface PipelinePort {
  on(event: "message", listener: (message: ToPipeline) => void): unknown;
  postMessage(message: FromPipeline | FromPart): void;
  close(): void;
}

/** Runs a pipeline, or one thread's part of it, and tells over the port how it goes. Closes the port when it is over. */
export function servePipeline(port: PipelinePort, start: StartMessage | StartPartMessage, env: Environment): void {
  const session = new Session(port, env, start);
  port.on("message", (message: ToPipeline) => session.take(message));
}

class Session {
  private readonly port: PipelinePort;
  private readonly env: Environment;
  private readonly start: StartMessage | StartPartMessage;
  private readonly pipeline: Pipeline;
  private readonly given: GivenShare;
  private readonly connections = new Map<string, Promise<Connection>>();
  private readonly taken = new Map<number, () => void>();
  private readonly reporting = new AbortController();
  private rowBatches = 0;
  private readonly lateTold = new Map<string, number>();
  private skippedInSecond = 0;
  private second = 0;
  private stopWithinMs: number = LIMITS.silentTargetsMsMax;

  constructor(port: PipelinePort, env: Environment, start: StartMessage | StartPartMessage) {
    this.port = port;
    this.env = env;
    this.start = start;
    this.given = new GivenShare((message) => this.tell(message));
    this.pipeline = this.newPipeline();
    void this.run();
  }

  take(message: ToPipeline): void {
    const fail = (error: unknown): void => this.pipeline.fail(asSluiceError(error));
    switch (message.kind) {
      case "finish":
        this.pipeline.finish(message.ends).catch(fail);
        break;
      case "partitions":
        this.given.take(message).catch(fail);
        break;
      case "held":
        this.given.heldUntilMs = message.untilMs;
        break;
      case "end":
        this.given.end();
        break;
      case "stop":
        this.stopWithinMs = message.withinMs;
        this.pipeline.requestStop();
        break;
      case "rows-taken":
        this.taken.get(message.batch)?.();
        this.taken.delete(message.batch);
        break;
      case "beat":
        this.env.place?.beat();
        break;
    }
  }

  private async run(): Promise<void> {
    const { name } = this.start.plan;
    const reporting = this.report();
    let last: FromPipeline;
    try {
      await this.pipeline.run();
      await this.pipeline.stop(this.stopWithinMs);
      const { unwritten } = this.pipeline;
      last =
        unwritten.length === 0
          ? { kind: "done", pipeline: name, ...this.pipeline.progress() }
          : { kind: "failed", pipeline: name, error: reportOf(notWritten(unwritten, this.stopWithinMs)) };
    } catch (error) {
      await this.pipeline.stop(0).catch(() => {});
      last = { kind: "failed", pipeline: name, error: reportOf(asSluiceError(error)) };
    }
    this.reporting.abort();
    await reporting;
    await Promise.allSettled([...this.connections.values()].map(async (connection) => (await connection).close()));
    this.tell(last);
    this.port.close();
  }

  private async report(): Promise<void> {
    const { signal } = this.reporting;
    const { progressIntervalMs, plan } = this.start;
    while (!signal.aborted) {
      const loopLagMs = await this.pipeline.pause(progressIntervalMs, signal);
      if (signal.aborted) return;
      this.pipeline.look();
      this.tell({ kind: "progress", pipeline: plan.name, ...this.pipeline.progress(), loopLagMs });
    }
  }

  private tell(message: FromPipeline | FromPart): void {
    this.port.postMessage(message);
  }

  private newPipeline(): Pipeline {
    const pipeline = this.start.plan.name;
    return new Pipeline({
      start: this.start,
      env: this.env,
      connection: (name) => this.connection(name),
      shareOf: (sources) => this.shareOf(sources),
      rowsSink: (plan) =>
        new RowsSink({
          limit: plan.statement.limit,
          give: (documents) => this.giveRows(documents),
          onLimit: () => this.pipeline.requestStop(),
        }),
      events: {
        trouble: (subject, message) => this.tell({ kind: "trouble", pipeline, subject, message }),
        unavailable: (subject, message) => this.tell({ kind: "trouble", pipeline, subject, message, isTarget: true }),
        recovered: (subject) => this.tell({ kind: "recovered", pipeline, subject }),
        notice: (statement, message) => this.tell({ kind: "notice", pipeline, statement, message }),
        skipped: (_statement, error) => {
          if (this.mayTellSkipped()) this.tell({ kind: "skipped", pipeline, error: reportOf(error) });
        },
        late: (statement, error) => {
          if (this.mayTellLate(statement)) this.tell({ kind: "late", pipeline, error: reportOf(error) });
        },
        statementFailed: (_statement, error) => this.tell({ kind: "statement-failed", pipeline, error: reportOf(error) }),
        waiting: (topics) => this.tell({ kind: "waiting", pipeline, topics }),
        running: () => this.tell({ kind: "running", pipeline }),
      },
    });
  }

  private shareOf(sources: readonly OwnedSource[]): PartitionShare {
    const { kind, plan } = this.start;
    if (plan.stateConnection === null) return new EveryPartition(sources);
    return kind === "start" ? new GroupShare(plan.name, sources) : this.given;
  }

  private connection(name: string): Promise<Connection> {
    const open = this.connections.get(name);
    if (open !== undefined) return open;
    const own = name === MEMORY_CONNECTION ? inMemory(this.env.random) : undefined;
    const config = must(own ?? this.start.connections.find((candidate) => candidate.name === name), `connection ${name}`);
    const connection = this.env.openConnection(config, this.start.dataDirectory, (subject, message) =>
      this.tell({ kind: "trouble", pipeline: this.start.plan.name, subject, message }),
    );
    this.connections.set(name, connection);
    return connection;
  }

  private giveRows(documents: readonly string[]): Promise<void> {
    const batch = this.rowBatches++;
    return new Promise((resolve) => {
      this.taken.set(batch, resolve);
      this.tell({ kind: "rows", batch, documents });
    });
  }

  private mayTellLate(statement: string): boolean {
    const nowMs = this.env.clock.monotonic();
    if (nowMs < (this.lateTold.get(statement) ?? Number.NEGATIVE_INFINITY) + LATE_INTERVAL_MS) return false;
    this.lateTold.set(statement, nowMs);
    return true;
  }

  private mayTellSkipped(): boolean {
    const second = Math.floor(this.env.clock.monotonic() / 1000);
    if (second !== this.second) this.skippedInSecond = 0;
    this.second = second;
    return ++this.skippedInSecond <= SKIPPED_PER_SECOND;
  }
}

/** What a query keeps only while it runs. */
function inMemory(random: Random): ConnectionConfig {
  return { name: MEMORY_CONNECTION, kind: "embedded", as: "embedded", settings: { file: `:memory:partials-${random.next()}` } };
}

/** All was read, but the targets have not taken all that came of it. */
function notWritten(statements: readonly string[], patienceMs: number): SluiceError {
  const message = `all was read, but not all of ${statements.join(", ")} is written: their targets took nothing for ${patienceMs / 1000} s`;
  return new SluiceError("CHANGE_UNAVAILABLE", message, { hint: "nothing is lost: the next run goes on from the last checkpoint" });
}

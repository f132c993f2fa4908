import type { MessagePort } from "node:worker_threads";
import { must } from "../assert.ts";
import type { Connection } from "../ports/connection.ts";
import { asSluiceError, reportOf } from "./as-error.ts";
import type { Environment } from "./environment.ts";
import { Pipeline } from "./pipeline.ts";
import type { FromPipeline, StartMessage, ToPipeline } from "./protocol.ts";
import { RowsSink } from "./rows-sink.ts";

/** Samples of skipped records told to the other side in a second. */
const SKIPPED_PER_SECOND = 5;

/**
 * The pipeline's side of the port: runs what a `start` message says and tells how it goes. Everything between the two
 * sides is a message, so this may run in the caller's thread or in a worker.
 */
export function servePipeline(port: MessagePort, env: Environment): void {
  let session: Session | null = null;
  port.on("message", (message: ToPipeline) => {
    if (message.kind === "start") session ??= new Session(port, env, message);
    else session?.take(message);
  });
}

class Session {
  private readonly port: MessagePort;
  private readonly env: Environment;
  private readonly start: StartMessage;
  private readonly pipeline: Pipeline;
  private readonly connections = new Map<string, Connection>();
  private readonly taken = new Map<number, () => void>();
  private readonly reporting = new AbortController();
  private rowBatches = 0;
  private skippedInSecond = 0;
  private second = 0;
  private stopWithinMs = 60_000;

  constructor(port: MessagePort, env: Environment, start: StartMessage) {
    this.port = port;
    this.env = env;
    this.start = start;
    this.pipeline = this.newPipeline();
    void this.run();
  }

  take(message: Exclude<ToPipeline, StartMessage>): void {
    switch (message.kind) {
      case "finish":
        this.pipeline.finish().catch((error: unknown) => this.pipeline.fail(asSluiceError(error)));
        break;
      case "stop":
        this.stopWithinMs = message.withinMs;
        this.pipeline.requestStop();
        break;
      case "rows-taken":
        this.taken.get(message.batch)?.();
        this.taken.delete(message.batch);
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
      last = { kind: "done", pipeline: name, ...this.pipeline.progress() };
    } catch (error) {
      await this.pipeline.stop(0).catch(() => {});
      last = { kind: "failed", pipeline: name, error: reportOf(asSluiceError(error)) };
    }
    this.reporting.abort();
    await reporting;
    await Promise.all([...this.connections.values()].map((connection) => connection.close().catch(() => {})));
    this.tell(last);
    this.port.close();
  }

  private async report(): Promise<void> {
    const { signal } = this.reporting;
    while (!signal.aborted) {
      await this.env.clock.sleep(this.start.progressIntervalMs, signal);
      if (!signal.aborted) this.tell({ kind: "progress", pipeline: this.start.plan.name, ...this.pipeline.progress() });
    }
  }

  private tell(message: FromPipeline): void {
    this.port.postMessage(message);
  }

  private newPipeline(): Pipeline {
    const pipeline = this.start.plan.name;
    return new Pipeline({
      start: this.start,
      env: this.env,
      connection: (name) => this.connection(name),
      rowsSink: (plan) =>
        new RowsSink({
          limit: plan.statement.limit,
          give: (documents) => this.giveRows(documents),
          onLimit: () => this.pipeline.requestStop(),
        }),
      events: {
        trouble: (subject, message) => this.tell({ kind: "trouble", pipeline, subject, message }),
        skipped: (_statement, error) => {
          if (this.mayTellSkipped()) this.tell({ kind: "skipped", pipeline, error: reportOf(error) });
        },
        statementFailed: (_statement, error) => this.tell({ kind: "statement-failed", pipeline, error: reportOf(error) }),
        waiting: (topics) => this.tell({ kind: "waiting", pipeline, topics }),
        running: () => this.tell({ kind: "running", pipeline }),
      },
    });
  }

  private connection(name: string): Connection {
    const open = this.connections.get(name);
    if (open !== undefined) return open;
    const config = must(
      this.start.connections.find((candidate) => candidate.name === name),
      `connection ${name}`,
    );
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

  private mayTellSkipped(): boolean {
    const second = Math.floor(this.env.clock.monotonic() / 1000);
    if (second !== this.second) this.skippedInSecond = 0;
    this.second = second;
    return ++this.skippedInSecond <= SKIPPED_PER_SECOND;
  }
}

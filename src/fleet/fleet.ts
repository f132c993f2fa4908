import type { Project } from "../project/project.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import type { Environment } from "../runtime/environment.ts";
import type { StartThread } from "../runtime/pipeline-thread.ts";
import type { FromPipeline } from "../runtime/protocol.ts";
import type { Deployment } from "./deployment.ts";
import type { Changed, Deployments } from "./deployments.ts";
import { DroppedState } from "./dropped-state.ts";
import { EventLog } from "./event-log.ts";
import { ManagedPipeline } from "./managed-pipeline.ts";
import type { PipelineStatus } from "./pipeline-status.ts";

export interface FleetOptions {
  readonly project: Project;
  readonly env: Environment;
  readonly startThread: StartThread;
}

/** How long a pipeline may take to write what is under way before it is replaced. */
const DRAIN_MS = 30_000;

/** All pipelines of a server, kept as the catalog wants them. */
export class Fleet {
  readonly events: EventLog;
  private readonly options: FleetOptions;
  private readonly pipelines = new Map<string, ManagedPipeline>();
  private readonly droppedState: DroppedState;
  /** Dropped pipelines that still write what was under way, or whose state is being removed; one of the same name begins after that. */
  private readonly closing = new Map<string, Promise<void>>();
  private readonly unsubscribe: () => void;
  private readonly statusListeners = new Set<(pipeline: string) => void>();
  private readonly over = new AbortController();

  constructor(deployments: Deployments, options: FleetOptions) {
    const { clock } = options.env;
    this.options = options;
    this.events = new EventLog(() => new Date(clock.now()).toISOString(), clock.now());
    this.droppedState = new DroppedState(deployments, {
      ...options,
      onTrouble: (pipeline, subject, message) => this.events.add({ kind: "trouble", pipeline, subject, message }),
    });
    for (const deployment of deployments.list()) this.add(deployment);
    for (const { name } of deployments.dropped.unfinished())
      if (deployments.get(name) === null) this.end(name, this.droppedState.remove(name, "orphaned"));
    this.unsubscribe = deployments.onChange((changed) => {
      for (const change of changed) this.take(change);
    });
  }

  /** null: there is no such pipeline. */
  status(name: string): PipelineStatus | null {
    return this.pipelines.get(name)?.status ?? null;
  }

  /** Calls the listener whenever a pipeline may stand otherwise than before, or is not there any more. Gives a function that ends it. */
  onStatus(listener: (pipeline: string) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  /**
   * Resolves once the pipeline has begun, with its targets open, or is seen not to (it waits for a topic, failed, is paused),
   * or when the time is over.
   */
  async settled(name: string, withinMs: number): Promise<void> {
    const { clock } = this.options.env;
    const end = clock.monotonic() + withinMs;
    while (this.status(name)?.state === "starting" && clock.monotonic() < end) {
      await this.events.changed(clock, end - clock.monotonic(), this.over.signal);
      if (this.over.signal.aborted) return;
    }
  }

  /** Drains all of them; what was dropped before is waited for too. */
  async close(withinMs: number): Promise<void> {
    this.over.abort();
    this.unsubscribe();
    this.droppedState.close();
    await Promise.all([...[...this.pipelines.values()].map((pipeline) => pipeline.close(withinMs)), ...this.closing.values()]);
  }

  private take({ before, after }: Changed): void {
    const { name, generation, changedBy: by } = (after ?? before) as Deployment;
    const kind = after === null ? "dropped" : before === null ? "deployed" : "changed";
    this.events.add({ kind, pipeline: name, by, generation });
    if (after === null) this.remove(name);
    else if (this.pipelines.has(name)) this.pipelines.get(name)?.want(after, DRAIN_MS);
    else this.add(after);
    this.tellStatus(name);
  }

  private tellStatus(name: string): void {
    for (const listener of this.statusListeners) listener(name);
  }

  private add(deployment: Deployment): void {
    const { name } = deployment;
    const pipeline = new ManagedPipeline(deployment, {
      ...this.options,
      after: (this.closing.get(name) ?? Promise.resolve()).then(() => this.droppedState.untilRemoved(name)),
      onMessage: (message) => this.tell(name, message),
      onStatus: () => this.tellStatus(name),
      onState: ({ state }) => this.events.add({ kind: "state", pipeline: name, state }),
    });
    this.pipelines.set(name, pipeline);
  }

  private remove(name: string): void {
    const pipeline = this.pipelines.get(name);
    if (pipeline === undefined) return;
    this.pipelines.delete(name);
    this.end(
      name,
      pipeline.close(DRAIN_MS).then(() => this.droppedState.remove(name)),
    );
  }

  private end(name: string, ending: Promise<void>): void {
    const ended = ending
      .catch((error: unknown) => {
        this.events.add({ kind: "trouble", pipeline: name, subject: "catalog", message: asSluiceError(error).message });
      })
      .finally(() => {
        if (this.closing.get(name) === ended) this.closing.delete(name);
      });
    this.closing.set(name, ended);
  }

  private tell(pipeline: string, message: FromPipeline): void {
    switch (message.kind) {
      case "statement-failed":
      case "failed":
      case "skipped":
      case "late":
        this.events.add({ kind: message.kind, pipeline, error: message.error });
        break;
      case "trouble":
        this.events.add({ kind: "trouble", pipeline, subject: message.subject, message: message.message });
        break;
      case "notice":
        this.events.add({ kind: "notice", pipeline, statement: message.statement, message: message.message });
        break;
      case "progress":
      case "done":
      case "running":
      case "waiting":
      case "rows":
        break;
    }
  }
}

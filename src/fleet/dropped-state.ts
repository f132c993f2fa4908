import type { PipelinePlan } from "../plan/pipeline-plan.ts";
import { planPipeline } from "../plan/plan-pipeline.ts";
import { isInternalTopic } from "../plan/repartition.ts";
import type { Connection } from "../ports/connection.ts";
import type { RouteTarget } from "../ports/sink.ts";
import { openNamed } from "../project/open-named.ts";
import { analyzeText, type Project } from "../project/project.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import { backOff } from "../runtime/backoff.ts";
import type { Environment } from "../runtime/environment.ts";
import { groupOf } from "../runtime/owners/partition-share.ts";
import type { Deployments } from "./deployments.ts";
import type { Dropped } from "./dropped.ts";

export interface DroppedStateOptions {
  readonly project: Project;
  readonly env: Environment;
  /** It is tried again: soon, or where that cannot help, when a server starts the next time. */
  readonly onTrouble: (pipeline: string, subject: string, message: string) => void;
}

const RETRY_INTERVAL_MS = 1_000;

/** How long a pipeline waits for the server that removes what was kept under its name; one that has died never tells. */
const DELETION_MS_MAX = 60_000;

/**
 * Removes the positions and the state of dropped pipelines, and what else was made for those that are purged. Of several servers one
 * does it.
 */
export class DroppedState {
  private readonly deployments: Deployments;
  private readonly options: DroppedStateOptions;
  private readonly closing = new AbortController();

  constructor(deployments: Deployments, options: DroppedStateOptions) {
    this.deployments = deployments;
    this.options = options;
  }

  /**
   * Once nothing of the pipeline runs here any more; `orphaned`: also what a server has begun that is gone now. Resolves when it
   * is done, or left to another server or start.
   */
  async remove(name: string, orphaned: "orphaned" | null = null): Promise<void> {
    const isOrphan = orphaned !== null && this.deployments.dropped.get(name)?.state === "deleting";
    if (isOrphan || (await this.deployments.beginDeletion(name))) await this.delete(name);
  }

  /** Resolves when nobody removes anything under that name. */
  async untilRemoved(name: string): Promise<void> {
    if (this.deployments.dropped.get(name)?.state !== "deleting") return;
    const signal = AbortSignal.any([this.closing.signal, AbortSignal.timeout(DELETION_MS_MAX)]);
    await this.deployments.dropped.untilDeleted(name, signal);
    const isLeft = this.deployments.dropped.get(name)?.state === "deleting" && !this.closing.signal.aborted;
    if (isLeft) await this.deployments.endDeletion(name, "gone");
  }

  /** What is under way is left to the next start. */
  close(): void {
    this.closing.abort();
  }

  private async delete(name: string): Promise<void> {
    const { env, onTrouble } = this.options;
    const { signal } = this.closing;
    for (let attempt = 1; !signal.aborted; attempt++) {
      const dropped = this.deployments.dropped.get(name);
      if (dropped?.state !== "deleting") return;
      try {
        await this.deleteState(dropped);
        return await this.deployments.endDeletion(name, "gone");
      } catch (error) {
        const { message, retryable } = asSluiceError(error);
        onTrouble(name, "positions and state", `they could not be removed: ${message}`);
        if (!retryable) return await this.deployments.endDeletion(name, "pending");
        await backOff(attempt, RETRY_INTERVAL_MS, null, env, signal);
      }
    }
  }

  private async deleteState({ name, text, purge }: Dropped): Promise<void> {
    const plan = planOf(this.options.project, name, text);
    // Of a text that has errors by now nothing says where its state would be, nor that it ever ran.
    if (plan === null) return;
    const { stateConnection } = plan;
    if (stateConnection !== null) await this.at(name, stateConnection, async ({ keptState }) => void (await keptState?.drop(name)));
    for (const connection of new Set(plan.sources.map((source) => source.connection))) {
      await this.at(name, connection, async ({ source }) => {
        const topics = (await source?.listTopics()) ?? [];
        for (const topic of topics) if (isInternalTopic(topic, name)) await source?.deleteTopic(topic);
        if (purge === true) await source?.deleteGroup?.(groupOf(name));
      });
    }
    if (purge === true) await this.forgetTargets(name, plan);
  }

  /** Those that no other pipeline writes to. */
  private async forgetTargets(name: string, plan: PipelinePlan): Promise<void> {
    const { project } = this.options;
    const others = this.deployments.list().flatMap((other) => routesOf(planOf(project, other.name, other.text)));
    const isShared = (route: RouteTarget): boolean => others.some((other) => placeOf(other) === placeOf(route));
    const own = new Map(routesOf(plan).map((route) => [placeOf(route), route]));
    for (const route of own.values()) {
      if (!isShared(route)) await this.at(name, route.connection, async (connection) => connection.forgetTarget?.(route));
    }
  }

  private async at(pipeline: string, connection: string, work: (connection: Connection) => Promise<void>): Promise<void> {
    const { project, env, onTrouble } = this.options;
    const opened = await openNamed(project, env, connection, (subject, message) => onTrouble(pipeline, subject, message));
    try {
      await work(opened);
    } finally {
      await opened.close();
    }
  }
}

/** null: the text has errors, or runs nothing. */
function planOf(project: Project, name: string, text: string): PipelinePlan | null {
  const { pipeline } = analyzeText(project, name, text);
  return pipeline === null || pipeline.statements.length === 0 ? null : planPipeline(pipeline, { keepState: true });
}

/** All that a pipeline writes to. */
function routesOf(plan: PipelinePlan | null): readonly RouteTarget[] {
  const statements = plan?.statements ?? [];
  return statements.flatMap(({ route, deadLetterRoute, late }) =>
    [route, deadLetterRoute, late?.route ?? null].filter((target) => target !== null),
  );
}

function placeOf({ connection, kind, name }: RouteTarget): string {
  return `${connection} ${kind} ${name}`;
}

import { internalPrefix } from "../plan/repartition.ts";
import { openNamed } from "../project/open-named.ts";
import { analyzeText, type Project } from "../project/project.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import { backOff } from "../runtime/backoff.ts";
import type { Environment } from "../runtime/environment.ts";
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

/** Removes the positions and the state of dropped pipelines. Of several servers one does it. */
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

  private async deleteState({ name, text }: Dropped): Promise<void> {
    const { project, env, onTrouble } = this.options;
    const [first] = analyzeText(project, name, text).pipeline?.statements ?? [];
    // Of a text that has errors by now nothing says where its state would be, nor that it ever ran.
    if (first === undefined) return;
    const connection = await openNamed(project, env, first.source.connection, (subject, message) => onTrouble(name, subject, message));
    try {
      await connection.keptState?.drop(name);
      const topics = (await connection.source?.listTopics()) ?? [];
      for (const topic of topics) if (topic.startsWith(internalPrefix(name))) await connection.source?.deleteTopic(topic);
    } finally {
      await connection.close();
    }
  }
}

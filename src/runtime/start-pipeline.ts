import type { Environment } from "./environment.ts";
import { SpreadPipeline } from "./owners/spread-pipeline.ts";
import type { StartThread } from "./pipeline-thread.ts";
import type { FromPart, FromPipeline, LastMessage, StartMessage } from "./protocol.ts";

export interface PipelineHandle {
  /** Read to the ends that the topics have now, then end. */
  finish(): void;
  /** Drain and end; the cursors are kept. */
  stop(withinMs: number): void;
  rowsTaken(batch: number): void;
  /** Resolves with the last message: `done` or `failed`. */
  readonly ended: Promise<LastMessage>;
}

export interface StartOptions {
  /** Where pipelines run. */
  readonly startThread: StartThread;
  /** For the group membership of a pipeline that has several threads. */
  readonly env: Environment;
  readonly onMessage: (message: FromPipeline) => void;
}

/** Starts a pipeline, in one thread or with its partitions spread over several. */
export function startPipeline(start: StartMessage, options: StartOptions): PipelineHandle {
  // Ad hoc queries keep nothing that threads could hand over, and their rows come in one order.
  const isSpread = start.parallelism > 1 && start.plan.stateConnection !== null;
  return isSpread ? new SpreadPipeline(start, options) : startWhole(start, options);
}

function startWhole(start: StartMessage, { onMessage, startThread }: StartOptions): PipelineHandle {
  const { promise: ended, resolve } = Promise.withResolvers<LastMessage>();
  const thread = startThread(start, (message: FromPipeline | FromPart) => {
    if (message.kind === "settled" || message.kind === "share-state" || message.kind === "commit") return;
    onMessage(message);
    if (message.kind === "done" || message.kind === "failed") resolve(message);
  });
  return {
    finish: () => thread.tell({ kind: "finish", ends: null }),
    stop: (withinMs) => thread.tell({ kind: "stop", withinMs }),
    rowsTaken: (batch) => thread.tell({ kind: "rows-taken", batch }),
    ended,
  };
}

import { MessageChannel } from "node:worker_threads";
import type { Environment } from "./environment.ts";
import type { FromPart, FromPipeline, StartMessage, StartPartMessage, ToPipeline } from "./protocol.ts";
import { servePipeline } from "./serve-pipeline.ts";

/** What runs a pipeline, or a part of its partitions. Everything between it and its starter is a message. */
export interface PipelineThread {
  tell(message: ToPipeline): void;
}

/**
 * Starts one. The last message is `done` or `failed`, whatever happens to the thread.
 * This thread and a worker differ in how they do that, and in nothing else.
 */
export type StartThread = (start: StartMessage | StartPartMessage, onMessage: (message: FromPipeline | FromPart) => void) => PipelineThread;

/** Serves pipelines in the caller's thread. */
export function inThisThread(env: Environment): StartThread {
  return (start, onMessage) => {
    const { port1, port2 } = new MessageChannel();
    port1.on("message", (message: FromPipeline | FromPart) => {
      if (message.kind === "done" || message.kind === "failed") port1.close();
      onMessage(message);
    });
    servePipeline(port2, structuredClone(start), env);
    return { tell: (message) => port1.postMessage(message) };
  };
}

import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Environment } from "./environment.ts";
import type { FromPipeline, StartMessage, ToPipeline } from "./protocol.ts";
import { servePipeline } from "./serve-pipeline.ts";

export interface PipelineHandle {
  /** Read to the ends that the topics have now, then end. */
  finish(): void;
  /** Drain and end; the cursors are kept. */
  stop(withinMs: number): void;
  rowsTaken(batch: number): void;
  /** Resolves with the last message: `done` or `failed`. */
  readonly ended: Promise<FromPipeline & { readonly kind: "done" | "progress" | "failed" }>;
}

/** Starts a pipeline in this thread. A worker differs in how the port is made, and in nothing else. */
export function startPipeline(start: StartMessage, env: Environment, onMessage: (message: FromPipeline) => void): PipelineHandle {
  const { port1, port2 } = new MessageChannel();
  servePipeline(port2, env);
  return handleOf(port1, start, onMessage);
}

function handleOf(port: MessagePort, start: StartMessage, onMessage: (message: FromPipeline) => void): PipelineHandle {
  const tell = (message: ToPipeline): void => port.postMessage(message);
  const ended = new Promise<FromPipeline & { readonly kind: "done" | "progress" | "failed" }>((resolve) => {
    port.on("message", (message: FromPipeline) => {
      onMessage(message);
      if (message.kind !== "done" && message.kind !== "failed") return;
      port.close();
      resolve(message);
    });
  });
  tell(start);
  return {
    finish: () => tell({ kind: "finish" }),
    stop: (withinMs) => tell({ kind: "stop", withinMs }),
    rowsTaken: (batch) => tell({ kind: "rows-taken", batch }),
    ended,
  };
}

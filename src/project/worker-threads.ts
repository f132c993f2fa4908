import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { asSluiceError, reportOf } from "../runtime/as-error.ts";
import type { PipelineThread, StartThread } from "../runtime/pipeline-thread.ts";
import type { FromPart, FromPipeline, StartMessage, StartPartMessage, ToPipeline } from "../runtime/protocol.ts";

/** In a checkout this file and the worker's are TypeScript, in the built package JavaScript. */
const ENTRY = new URL(`./pipeline-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** Room for what has just been made. Larger: fewer and cheaper collections; beyond this no more is gained (docs/decisions/0007). */
const YOUNG_GENERATION_MB = 32;

/** How long a thread that has told its last may take to end by itself. */
const LINGER_MS = 2_000;

/** Serves each pipeline in a worker thread of its own: whatever becomes of it, the process and the other pipelines go on. */
export const inWorker: StartThread = (start, onMessage) => new PipelineWorker(start, onMessage);

class PipelineWorker implements PipelineThread {
  private readonly worker: Worker;
  private readonly pipeline: string;
  private readonly onMessage: (message: FromPipeline | FromPart) => void;
  private hasEnded = false;
  private silence: NodeJS.Timeout;

  constructor(start: StartMessage | StartPartMessage, onMessage: (message: FromPipeline | FromPart) => void) {
    this.pipeline = start.plan.name;
    this.onMessage = onMessage;
    this.worker = new Worker(ENTRY, {
      workerData: start,
      name: start.plan.name,
      resourceLimits: { maxOldGenerationSizeMb: LIMITS.threadHeapMbMax, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.worker.on("message", (message: FromPipeline | FromPart) => this.take(message));
    this.worker.on("error", (error: unknown) => this.lose(crash(this.pipeline, error)));
    this.worker.on("exit", (code) => this.lose(new SluiceError("INTERNAL", `the thread of ${this.pipeline} ended with code ${code}`)));
    this.silence = this.expectWords();
  }

  tell(message: ToPipeline): void {
    this.worker.postMessage(message);
  }

  private take(message: FromPipeline | FromPart): void {
    if (this.hasEnded) return;
    clearTimeout(this.silence);
    const isLast = message.kind === "done" || message.kind === "failed";
    if (isLast) this.end();
    else this.silence = this.expectWords();
    this.onMessage(message);
  }

  /** The thread is gone, or as good as gone. */
  private lose(error: SluiceError): void {
    if (this.hasEnded) return;
    clearTimeout(this.silence);
    this.end();
    this.onMessage({ kind: "failed", pipeline: this.pipeline, error: reportOf(error) });
  }

  private end(): void {
    this.hasEnded = true;
    const linger = setTimeout(() => void this.worker.terminate(), LINGER_MS);
    this.worker.once("exit", () => clearTimeout(linger));
  }

  private expectWords(): NodeJS.Timeout {
    const ms = LIMITS.threadSilentMsMax;
    const hint = "an endless loop, or a machine that is overloaded; the cursors are kept";
    return setTimeout(() => {
      this.lose(new SluiceError("INTERNAL", `the thread of ${this.pipeline} has not answered for ${ms / 1000} s`, { hint }));
      void this.worker.terminate();
    }, ms).unref();
  }
}

/** What ended a thread, in words for the operator; the cause keeps the stack. */
function crash(pipeline: string, error: unknown): SluiceError {
  const isOutOfMemory = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  if (!isOutOfMemory) return asSluiceError(error);
  return new SluiceError("LIMIT_EXCEEDED", `${pipeline} needs more memory than its ${LIMITS.threadHeapMbMax} MB (threadHeapMbMax)`, {
    hint: "spread it over more threads (SET 'parallelism'), or split it; the cursors are kept, and the other pipelines go on",
    cause: error,
  });
}

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { asSluiceError, reportOf } from "../runtime/as-error.ts";
import type { PipelineThread, StartThread } from "../runtime/pipeline-thread.ts";
import type { FromPart, FromPipeline, StartMessage, StartPartMessage, ToPipeline } from "../runtime/protocol.ts";
import { type WorkedOn, WorkPlace } from "../runtime/work-place.ts";
import { loadedFunctionFiles } from "./function-files.ts";

/** What a worker is given. */
export interface WorkerStart {
  readonly start: StartMessage | StartPartMessage;
  /** Modules of the project's functions. */
  readonly functions: readonly string[];
  /** Shared memory in which it says what it is at. */
  readonly place: SharedArrayBuffer;
}

export interface WorkerOptions {
  /** The worker's first module. */
  readonly entry: URL;
  /** A worker that tells nothing for so long is ended. */
  readonly silentMsMax: number;
  /** JavaScript objects. */
  readonly heapMbMax: number;
  /** What typed arrays and buffers hold, outside of the heap. */
  readonly buffersMbMax: number;
}

/** In a checkout this file and the worker's are TypeScript, in the built package JavaScript. */
const ENTRY = new URL(`./pipeline-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** Room for what has just been made. */
const YOUNG_GENERATION_MB = 32;

/**
 * Looks at a silent worker before it is given up. Each comes a while after the one before, so a process that was stopped
 * and goes on (Ctrl-Z, a machine that slept) hears its workers before it counts to the last.
 */
const LOOKS = 4;

/** How long a worker that has told its last may take to end by itself. */
const LINGER_MS = 2_000;

/** How often it is asked what its buffers hold, as V8 bounds the heap alone. */
const WEIGH_MS = 5_000;

/** Where it has worked for less than this since then, it is not asked: that would wake it, and what it holds is about the same. */
const WORKED_MS_LEAST = 20;

const REAL: WorkerOptions = {
  entry: ENTRY,
  silentMsMax: LIMITS.threadSilentMsMax,
  heapMbMax: LIMITS.threadHeapMbMax,
  buffersMbMax: LIMITS.threadBuffersMbMax,
};

/**
 * Serves each pipeline in a worker thread of its own. Whatever becomes of that (an exception, its heap is full, it hangs),
 * the pipeline has failed, and the process and the other pipelines go on.
 */
export function inWorkers(options: Partial<WorkerOptions> = {}): StartThread {
  return (start, onMessage) => new PipelineWorker(start, onMessage, { ...REAL, ...options });
}

class PipelineWorker implements PipelineThread {
  private readonly worker: Worker;
  private readonly pipeline: string;
  private readonly onMessage: (message: FromPipeline | FromPart) => void;
  private readonly options: WorkerOptions;
  private readonly place: WorkPlace;
  private hasEnded = false;
  /** Looks since the worker has told something, or has shown that it goes on. */
  private looks = 0;
  private beats = 0;
  /** One that loads its code is slow where many start at once, and is given the time that any has. */
  private hasTold = false;
  /** How long it had worked when it was weighed last. */
  private weighedAtMs = 0;
  private readonly watch: NodeJS.Timeout;
  private readonly scales: NodeJS.Timeout;

  constructor(start: StartMessage | StartPartMessage, onMessage: (message: FromPipeline | FromPart) => void, options: WorkerOptions) {
    this.pipeline = start.plan.name;
    this.onMessage = onMessage;
    this.options = options;
    this.place = new WorkPlace(start.plan);
    const workerData: WorkerStart = { start, functions: loadedFunctionFiles(), place: this.place.buffer };
    this.worker = new Worker(options.entry, {
      workerData,
      name: start.plan.name,
      resourceLimits: { maxOldGenerationSizeMb: options.heapMbMax, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.worker.on("message", (message: FromPipeline | FromPart) => this.take(message));
    this.worker.on("error", (error: unknown) => this.lose(crash(this.pipeline, error, options)));
    this.worker.on("exit", (code) => this.lose(new SluiceError("INTERNAL", `the thread of ${this.pipeline} ended with code ${code}`)));
    this.watch = setInterval(() => this.look(), options.silentMsMax / LOOKS);
    this.scales = setInterval(() => void this.weigh(), WEIGH_MS);
  }

  tell(message: ToPipeline): void {
    this.worker.postMessage(message);
  }

  private take(message: FromPipeline | FromPart): void {
    if (this.hasEnded) return;
    if (message.kind === "done" || message.kind === "failed") this.end();
    this.looks = 0;
    this.hasTold = true;
    this.onMessage(message);
  }

  /** The worker is gone, or as good as gone. */
  private lose(error: SluiceError): void {
    if (this.hasEnded) return;
    this.end();
    const at = this.place.read();
    const lost = { kind: "failed", pipeline: this.pipeline, error: reportOf(at === null ? error : placed(error, at)) } as const;
    this.onMessage(at === null ? lost : { ...lost, lostIn: at.stretch });
  }

  private end(): void {
    this.hasEnded = true;
    clearInterval(this.watch);
    clearInterval(this.scales);
    const linger = setTimeout(() => void this.worker.terminate(), LINGER_MS);
    this.worker.once("exit", () => clearTimeout(linger));
  }

  private async weigh(): Promise<void> {
    const { buffersMbMax } = this.options;
    const { active: workedMs } = this.worker.performance.eventLoopUtilization();
    if (workedMs - this.weighedAtMs < WORKED_MS_LEAST) return;
    this.weighedAtMs = workedMs;
    // One that has ended meanwhile weighs nothing.
    const { external_memory: bytes } = await this.worker.getHeapStatistics().catch(() => ({ external_memory: 0 }));
    if (bytes <= buffersMbMax * 2 ** 20 || this.hasEnded) return;
    this.lose(tooLarge(`${this.pipeline} holds more than ${buffersMbMax} MB in state, columns and buffers (threadBuffersMbMax)`));
    void this.worker.terminate();
  }

  private look(): void {
    const { silentMsMax } = this.options;
    const { beats } = this.place;
    if (beats > this.beats) this.looks = 0;
    this.beats = beats;
    const limitMs = this.hasTold ? silentMsMax : Math.max(silentMsMax, LIMITS.threadSilentMsMax);
    if (++this.looks * (silentMsMax / LOOKS) < limitMs) {
      this.tell({ kind: "beat" });
      return;
    }
    const seconds = limitMs / 1000;
    const hint = "an endless loop, or a machine that is overloaded; what was durable is kept";
    this.lose(new SluiceError("INTERNAL", `the thread of ${this.pipeline} has told nothing for ${seconds} s and was ended`, { hint }));
    void this.worker.terminate();
  }
}

/** With the records that the worker was at, or the one if it was at one. What it had come to an end with need not be the cause. */
function placed(error: SluiceError, { coordinates, records, isOver }: WorkedOn): SluiceError {
  const { topic, partition, first, last } = records;
  const which = first === last ? `offset ${first}` : `one of offsets ${first} to ${last}`;
  const where = `it ${isOver ? "had last been" : "was"} at ${topic ?? "its log"}-${partition}, ${which}, for ${coordinates.statement}`;
  const hint = error.hint === null ? where : `${where}; ${error.hint}`;
  return new SluiceError(error.code, error.message, { hint, ...(isOver ? {} : { coordinates }), cause: error.cause ?? error });
}

/** What ended a worker, in words for the operator; the cause keeps the stack. */
function crash(pipeline: string, error: unknown, { heapMbMax }: WorkerOptions): SluiceError {
  const isFull = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  if (!isFull) return asSluiceError(error);
  return tooLarge(`${pipeline} needs more heap than ${heapMbMax} MB (threadHeapMbMax)`, error);
}

function tooLarge(message: string, cause?: unknown): SluiceError {
  const hint = "spread it over more threads (SET 'parallelism'), or split it; what was durable is kept";
  return new SluiceError("LIMIT_EXCEEDED", message, { hint, cause });
}

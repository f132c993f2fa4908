import { fileURLToPath } from "node:url";
import type { FromPipeline, ProgressMessage } from "../../../src/runtime/protocol.ts";
import { Child } from "../child.ts";
import type { FromEngine, ToEngine } from "./protocol.ts";

const FILE = fileURLToPath(new URL("./engine-main.ts", import.meta.url));
const DRAIN_MS = 60_000;

/** The engine in a process of its own, seen from the bench. */
export class EngineProcess {
  readonly child: Child<ToEngine, FromEngine>;
  /** Latest progress by pipeline; the last one when they have ended. */
  readonly progress = new Map<string, ProgressMessage>();
  /** Retries, skipped records and failures, and how often they came. */
  readonly events = new Map<string, number>();
  private readonly running = new Set<string>();
  private readonly ended = Promise.withResolvers<void>();
  private readonly broken = Promise.withResolvers<never>();
  private wakeUp: () => void = () => undefined;

  constructor(config: string, files: readonly string[], execArgv: readonly string[]) {
    this.broken.promise.catch(() => undefined);
    const args = ["--config", config, ...files];
    this.child = new Child({ name: "engine", file: FILE, args, execArgv, onMessage: (message) => this.take(message) });
  }

  /** Rejects when a pipeline or a statement fails, or the process ends. */
  get failed(): Promise<never> {
    return Promise.race([this.broken.promise, this.child.failed]);
  }

  /** Resolves when so many pipelines read their sources. */
  async whenRunning(pipelines: number): Promise<void> {
    while (this.running.size < pipelines) {
      const changed = new Promise<void>((resolve) => {
        this.wakeUp = resolve;
      });
      await Promise.race([changed, this.failed]);
    }
  }

  /** Drains; `progress` has the final counters then. */
  async stop(): Promise<void> {
    this.child.expectEnd();
    this.child.send({ kind: "stop", withinMs: DRAIN_MS });
    await Promise.race([this.ended.promise, this.child.ended]);
    await this.child.ended;
  }

  private take(message: FromEngine): void {
    if (message.kind === "ended") this.ended.resolve();
    else this.takePipeline(message.message);
    this.wakeUp();
  }

  private takePipeline(message: FromPipeline): void {
    switch (message.kind) {
      case "running":
        this.running.add(message.pipeline);
        break;
      case "progress":
      case "done":
        this.progress.set(message.pipeline, { ...message, kind: "progress" });
        break;
      case "trouble":
        this.note(`${message.pipeline}: ${message.subject}: ${message.message}`);
        break;
      case "skipped":
        this.note(`${message.pipeline}: skipped: ${message.error.message}`);
        break;
      case "statement-failed":
      case "failed":
        this.note(`${message.pipeline}: ${message.kind}: ${message.error.message}`);
        this.broken.reject(new Error(`${message.pipeline}: ${message.error.code} ${message.error.message}`));
        break;
      case "waiting":
      case "rows":
        break;
    }
  }

  private note(event: string): void {
    this.events.set(event, (this.events.get(event) ?? 0) + 1);
  }
}

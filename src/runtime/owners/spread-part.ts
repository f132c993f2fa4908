import type { PipelineThread } from "../pipeline-thread.ts";
import type { FromPart, FromPipeline, PartitionsMessage, Progress, ToPipeline } from "../protocol.ts";
import { sumProgress } from "../sum-progress.ts";
import type { ShareState } from "./partition-share.ts";

/** One of the threads that share a pipeline's partitions, as the one who shares them out sees it. */
export class SpreadPart {
  /** Resolves when the thread has told its last. */
  readonly ended: Promise<void>;
  /** The partitions that it was given. */
  own: readonly number[] = [];
  progress: Progress = sumProgress([]);
  private readonly thread: PipelineThread;
  private readonly settling = new Map<number, () => void>();
  private number = 0;
  private state: ShareState = "open";
  private hasEnded = false;

  constructor(
    start: (onMessage: (message: FromPipeline | FromPart) => void) => PipelineThread,
    onMessage: (message: FromPipeline | FromPart) => void,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.thread = start((message) => {
      this.take(message);
      onMessage(message);
      if (message.kind !== "done" && message.kind !== "failed") return;
      this.hasEnded = true;
      resolve();
    });
  }

  tell(message: ToPipeline): void {
    if (!this.hasEnded) this.thread.tell(message);
  }

  /** Resolves when what is not its own any more is given up. */
  async give(message: PartitionsMessage): Promise<void> {
    this.own = message.own;
    if (this.hasEnded) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.settling.set(message.number, resolve);
    this.thread.tell(message);
    await Promise.race([promise, this.ended]);
    this.settling.delete(message.number);
  }

  /** How it stands with the assignment of that number; `open` as long as that is not known. */
  stateAt(number: number): ShareState {
    return this.number === number ? this.state : "open";
  }

  private take(message: FromPipeline | FromPart): void {
    switch (message.kind) {
      case "settled":
        this.settling.get(message.number)?.();
        break;
      case "share-state":
        this.number = message.number;
        this.state = message.state;
        break;
      case "progress":
      case "done":
        this.progress = message;
        break;
    }
  }
}

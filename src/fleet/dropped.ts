import type { Deployment } from "./deployment.ts";
import type { DropPipeline } from "./deployment-change.ts";

/**
 * What the catalog remembers of a pipeline that was dropped, so that another one of its name does not go on from what is
 * still kept, or was written, under it.
 */
export interface Dropped {
  readonly name: string;
  /** Says where its positions and state are; empty once they are gone. */
  readonly text: string;
  /**
   * `pending`: positions and state are there until it has ended; `deleting`: one server removes them; `gone`; `kept`: the
   * next pipeline of that name goes on from them.
   */
  readonly state: "pending" | "deleting" | "gone" | "kept";
  /** With them goes all else that was made for it and holds nothing that it wrote. */
  readonly purge?: true;
  /** Of the pipeline, see `Deployment`. */
  readonly epoch: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Names whose pipelines and what they kept are gone are remembered; of more the oldest is forgotten. */
const GONE_MAX = 1000;

/** The pipelines that were dropped, as the catalog has them. */
export class DroppedPipelines {
  private readonly byName = new Map<string, Dropped>();
  private readonly waiting = new Set<() => void>();

  get(name: string): Dropped | null {
    return this.byName.get(name) ?? null;
  }

  /** Those whose positions and state are still to be removed. */
  unfinished(): readonly Dropped[] {
    return [...this.byName.values()].filter(({ state }) => state === "pending" || state === "deleting");
  }

  set(name: string, dropped: Dropped | null): void {
    this.byName.delete(name);
    if (dropped !== null) this.byName.set(name, dropped);
    for (const look of [...this.waiting]) look();
  }

  /** A name more than are remembered; null: there is none. */
  oldestGone(): string | null {
    const gone = [...this.byName.values()].filter(({ state }) => state === "gone");
    return gone.length < GONE_MAX ? null : (gone[0]?.name ?? null);
  }

  /** Resolves once nobody removes what was kept under that name, or the signal is aborted. */
  async untilDeleted(name: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (signal.aborted || this.get(name)?.state !== "deleting") resolve();
    };
    this.waiting.add(look);
    signal.addEventListener("abort", look);
    look();
    await promise;
    this.waiting.delete(look);
    signal.removeEventListener("abort", look);
  }
}

/** What is remembered of a pipeline that is dropped now. */
export function droppedNow({ name, text, epoch }: Deployment, { keepState, purge }: DropPipeline, atMs: number): Dropped {
  if (keepState === true) return { name, text: "", state: "kept", epoch, atMs };
  return { name, text, state: "pending", ...(purge === true ? { purge } : {}), epoch, atMs };
}

/** The epoch of a new pipeline, after what is remembered of its name. */
export function epochAfter(dropped: Dropped | null, nowMs: number): number {
  if (dropped === null) return 0;
  return dropped.state === "kept" ? dropped.epoch : Math.max(nowMs, dropped.epoch + 1);
}

/** What is left to be remembered once a pipeline of that name is made again. */
export function rememberedBeside(dropped: Dropped | null): Dropped | null {
  return dropped?.state === "deleting" ? dropped : null;
}

import type { Clock } from "../ports/clock.ts";
import type { ErrorReport } from "../runtime/protocol.ts";
import type { PipelineState } from "./pipeline-status.ts";

/** Something that happened, for whoever watches. */
export type FleetEvent =
  | { readonly kind: "deployed" | "changed" | "dropped"; readonly pipeline: string; readonly by: string; readonly generation: number }
  | { readonly kind: "state"; readonly pipeline: string; readonly state: PipelineState }
  | { readonly kind: "statement-failed" | "failed" | "skipped" | "late"; readonly pipeline: string; readonly error: ErrorReport }
  | { readonly kind: "trouble"; readonly pipeline: string; readonly subject: string; readonly message: string }
  | { readonly kind: "notice"; readonly pipeline: string; readonly statement: string; readonly message: string };

export interface NumberedEvent {
  /** Rises by one. */
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly event: FleetEvent;
}

/** Kept for those who come back and say where they were. */
const KEPT = 1000;

/** The last events, by rising numbers without holes. */
export class EventLog {
  private readonly nowIso: () => string;
  private readonly kept: NumberedEvent[] = [];
  private readonly waiting = new Set<() => void>();
  private next: number;

  /** `first`: above all ids that were given before a restart, so that nobody takes a new event for one it has seen. */
  constructor(nowIso: () => string, first: number) {
    this.nowIso = nowIso;
    this.next = first;
  }

  /** The id of the earliest event that is kept, or of the next one. */
  get first(): number {
    return this.next - this.kept.length;
  }

  /** The id of the latest event. */
  get last(): number {
    return this.next - 1;
  }

  add(event: FleetEvent): void {
    this.kept.push({ id: this.next++, at: this.nowIso(), event });
    if (this.kept.length > KEPT) this.kept.shift();
    for (const wake of [...this.waiting]) wake();
  }

  /** Those behind `id` that are kept, and how many are not any more. */
  after(id: number): { readonly missed: number; readonly next: readonly NumberedEvent[] } {
    return { missed: Math.max(0, this.first - id - 1), next: this.kept.slice(Math.max(0, id + 1 - this.first)) };
  }

  /** Resolves with true at the next event, with false after `withinMs` without one or when aborted. */
  async changed(clock: Clock, withinMs: number, signal: AbortSignal): Promise<boolean> {
    const over = new AbortController();
    let isChanged = false;
    const wake = (): void => {
      isChanged = true;
      over.abort();
    };
    this.waiting.add(wake);
    await clock.sleep(withinMs, AbortSignal.any([over.signal, signal]));
    this.waiting.delete(wake);
    return isChanged;
  }
}

import type { ErrorReport } from "../runtime/protocol.ts";
import type { PipelineState } from "./pipeline-status.ts";

/** Something that happened, for whoever watches. */
export type FleetEvent =
  | { readonly kind: "deployed" | "changed" | "dropped"; readonly pipeline: string; readonly by: string; readonly generation: number }
  | { readonly kind: "state"; readonly pipeline: string; readonly state: PipelineState }
  | { readonly kind: "statement-failed" | "failed" | "skipped"; readonly pipeline: string; readonly error: ErrorReport }
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

/** The last events, and who is told of the next ones. */
export class EventLog {
  private readonly nowIso: () => string;
  private readonly kept: NumberedEvent[] = [];
  private readonly listeners = new Set<(event: NumberedEvent) => void>();
  private next: number;

  /** `first`: above all ids that were given before a restart, so that nobody takes a new event for one it has seen. */
  constructor(nowIso: () => string, first: number) {
    this.nowIso = nowIso;
    this.next = first;
  }

  add(event: FleetEvent): void {
    const numbered = { id: this.next++, at: this.nowIso(), event };
    this.kept.push(numbered);
    if (this.kept.length > KEPT) this.kept.shift();
    for (const listener of [...this.listeners]) listener(numbered);
  }

  /** Those kept behind `id`. */
  after(id: number): readonly NumberedEvent[] {
    return this.kept.filter((event) => event.id > id);
  }

  /** Calls the listener with each event from now on. Gives a function that ends it. */
  onEvent(listener: (event: NumberedEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

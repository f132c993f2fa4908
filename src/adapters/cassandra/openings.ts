import type { Clock } from "../../ports/clock.ts";

const TELL_MS = 10_000;

/** The tables of a connection that are being opened; told every 10 s while one takes longer, once for all of them. */
export class Openings {
  private readonly clock: Clock;
  private readonly tell: (message: string) => void;
  /** Since when, in the order of their beginning. */
  private readonly open = new Map<symbol, { readonly table: string; readonly sinceMs: number }>();
  private ended: AbortController | null = null;

  constructor(clock: Clock, tell: (message: string) => void) {
    this.clock = clock;
    this.tell = tell;
  }

  async watch<T>(table: string, opening: () => Promise<T>): Promise<T> {
    const one = Symbol(table);
    this.open.set(one, { table, sinceMs: this.clock.monotonic() });
    if (this.ended === null) {
      this.ended = new AbortController();
      void this.tellWhileOpen(this.ended.signal);
    }
    try {
      return await opening();
    } finally {
      this.open.delete(one);
      if (this.open.size === 0) {
        this.ended.abort();
        this.ended = null;
      }
    }
  }

  private async tellWhileOpen(ended: AbortSignal): Promise<void> {
    for (;;) {
      await this.clock.sleep(TELL_MS, ended);
      const [first] = this.open.values();
      if (ended.aborted || first === undefined) return;
      const waitedMs = this.clock.monotonic() - first.sinceMs;
      if (waitedMs < TELL_MS) continue;
      const others = this.open.size === 1 ? "" : `, ${this.open.size - 1} more wait; tables are made one after the other`;
      this.tell(`table ${first.table} has been opening for ${Math.round(waitedMs / 1_000)} s${others}`);
    }
  }
}

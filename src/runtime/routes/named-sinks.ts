import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { ChangeBatch } from "../../model/change.ts";
import { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import { RefusalCut } from "../../model/refusal-cut.ts";
import { type ChangeError, type Origin, Outcome, type RouteTarget, type Sink, type WriteResult } from "../../ports/sink.ts";

/** Targets that are opened at the same time. */
const OPENING_MAX = 8;

/**
 * The sink of a statement whose records name their targets. Each target is opened, checked and made as if the statement had
 * named it, when its first change comes; one that cannot be opened refuses its own changes and no others.
 */
export class NamedSinks implements Sink {
  private readonly target: RouteTarget;
  private readonly openSink: (target: RouteTarget) => Promise<Sink>;
  /** Those used last come last. */
  private readonly sinks = new Map<string, Sink>();

  constructor(target: RouteTarget, openSink: (target: RouteTarget) => Promise<Sink>) {
    this.target = target;
    this.openSink = openSink;
  }

  async write(batch: ChangeBatch, origin: Origin, signal: AbortSignal, stopsAtRefusal = false): Promise<WriteResult> {
    const rowsOf = rowsByName(batch);
    await this.forgetOldest(rowsOf.size);
    const refused = await this.open([...rowsOf.keys()]);
    const outcomes = new Uint8Array(batch.count);
    const errors = new Map<number, ChangeError>();
    const cut = new RefusalCut(stopsAtRefusal);
    let retryAfterMs: number | null = null;
    for (const [name, error] of refused) {
      for (const row of rowsOf.get(name) ?? []) {
        outcomes[row] = Outcome.rejected;
        cut.refused(row);
        errors.set(row, error);
      }
      rowsOf.delete(name);
    }
    for (const { sink, rows: all } of this.writes(rowsOf)) {
      const rows = all.slice(0, cut.countBefore(all));
      for (const row of all.slice(rows.length)) outcomes[row] = Outcome.retry;
      if (rows.length === 0) continue;
      const isWhole = rows.length === batch.count;
      const result = await sink.write(isWhole ? batch : partOf(batch, rows, sink.spreads === true), origin, signal, stopsAtRefusal);
      rows.forEach((row, at) => {
        outcomes[row] = result.outcomes[at] as number;
        if (outcomes[row] === Outcome.rejected) cut.refused(row);
        const error = result.errors.get(at);
        if (error !== undefined) errors.set(row, error);
      });
      retryAfterMs = Math.max(retryAfterMs ?? 0, result.retryAfterMs ?? 0) || null;
    }
    return { outcomes, errors, retryAfterMs };
  }

  async close(): Promise<void> {
    await Promise.all([...this.sinks.values()].map((sink) => sink.close()));
    this.sinks.clear();
  }

  /** One write for all targets where a sink takes changes for any, else one for each target. */
  private writes(rowsOf: ReadonlyMap<string, readonly number[]>): { readonly sink: Sink; readonly rows: readonly number[] }[] {
    const all = [...rowsOf].map(([name, rows]) => ({ sink: this.sinks.get(name) as Sink, rows }));
    const [first] = all;
    if (first === undefined || first.sink.spreads !== true) return all;
    return [{ sink: first.sink, rows: all.flatMap(({ rows }) => rows).sort((a, b) => a - b) }];
  }

  /** Opens what is not open; gives why some cannot be. Rejects where trying again may help. */
  private async open(names: readonly string[]): Promise<ReadonlyMap<string, ChangeError>> {
    const refused = new Map<string, ChangeError>();
    const waiting = names.filter((name) => !this.sinks.has(name));
    for (const name of names) this.touch(name);
    const work = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        try {
          this.sinks.set(name, await this.openSink({ ...this.target, name, suffix: null }));
        } catch (error) {
          if (!isLasting(error)) {
            waiting.length = 0;
            throw error;
          }
          refused.set(name, { code: error.code, message: error.message });
        }
      }
    };
    const results = await Promise.allSettled(Array.from({ length: Math.min(OPENING_MAX, waiting.length) }, work));
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return refused;
  }

  private touch(name: string): void {
    const sink = this.sinks.get(name);
    if (sink === undefined || !this.sinks.delete(name)) return;
    this.sinks.set(name, sink);
  }

  /** Dated names come up without end. */
  private async forgetOldest(needed: number): Promise<void> {
    const most = Math.max(LIMITS.namedTargetsMax, needed);
    for (const [name, sink] of this.sinks) {
      if (this.sinks.size + needed <= most) return;
      this.sinks.delete(name);
      await sink.close();
    }
  }
}

function isLasting(error: unknown): error is SluiceError {
  return error instanceof SluiceError && (error.code === "TARGET_MISSING" || error.code === "TARGET_MISMATCH");
}

function rowsByName({ count, targets }: ChangeBatch): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (let row = 0; row < count; row++) {
    const name = targets?.[row] ?? "";
    const list = rows.get(name);
    if (list === undefined) rows.set(name, [row]);
    else list.push(row);
  }
  return rows;
}

/** Rows of a batch; where the sink has one target, without its name. */
function partOf(batch: ChangeBatch, rows: readonly number[], isNamed: boolean): ChangeBatch {
  const builder = new ChangeBatchBuilder();
  const from = isNamed ? batch : { ...batch, targets: null };
  for (const row of rows) builder.addCopy(from, row);
  return builder.build();
}

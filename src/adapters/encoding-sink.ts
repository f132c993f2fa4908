import type { ChangeBatch } from "../model/change.ts";
import { type ChangeError, type Origin, Outcome, type RouteTarget, type Sink, type WriteResult } from "../ports/sink.ts";
import { RecordEncoder } from "./codecs/record-encoder.ts";

/** A sink of records that are laid out as the target says. */
export function inLayout(sink: Sink, { options: { layout } }: RouteTarget): Sink {
  return layout.key === null && layout.value === null ? sink : new EncodingSink(sink, new RecordEncoder(layout));
}

/** Gives a topic's sink the bytes of records in place of rows. What a format cannot hold is refused here. */
class EncodingSink implements Sink {
  readonly overlaps: boolean;
  readonly spreads: boolean;
  private readonly inner: Sink;
  private readonly encoder: RecordEncoder;

  constructor(inner: Sink, encoder: RecordEncoder) {
    this.inner = inner;
    this.encoder = encoder;
    this.overlaps = inner.overlaps ?? false;
    this.spreads = inner.spreads ?? false;
  }

  async write(batch: ChangeBatch, origin: Origin, signal: AbortSignal): Promise<WriteResult> {
    const { batch: encoded, rows, refused } = this.encoder.encode(batch);
    if (refused.size === 0) return this.inner.write(encoded, origin, signal);
    const outcomes = new Uint8Array(batch.count).fill(Outcome.rejected);
    const errors = new Map<number, ChangeError>();
    for (const [row, message] of refused) errors.set(row, { code: "CHANGE_REJECTED", message });
    const written = rows.length === 0 ? null : await this.inner.write(encoded, origin, signal);
    for (const [record, row] of rows.entries()) {
      outcomes[row] = written?.outcomes[record] ?? Outcome.rejected;
      const error = written?.errors.get(record);
      if (error !== undefined) errors.set(row, error);
    }
    return { outcomes, errors, retryAfterMs: written?.retryAfterMs ?? null };
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

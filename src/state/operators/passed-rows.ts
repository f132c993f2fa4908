import { PayloadReader, PayloadWriter } from "../payload.ts";
import type { JoinedRows, Operator, SideRows } from "./operator.ts";

/** Records as they are, with what stream time is after each: in front of a loop that reads all partitions of a topic as one log. */
export class PassedRows implements Operator {
  readonly collects = false;
  readonly isWithin = false;
  readonly nextExpiryMs = Number.POSITIVE_INFINITY;
  readonly closingTimeMs = null;
  readonly late = 0;
  readonly filtered = 0;
  readonly byteLength = 0;
  readonly dirtyRows = 0;
  streamTimeMs = Number.NEGATIVE_INFINITY;
  private streamTimes = new Float64Array(0);
  private ordinals = new Int32Array(0);
  private passed: JoinedRows | null = null;

  take(_side: 0 | 1, { batch, timesMs, versions, coordinates }: SideRows, from: number, to: number): number {
    if (this.streamTimes.length < to) {
      this.streamTimes = new Float64Array(to * 2);
      this.ordinals = new Int32Array(to * 2);
    }
    const { streamTimes: streamTimesMs, ordinals } = this;
    let latestMs = this.streamTimeMs;
    for (let row = from; row < to; row++) {
      const timeMs = timesMs[row] as number;
      if (timeMs > latestMs) latestMs = timeMs;
      streamTimesMs[row] = latestMs;
    }
    this.streamTimeMs = latestMs;
    this.passed = { from, to, batch, ordinals, versions, streamTimesMs, timesMs, coordinates };
    return to;
  }

  advance(streamTimeMs: number): boolean {
    this.streamTimeMs = Math.max(this.streamTimeMs, streamTimeMs);
    return true;
  }

  drain(): JoinedRows | null {
    const { passed } = this;
    this.passed = null;
    return passed;
  }

  takeDelta(): Buffer {
    const writer = new PayloadWriter(8);
    writer.float64(this.streamTimeMs);
    return writer.take();
  }

  takeSnapshot(): Buffer {
    return this.takeDelta();
  }

  apply(payload: Buffer): void {
    this.streamTimeMs = new PayloadReader(payload).float64();
  }
}

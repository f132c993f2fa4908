import { SluiceError } from "../../errors.ts";
import { valueBytes, valueOfBytes } from "../../functions/value-bytes.ts";
import { valueSize } from "../../functions/value-size.ts";
import { LIMITS } from "../../limits.ts";
import type { BoundFrame } from "../../model/statement.ts";
import type { Value } from "../../model/value.ts";
import type { PayloadReader, PayloadWriter } from "../payload.ts";

/** What a row brings; null: it is not taken. */
type Given = readonly Value[] | null;

/** What enters a frame and leaves it, with the positions of the rows: numbers that follow each other. */
export interface FrameTask {
  enter(given: readonly Value[], position: number): void;
  leave(given: readonly Value[], position: number): void;
}

const ROW_BYTES = 48;

/** The rows of one partition that are in a frame, or will be, in the order in which they came. */
export class FrameRows {
  byteLength = 64;
  private readonly frame: BoundFrame;
  private times: number[] = [];
  private given: Given[] = [];
  /** Rows before it are gone. */
  private from = 0;
  /** The positions of that row, of the next one to enter, and of the next one that no payload holds. */
  private first = 1;
  private entered = 1;
  private saved = 1;

  constructor(frame: BoundFrame) {
    this.frame = frame;
  }

  /** Goes on to the row that has come, of the next position. */
  goOn(timeMs: number, given: Given, task: FrameTask): void {
    this.put(timeMs, given);
    const { unit, from, to } = this.frame;
    const last = this.first + this.count - 1;
    const isRows = unit === "rows";
    // Positions are at most so great to have entered, times at least so great to have stayed.
    const [until, since] = isRows ? [last - to, last - (from ?? last)] : [timeMs - to, from === null ? -Infinity : timeMs - from];
    const placeOf = (position: number): number => (isRows ? position : (this.times[this.from + position - this.first] as number));
    while (this.first <= last && placeOf(this.first) < since) this.drop(task, true);
    for (; this.entered <= last && placeOf(this.entered) <= until; this.entered++) {
      const entering = this.given[this.from + this.entered - this.first] as Given;
      if (entering !== null) task.enter(entering, this.entered);
    }
    if (from === null) while (this.first < this.entered) this.drop(task, false);
  }

  /** `all`: not only what has changed since the last time. */
  write(writer: PayloadWriter, all: boolean): void {
    const end = this.first + this.count;
    const start = all ? this.first : Math.max(this.first, this.saved);
    writer.float64(this.first);
    writer.float64(this.entered);
    writer.float64(start);
    writer.uint32(end - start);
    for (let position = start; position < end; position++) {
      const index = this.from + position - this.first;
      writer.float64(this.times[index] as number);
      const bytes = valueBytes(this.given[index] as Given);
      writer.uint32(bytes.length);
      writer.bytes(bytes.length, (target, at) => target.set(bytes, at));
    }
    this.saved = end;
  }

  read(reader: PayloadReader): void {
    const first = reader.float64();
    const entered = reader.float64();
    const start = reader.float64();
    while (this.count > 0 && this.first < first) this.drop(null, false);
    if (this.count === 0) this.first = start;
    for (let rows = reader.uint32(); rows > 0; rows--) {
      const timeMs = reader.float64();
      this.put(timeMs, valueOfBytes(reader.bytes(reader.uint32())) as Given);
    }
    this.first = this.count === 0 ? first : this.first;
    this.entered = entered;
    this.saved = this.first + this.count;
  }

  private get count(): number {
    return this.times.length - this.from;
  }

  private put(timeMs: number, given: Given): void {
    this.times.push(timeMs);
    this.given.push(given);
    this.byteLength += sizeOf(given);
    if (this.count > LIMITS.frameRowsMax) {
      throw new SluiceError("LIMIT_EXCEEDED", `a frame of OVER holds more than ${LIMITS.frameRowsMax} rows (frameRowsMax)`);
    }
  }

  /** The first one. */
  private drop(task: FrameTask | null, leaves: boolean): void {
    const { from, first } = this;
    const given = this.given[from] as Given;
    this.byteLength -= sizeOf(given);
    this.given[from] = null;
    this.from++;
    this.first++;
    if (first >= this.entered) this.entered = first + 1;
    else if (leaves && given !== null) task?.leave(given, first);
    if (this.from * 2 > this.times.length && this.from > 16) {
      this.times = this.times.slice(this.from);
      this.given = this.given.slice(this.from);
      this.from = 0;
    }
  }
}

function sizeOf(given: Given): number {
  return (given ?? []).reduce<number>((sum, value) => sum + valueSize(value), ROW_BYTES);
}

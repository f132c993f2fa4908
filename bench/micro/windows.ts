import { encodeRecordBatch } from "../../src/adapters/codecs/record-batch-writer.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import type { EventTimes, RowMarks, TimeColumn } from "../../src/plan/code/task.ts";
import { deviceId, readings, readingText } from "../data/readings.ts";
import { groupedLoop } from "./grouped-loop.ts";
import { inTurns, type MicroBench, type Way } from "./harness.ts";
import { batchesOf } from "./rows.ts";
import { marksOf } from "./statement-loop.ts";

const MINUTE_MS = 60_000;
/** So many minutes go by before the first that is measured: as many windows of an hour are open then as ever will be. */
const MINUTES_BEFORE = 70;

const DEVICES = 10_000;

const TUMBLING = "TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS)";
const HOPPING = "HOPPING (SIZE 1 HOUR, ADVANCE BY 1 MINUTE, GRACE PERIOD 5 SECONDS)";

export const windows = benchOf("windows", "FINAL", 12, [
  ["tumbling 1 minute", TUMBLING],
  ["hopping 1 hour by 1 minute", HOPPING],
  ["hopping 1 hour by 10 minutes", "HOPPING (SIZE 1 HOUR, ADVANCE BY 10 MINUTES, GRACE PERIOD 5 SECONDS)"],
  ["sessions of 30 seconds", "SESSION (30 SECONDS, GRACE PERIOD 5 SECONDS)"],
]);

/** Fewer rows: each changes sixty results, and all of them are written. */
export const changingWindows = benchOf("changing-windows", "CHANGES", 1, [
  ["tumbling 1 minute", TUMBLING],
  ["hopping 1 hour by 1 minute", HOPPING],
]);

type Emit = "FINAL" | "CHANGES";

function benchOf(
  name: string,
  emit: Emit,
  readingsAMinute: number,
  statements: readonly (readonly [name: string, window: string])[],
): MicroBench {
  return {
    name,
    what: `EMIT ${emit}: count, average, maximum of ${DEVICES} devices, each some ${readingsAMinute} times a minute; results are written`,
    measure(options) {
      const messages = DEVICES * readingsAMinute;
      const data = { messages, devices: DEVICES, perSecond: messages / 60 };
      const records = Array.from(readings(data), (reading) => ({
        key: Buffer.from(deviceId(reading.device)),
        value: Buffer.from(readingText(reading)),
        timestampMs: reading.timestampMs,
      }));
      const bytes = Buffer.from(encodeRecordBatch(0, records));
      const ways = statements.map(([way, window], index): Way => ({ name: way, isNaive: index === 0, run: minutes(bytes, window, emit) }));
      return inTurns(messages, ways, options);
    },
  };
}

/** Gives what takes the rows of one more minute, with barriers where the runtime would make them. */
function minutes(bytes: Buffer, window: string, emit: Emit): () => void {
  const [first, ...others] = batchesOf(bytes) as [RecordSlices, ...RecordSlices[]];
  const { batch, decode, take } = groupedLoop(window, emit, first);
  const batches = [batch, ...others.map(decode)].map((rows) => ({ rows, marks: new MovingMarks(marksOf(rows)) }));
  const run = (): void => {
    for (const { rows, marks } of batches) {
      take(rows, marks);
      marks.moveOn(MINUTE_MS);
    }
  };
  for (let minute = 0; minute < MINUTES_BEFORE; minute++) run();
  return run;
}

/** The same rows again and again, later each time. */
class MovingMarks implements RowMarks {
  readonly flags: Uint8Array;
  readonly isSound: boolean;
  private readonly marks: RowMarks;
  private moving: TimeColumn | null = null;

  constructor(marks: RowMarks) {
    this.marks = marks;
    this.flags = marks.flags;
    this.isSound = marks.isSound;
  }

  timesOf(eventTimes: EventTimes): TimeColumn {
    if (this.moving === null) {
      const { times, latest, isSound } = this.marks.timesOf(eventTimes);
      this.moving = { times: times.slice(), latest: latest.slice(), isSound };
    }
    return this.moving;
  }

  moveOn(byMs: number): void {
    for (const column of this.moving === null ? [] : [this.moving.times, this.moving.latest]) {
      for (let row = 0; row < column.length; row++) column[row] = (column[row] as number) + byMs;
    }
  }
}

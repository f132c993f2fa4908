import { SluiceError } from "../errors.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import { writtenName } from "../plan/pipeline-plan.ts";
import type { RecordCounters } from "./counters.ts";
import { addRecordLetter } from "./dead-letter.ts";
import type { RefusedResult } from "./group-emission.ts";
import type { Outbox } from "./outbox.ts";
import type { StatementTaskOptions } from "./task-options.ts";

export type RefusalCode = "RECORD_TYPE" | "RECORD_EVENT_TIME" | "RECORD_TARGET" | "RECORD_MALFORMED" | "RECORD_TOMBSTONE";

/** Of which partition a record is, and what is wrong with it. */
export interface RefusedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly message: string;
  readonly code: RefusalCode;
}

/** How a statement is stopped: before a row, of which nothing was taken, or in the middle of a computation. */
export interface Stopping {
  readonly fail: (error: SluiceError) => void;
  readonly tear: (error: SluiceError) => void;
}

/** Rows that cannot be taken, results that cannot be made: by the error policy they stop the statement, or go to the dead letters. */
export class Refusals {
  private readonly options: StatementTaskOptions;
  private readonly records: RecordCounters;
  private readonly outbox: Outbox;
  private readonly stopping: Stopping;

  constructor(options: StatementTaskOptions, records: RecordCounters, outbox: Outbox, stopping: Stopping) {
    this.options = options;
    this.records = records;
    this.outbox = outbox;
    this.stopping = stopping;
  }

  /** A record of that topic. True: that stops the statement. */
  row(slices: RecordSlices, row: number, version: number, { topic, partition, message, code }: RefusedRecord): boolean {
    const { deadLetterRoute, events } = this.options;
    const { statement } = this;
    const offset = slices.offsets[row] as number;
    const error = new SluiceError(code, message, { coordinates: { statement, topic, partition, offset } });
    if (!this.goesOn) {
      this.stopping.fail(error);
      return true;
    }
    this.records.deadLettered++;
    events.skipped(statement, error);
    if (deadLetterRoute !== null) addRecordLetter(this.outbox.deadLetters, slices, row, { statement, topic, partition, version, error });
    return false;
  }

  /** True: that stops the statement. */
  result(result: RefusedResult): boolean {
    const coordinates = { offset: result.causeOffset };
    const error = new SluiceError("RECORD_TYPE", `result of group ${result.group}: ${result.why}`, { coordinates });
    if (this.goesOn) this.outbox.refuse(result, error);
    else this.stopping.tear(error);
    return !this.goesOn;
  }

  private get statement(): string {
    return writtenName(this.options.plan);
  }

  private get goesOn(): boolean {
    return this.options.plan.statement.settings.errorPolicy === "noop";
  }
}

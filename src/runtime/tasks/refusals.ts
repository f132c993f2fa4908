import { SluiceError } from "../../errors.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import { writtenName } from "../../plan/pipeline-plan.ts";
import type { RecordCounters } from "../counters.ts";
import type { LetterWriter } from "../routes/dead-letter.ts";
import type { Outbox } from "../routes/outbox.ts";
import type { ErrorBudget } from "./error-budget.ts";
import type { RefusedResult } from "./group-emission.ts";
import type { StatementTaskOptions } from "./task-options.ts";

export type RefusalCode = "RECORD_TYPE" | "RECORD_EVENT_TIME" | "RECORD_TARGET" | "RECORD_MALFORMED" | "RECORD_TOMBSTONE";

/** Of which partition a record is, and what is wrong with it. */
export interface RefusedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly message: string;
  readonly code: RefusalCode;
  /** Records of the batch before it that are not counted yet. */
  readonly before: number;
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
  private readonly letters: LetterWriter;
  private readonly budget: ErrorBudget;

  constructor(
    options: StatementTaskOptions,
    { letters, budget }: { readonly letters: LetterWriter; readonly budget: ErrorBudget },
    records: RecordCounters,
    outbox: Outbox,
    stopping: Stopping,
  ) {
    this.letters = letters;
    this.budget = budget;
    this.options = options;
    this.records = records;
    this.outbox = outbox;
    this.stopping = stopping;
  }

  /** A record of that topic. True: that stops the statement. */
  row(slices: RecordSlices, row: number, version: number, { topic, partition, message, code, before }: RefusedRecord): boolean {
    const { deadLetterRoute, events } = this.options;
    const { statement } = this;
    const offset = slices.offsets[row] as number;
    const error = new SluiceError(code, message, { coordinates: { statement, topic, partition, offset } });
    const stop = this.goesOn ? this.budget.spend(error, before + 1) : error;
    if (stop !== null) {
      this.stopping.fail(stop);
      return true;
    }
    this.records.deadLettered++;
    events.skipped(statement, error);
    const of = { statement, topic, partition, version, error };
    if (deadLetterRoute !== null) this.letters.addRecord(this.outbox.deadLetters, slices, row, of);
    return false;
  }

  /** True: that stops the statement. */
  result(result: RefusedResult): boolean {
    const coordinates = { offset: result.causeOffset };
    const error = new SluiceError("RECORD_TYPE", `result of group ${result.group}: ${result.why}`, { coordinates });
    const stop = this.goesOn ? this.budget.spend(error) : error;
    if (stop === null) this.outbox.refuse(result, error);
    else this.stopping.tear(stop);
    return stop !== null;
  }

  private get statement(): string {
    return writtenName(this.options.plan);
  }

  private get goesOn(): boolean {
    return this.options.plan.statement.settings.errorPolicy === "noop";
  }
}

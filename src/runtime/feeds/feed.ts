import type { StatementTask } from "../tasks/statement-task.ts";

export interface FeedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A place in a log, by the name that notes call it. */
export type LogOffset = Omit<FeedOffset, "partition">;

/** Feeds tasks of one partition with the records of their log. */
export interface Feed {
  readonly partition: number;
  /** The log that its tasks go by: a topic, or what is merged of several. */
  readonly topic: string;
  /** The statement whose times are its own, though others may read the same log; null: there is none. */
  readonly timesOf: string | null;
  /** The topic that is shown as theirs: that of FROM. */
  readonly shownTopic: string;
  readonly tasks: readonly StatementTask[];
  /** Every task has come to the end of the bounded run, or has failed. */
  readonly isAtEnd: boolean;
  /** The lowest durable cursors of running tasks on each topic: for lag tools. */
  readonly offsets: readonly FeedOffset[];
  /** No statement will go back behind it, on each log. */
  readonly lowest: readonly LogOffset[];
  /** Records that the task has not taken yet. */
  lagOf(task: StatementTask): number;
  /** Notes below are not needed any more. */
  forgetBelow(topic: string, offset: number): void;
  start(): void;
  finishAt(endOf: (topic: string, partition: number) => number): void;
  /** What a silence of that length before `wallMs` does at the end of the log, as if it had been listened to. */
  fallSilent(silentMs: number, wallMs: number, stopping: AbortSignal): Promise<void>;
  /** Stops feeding; resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

import type { LogMark } from "../../model/record-slices.ts";
import type { InputHeader } from "../../state/journal/blob.ts";
import { RepeatFilter } from "./repeat-filter.ts";

/** How far a task has taken one of the logs that are merged for it. */
export interface InputPlace {
  readonly topic: string;
  readonly partition: number;
  /** What notes call the log: the topic, and where it is not the task's own, the partition. */
  readonly log: string;
  readonly topicId: string | null;
  /** The next offset to take. */
  cursor: number;
  /** The next record counts as of then at least. */
  logTimeMs: number;
  mark: LogMark | null;
  readonly repeats: RepeatFilter;
  /** A table, all of whose records come before those of streams, as none of these has been there yet. */
  isLoading: boolean;
}

/** Which of the logs it is. */
export type PlaceOf = Pick<InputPlace, "topic" | "topicId" | "partition" | "log">;

/** `own`: the partition of the task. */
export function partitionLog(topic: string, partition: number, own: number): string {
  return partition === own ? topic : `${topic}[${partition}]`;
}

export function firstPlace(of: PlaceOf, cursor: number, isLoading: boolean): InputPlace {
  return { ...of, cursor, logTimeMs: Number.NEGATIVE_INFINITY, mark: null, repeats: new RepeatFilter({}), isLoading };
}

export function placeFrom({ origins, logTimeMs, isLoading = false, ...kept }: InputHeader, { partition, log }: PlaceOf): InputPlace {
  return { ...kept, partition, log, logTimeMs: logTimeMs ?? Number.NEGATIVE_INFINITY, repeats: new RepeatFilter(origins), isLoading };
}

export function headerOf({ repeats, logTimeMs, isLoading, partition: _, log: __, ...place }: InputPlace): InputHeader {
  const header = { ...place, logTimeMs: Number.isFinite(logTimeMs) ? logTimeMs : null, origins: repeats.kept() };
  return isLoading ? { ...header, isLoading } : header;
}

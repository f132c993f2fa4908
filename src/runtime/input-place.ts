import type { LogMark } from "../model/record-slices.ts";
import type { InputHeader } from "../state/journal/blob.ts";
import { RepeatFilter } from "./repeat-filter.ts";

/** How far a task has taken one of the logs that are merged for it. */
export interface InputPlace {
  readonly topic: string;
  readonly topicId: string | null;
  /** The next offset to take. */
  cursor: number;
  /** The next record counts as of then at least. */
  logTimeMs: number;
  mark: LogMark | null;
  readonly repeats: RepeatFilter;
}

export function firstPlace(topic: string, topicId: string | null, cursor: number): InputPlace {
  return { topic, topicId, cursor, logTimeMs: Number.NEGATIVE_INFINITY, mark: null, repeats: new RepeatFilter({}) };
}

export function placeFrom({ origins, logTimeMs, ...kept }: InputHeader): InputPlace {
  return { ...kept, logTimeMs: logTimeMs ?? Number.NEGATIVE_INFINITY, repeats: new RepeatFilter(origins) };
}

export function headerOf({ repeats, logTimeMs, ...place }: InputPlace): InputHeader {
  return { ...place, logTimeMs: Number.isFinite(logTimeMs) ? logTimeMs : null, origins: repeats.kept() };
}

import { InvalidArgumentError } from "commander";
import { parseTimestamp, TIMESTAMP_MS_MAX } from "../model/timestamp-text.ts";
import type { LogPlace } from "../plan/pipeline-plan.ts";

/** A number below is not meant as a time in ms: it would be one before March 1973. */
const TIME_MS_MIN = 1e11;

/** A time in ISO 8601 or ms since 1970, or `offset:1200`. Throws InvalidArgumentError. */
export function readLogPlace(text: string): LogPlace {
  const offset = /^offset:(\d+)$/i.exec(text)?.[1];
  if (offset !== undefined && Number.isSafeInteger(Number(offset))) return { offset: Number(offset) };
  if (/^\d+$/.test(text)) {
    const timeMs = Number(text);
    if (timeMs >= TIME_MS_MIN && timeMs <= TIMESTAMP_MS_MAX) return { timeMs };
    throw new InvalidArgumentError(`As milliseconds since 1970 that is hardly meant; an offset is offset:${text}.`);
  }
  const timeMs = parseTimestamp(text);
  if (timeMs !== undefined) return { timeMs };
  throw new InvalidArgumentError("A place is a time such as 2026-11-01T00:00:00Z, milliseconds since 1970, or offset:1200.");
}

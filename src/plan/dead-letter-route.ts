import type { StatementSettings } from "../model/statement.ts";
import { NO_OPTIONS, type TargetOptions } from "../model/target-options.ts";
import { BIGINT, INT, STRING, TIMESTAMP } from "../model/type.ts";
import type { RouteTarget, TargetKind } from "../ports/sink.ts";
import { plainTarget } from "./plain-target.ts";

/** Of a letter; those behind `headers` came later: tables and indexes of before get them. */
const COLUMNS = [
  ["statement", STRING],
  ["topic", STRING],
  ["partition", INT],
  ["offset", BIGINT],
  ["step", STRING],
  ["code", STRING],
  ["error", STRING],
  ["at", TIMESTAMP],
  ["key", STRING],
  ["value", STRING],
  ["headers", STRING],
  ["document", STRING],
  ["attempts", INT],
  ["version", BIGINT],
  ["kept", STRING],
  ["redrivenAt", TIMESTAMP],
  ["change", STRING],
] as const;

const SECOND_MS = 1_000;

/** What a dead letter holds; its identity is in the id (`runtime.md` §11). null: they are counted only. */
export function deadLetterRoute({
  deadLetters,
  deadLettersRetentionMs: retentionMs,
}: Pick<StatementSettings, "deadLetters" | "deadLettersRetentionMs">): RouteTarget | null {
  if (deadLetters === null) return null;
  const { connection, kind, name } = deadLetters;
  return {
    ...plainTarget(connection, kind, name),
    columns: COLUMNS.map(([column, type]) => ({ name: column, type })),
    keyColumns: ["statement", "topic", "partition", "offset", "step"],
    // By the time of the record, so that a repeat meets its letter.
    suffix: kind === "index" && retentionMs !== null ? "_{yyyy-MM-dd}" : null,
    ttlSeconds: kind === "table" && retentionMs !== null ? Math.ceil(retentionMs / SECOND_MS) : null,
    // Letters of refused changes come later than those of records behind: no reader may take that for a repeat.
    topicReading: "table",
    options: optionsOf(kind, retentionMs),
  };
}

/** An index of a day that is long over is made when a letter of it comes, and counts its age from then. */
function optionsOf(kind: TargetKind, retentionMs: number | null): TargetOptions {
  const retirement = kind === "index" && retentionMs !== null ? { closeAfterMs: null, deleteAfterMs: retentionMs, revives: true } : null;
  const isKept = kind === "topic" && retentionMs === null;
  return { ...NO_OPTIONS, autoevolve: true, retirement, isKept, retentionMs: kind === "table" ? null : retentionMs };
}

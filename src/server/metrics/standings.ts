import type { PartitionProgress, StatementProgress } from "../../runtime/protocol.ts";
import type { ServerContext } from "../server-context.ts";
import type { Labels } from "./families.ts";

/** All statements of all pipelines, with the labels that name them. */
export function standings({ deployments, fleet }: ServerContext): readonly (readonly [Labels, StatementProgress])[] {
  return deployments
    .list()
    .flatMap(({ name: pipeline }) =>
      (fleet.status(pipeline)?.statements ?? []).map((statement) => [{ pipeline, statement: statement.name }, statement] as const),
    );
}

/** How old the last record is that was taken, as long as there are others behind it; 0 at the end of the log. */
export function lagSeconds({ lag, recordTimeMs }: PartitionProgress, nowMs: number): number | null {
  if (lag === 0) return 0;
  return recordTimeMs === null ? null : Math.max(nowMs - recordTimeMs, 0) / 1000;
}

/** How far event time is behind the clock; null: the statement goes by none. */
export function watermarkDelaySeconds({ streamTimeMs }: PartitionProgress, nowMs: number): number | null {
  return streamTimeMs === null ? null : Math.max(nowMs - streamTimeMs, 0) / 1000;
}

import type { PartitionProgress, StatementProgress } from "../runtime/protocol.ts";
import type { Labels } from "./metrics/families.ts";
import type { ServerContext } from "./server-context.ts";

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

/** Of the partitions that `measure` knows; null: of none. */
export function worst(
  { partitions }: Pick<StatementProgress, "partitions">,
  measure: (partition: PartitionProgress, nowMs: number) => number | null,
  nowMs: number,
): number | null {
  const known = partitions.map((partition) => measure(partition, nowMs)).filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** How far event time is behind the clock; null: the statement goes by none. */
export function watermarkDelaySeconds({ streamTimeMs }: PartitionProgress, nowMs: number): number | null {
  return streamTimeMs === null ? null : Math.max(nowMs - streamTimeMs, 0) / 1000;
}

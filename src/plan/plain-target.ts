import { NO_OPTIONS } from "../model/target-options.ts";
import type { RouteTarget, TargetKind } from "../ports/sink.ts";

/** A target that takes rows as they come, with no options. */
export function plainTarget(connection: string, kind: TargetKind, name: string): RouteTarget {
  return {
    connection,
    kind,
    name,
    mode: "insert",
    columns: [],
    keyColumns: [],
    suffix: null,
    autocreate: true,
    batchSize: null,
    ttlSeconds: null,
    topicReading: "stream",
    compacted: false,
    partitions: null,
    options: NO_OPTIONS,
  };
}

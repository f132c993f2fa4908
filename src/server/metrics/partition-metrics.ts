import { LIMITS } from "../../limits.ts";
import type { PartitionProgress, StatementProgress } from "../../runtime/protocol.ts";
import type { ServerContext } from "../server-context.ts";
import { lagSeconds, standings, watermarkDelaySeconds } from "../standings.ts";
import { eachOf, type Families, type Labels, type Sample } from "./families.ts";
import { byOutcome, RECORDS } from "./statement-metrics.ts";

/** Statements by partition; of those with more partitions than the limit only the sums are shown, by `statement-metrics.ts`. */
export function partitionMetrics(families: Families, context: ServerContext): void {
  const places = (): readonly Sample<PartitionProgress>[] => standings(context).flatMap(placesOf);
  const each = eachOf(places);
  const nowMs = (): number => context.env.clock.now();
  families.counter(
    "sluice_partition_in_total",
    "Records taken since the beginning of the statement's state.",
    each(({ counters }) => counters.in),
  );
  families.counter("sluice_partition_records_total", "What became of them.", () =>
    places().flatMap(([labels, { counters }]) => byOutcome([labels, counters], RECORDS)),
  );
  families.gauge(
    "sluice_partition_position",
    "The next offset that is taken.",
    each(({ position }) => position),
  );
  families.gauge(
    "sluice_partition_durable_position",
    "The next offset that would be taken after a crash.",
    each(({ durable }) => durable),
  );
  families.gauge(
    "sluice_partition_lag_records",
    "Records between the position and the end of the log.",
    each(({ lag }) => lag),
  );
  families.gauge(
    "sluice_partition_lag_seconds",
    "Age of the last record taken; 0 at the end of the log.",
    each((partition) => lagSeconds(partition, nowMs())),
  );
  families.gauge(
    "sluice_partition_watermark_delay_seconds",
    "How far event time is behind the clock.",
    each((partition) => watermarkDelaySeconds(partition, nowMs())),
  );
}

function placesOf([labels, { partitions }]: readonly [Labels, StatementProgress]): readonly Sample<PartitionProgress>[] {
  if (partitions.length > LIMITS.metricPartitionsMax) return [];
  return partitions.map((one) => [{ ...labels, topic: one.topic, partition: String(one.partition) }, one]);
}

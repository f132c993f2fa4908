import { readOriginHeader } from "../../src/model/origin-header.ts";
import type { LogRecord } from "./sim-log.ts";
import type { Simulation } from "./simulation.ts";
import { deadLettersOf } from "./statement-parts.ts";
import type { TargetKind } from "./workload.ts";

/** What a target holds, as texts in an order of their own. */
export function contentsOf(
  { indexes, tables, broker, kafka }: Simulation,
  kind: TargetKind,
  name: string,
  isStream: boolean,
): readonly string[] {
  switch (kind) {
    case "index":
      return [...indexes.contents(name).values()].sort();
    case "table":
      return [...tables.contents(`ks.${name}`).values()].map(inOrder).sort();
    default: {
      const partitions = broker.topics.get(name)?.partitions ?? [];
      const texts = partitions.flatMap(({ records }) => {
        if (!isStream) return latestByKey(records);
        // Whoever reads committed records sees each of them once, without looking at their headers.
        return (kafka?.targets.has(name) === true ? records : firstTimes(records)).map(textOf);
      });
      return texts.sort();
    }
  }
}

/** What is looked at of a dead letter. */
export interface Letter {
  readonly statement: string;
  readonly partition: number;
  readonly offset: number;
  readonly step: string;
  readonly version: number;
  readonly document?: string | null;
}

/** Each once: in a topic the last that was said of it. */
export function lettersOf({ scenario, indexes, tables, broker }: Simulation, pipeline: string): readonly Letter[] {
  const name = deadLettersOf(pipeline);
  const inTopic = (): ReadonlyMap<string, string> => {
    const records = broker.topics.get(name)?.partitions.flatMap((partition) => partition.records) ?? [];
    return new Map(records.map(({ key, value }) => [String(key), String(value)]));
  };
  const kept = { index: () => indexes.contents(name), table: () => tables.contents(`ks.${name}`), topic: inTopic }[scenario.lettersIn]();
  return [...kept.values()].map((text) => JSON.parse(text) as Letter);
}

const textOf = ({ value }: LogRecord): string => value?.toString() ?? "null";

/** Without repeats, and without what a zombie wrote after its successor: by origin the place must rise. */
export function firstTimes(records: readonly LogRecord[]): readonly LogRecord[] {
  const last = new Map<string, readonly [generation: number, offset: number, ordinal: number]>();
  return records.filter(({ headers }) => {
    const mark = headers === null ? null : readOriginHeader(headers, 0, headers.length);
    if (mark === null || mark.place.kind !== "position") return true;
    const origin = `${mark.pipeline} ${mark.statement} ${mark.partition}`;
    const [generation, offset, ordinal] = last.get(origin) ?? [0, -1, -1];
    if (mark.generation < generation) return false;
    const { causeOffset, causeOrdinal } = mark.place;
    const isHigher = causeOffset > offset || (causeOffset === offset && causeOrdinal > ordinal);
    last.set(origin, isHigher ? [mark.generation, causeOffset, causeOrdinal] : [mark.generation, offset, ordinal]);
    return isHigher;
  });
}

/** The latest of each key, of what no zombie wrote. */
function latestByKey(records: readonly LogRecord[]): readonly string[] {
  const generations = new Map<string, number>();
  const found = new Map<string, string>();
  for (const { headers, key, value } of records) {
    const mark = headers === null ? null : readOriginHeader(headers, 0, headers.length);
    if (mark === null) continue;
    const origin = `${mark.pipeline} ${mark.statement} ${mark.partition}`;
    if (mark.generation < (generations.get(origin) ?? 0)) continue;
    generations.set(origin, mark.generation);
    const name = key?.toString() ?? "";
    if (value === null) found.delete(name);
    else found.set(name, value.toString());
  }
  return [...found.values()];
}

/** A row of a table: the order in which its cells came means nothing. */
function inOrder(text: string): string {
  const row = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(Object.fromEntries(Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1))));
}

import { must } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import { parseJson } from "../../model/exact-number.ts";
import { PLAIN_LAYOUT, type RecordLayout } from "../../model/format.ts";
import { ORIGIN_HEADER, type OriginMark, readOriginHeader } from "../../model/origin-header.ts";
import { decodeHeaders } from "../../model/record-headers.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import type { Source } from "../../ports/source.ts";
import { partText } from "../statements/assert-rows.ts";
import type { Trial } from "./trial.ts";

/** A row, or a record, as tests write them. */
export type WrittenRow = Readonly<Record<string, unknown>>;

/** Where a target of a pipeline is looked at. `name`: of one that records name, or that has a date, the one that is meant. */
export interface Target {
  readonly route: RouteTarget;
  readonly name: string;
}

/** Looks at what a trial has written. */
export class WrittenRows {
  private readonly trial: Trial;
  /** Of topics, by `connection.topic` and partition: what was looked at. */
  private readonly seen = new Map<string, number>();

  constructor(trial: Trial) {
    this.trial = trial;
  }

  /** Of an index or table all that it holds, by id; of a topic what came since it was looked at before, in the order of its causes. */
  async of({ route, name }: Target): Promise<readonly WrittenRow[]> {
    const connection = await this.trial.connection(route.connection);
    if (route.kind === "topic") return this.recordsOf(route, name, must(connection.source));
    const rows: WrittenRow[] = [];
    for await (const slices of connection.readTable(name, NEVER) ?? []) {
      for (let row = 0; row < slices.count; row++) {
        const [key, value] = [partOf(slices, row, "key"), partOf(slices, row, "value")];
        rows.push({ _key: key, ...(parseJson(value ?? "{}") as WrittenRow) });
      }
    }
    return rows;
  }

  private async recordsOf(route: RouteTarget, topic: string, source: Source): Promise<readonly WrittenRow[]> {
    const records: { readonly row: WrittenRow; readonly origin: OriginMark | null }[] = [];
    const { partitions = 0 } = (await source.describeTopic(topic)) ?? {};
    for (let partition = 0; partition < partitions; partition++) {
      const place = `${route.connection}.${topic} ${partition}`;
      const { startOffset, endOffset } = await source.bounds(topic, partition);
      const reader = source.openPartition(topic, partition);
      for (let offset = this.seen.get(place) ?? startOffset; offset < endOffset; ) {
        const fetched = await reader.fetch({ offset, maxBytes: LIMITS.fetchBytesMin, waitMs: 0, signal: NEVER });
        for (const slices of fetched.batches) {
          for (let row = 0; row < slices.count; row++) records.push(recordOf(slices, row, route.options.layout));
        }
        offset = fetched.nextOffset;
      }
      this.seen.set(place, endOffset);
    }
    return records.toSorted((left, right) => order(left.origin, right.origin)).map(({ row }) => row);
  }
}

const NEVER = new AbortController().signal;

function recordOf(
  slices: RecordSlices,
  row: number,
  layout: RecordLayout,
): { readonly row: WrittenRow; readonly origin: OriginMark | null } {
  const [start, end] = [slices.headerStarts[row] as number, slices.headerEnds[row] as number];
  const headers = decodeHeaders(slices.bytes, start, end).filter(([name]) => name !== ORIGIN_HEADER);
  const value = partOf(slices, row, "value", layout);
  return {
    origin: start < 0 ? null : readOriginHeader(slices.bytes, start, end),
    row: {
      key: keyOf(partOf(slices, row, "key", layout), layout),
      value: value === null ? null : jsonOrText(value),
      timestamp: new Date(slices.timestampsMs[row] as number).toISOString(),
      partition: slices.partition,
      headers: Object.fromEntries(headers.map(([name, text]) => [name, text?.toString() ?? null])),
    },
  };
}

/** Keys are texts, unless they have columns. */
function keyOf(text: string | null, layout: RecordLayout): unknown {
  return text === null || layout.key === null ? text : jsonOrText(text);
}

function partOf(slices: RecordSlices, row: number, part: "key" | "value", layout: RecordLayout = PLAIN_LAYOUT): string | null {
  const [starts, ends] = part === "key" ? [slices.keyStarts, slices.keyEnds] : [slices.valueStarts, slices.valueEnds];
  return partText(slices.bytes, starts[row] as number, ends[row] as number, layout[part]);
}

function jsonOrText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** By what caused the records, so that the order is the same in every run. Other writers' records go first. */
function order(left: OriginMark | null, right: OriginMark | null): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  const [a, b] = [placeOf(left), placeOf(right)];
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || (left.statement < right.statement ? -1 : Number(left.statement > right.statement));
}

function placeOf({ partition, place }: OriginMark): readonly [number, number, number] {
  return place.kind === "version" ? [partition, place.version, 0] : [partition, place.causeOffset, place.causeOrdinal];
}

import { FormatError } from "../../adapters/codecs/formats/format-error.ts";
import { writeColumns } from "../../adapters/codecs/formats/json-columns.ts";
import { codecOf } from "../../adapters/codecs/formats/layout-codec.ts";
import type { BoundRow } from "../../analyze/bind-values.ts";
import type { ResolvedSource } from "../../analyze/resolve-name.ts";
import type { DeclaredColumn } from "../../catalog/catalog.ts";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { parseJson } from "../../model/exact-number.ts";
import { columnsOfLayout, type Layout, PLAIN_LAYOUT, readingLayout } from "../../model/format.ts";
import { decodeHeaders } from "../../model/record-headers.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { StatementContext } from "./context.ts";

/** A row as ASSERT sees it: columns by name, as JSON has them. */
export interface SeenRow {
  readonly columns: ReadonlyMap<string, unknown>;
  /** Of a topic: a record without value. */
  readonly deleted: boolean;
  readonly partition: number;
  /** Behind it the next one is looked for. */
  readonly nextOffset: number;
}

export interface Look {
  /** What can be meant now. */
  next(): Promise<readonly SeenRow[]>;
  /** It was meant, and is behind us. */
  take(row: SeenRow): void;
}

/** The next record of each partition. */
export function seenInTopic(relation: ResolvedSource, row: BoundRow, { resources }: StatementContext): Look {
  const place = `${relation.connection.name}.${relation.name}`;
  const offsets = resources.asserted.get(place) ?? new Map<number, number>();
  resources.asserted.set(place, offsets);
  const columns = row.map(({ column }): DeclaredColumn => column);
  return {
    next: async () => {
      const source = await resources.source(relation.connection.name);
      const topic = await source.describeTopic(relation.name);
      if (topic === null) return [];
      const heads = await Promise.all(
        Array.from({ length: topic.partitions }, async (_, partition) => {
          const { startOffset, endOffset } = await source.bounds(relation.name, partition);
          const reader = source.openPartition(relation.name, partition);
          try {
            for (let offset = offsets.get(partition) ?? startOffset; offset < endOffset; ) {
              const signal = AbortSignal.timeout(LIMITS.backoffMsMax);
              const fetched = await reader.fetch({ offset, maxBytes: LIMITS.fetchBytesMin, waitMs: LIMITS.fetchWaitMs, signal });
              const slices = fetched.batches.find(({ count }) => count > 0);
              if (slices !== undefined) return [seenRecord(slices, 0, columns, relation)];
              offset = fetched.nextOffset;
            }
            return [];
          } finally {
            await reader.close();
          }
        }),
      );
      return heads.flat();
    },
    take: ({ partition, nextOffset }) => offsets.set(partition, nextOffset),
  };
}

/** All rows of an index or table, in no order. */
export function seenInTable(relation: ResolvedSource, { resources }: StatementContext): Look {
  return {
    next: async () => {
      const connection = await resources.connection(relation.connection.name);
      const signal = AbortSignal.timeout(LIMITS.backoffMsMax);
      const rows: SeenRow[] = [];
      for await (const slices of connection.readTable(relation.name, signal) ?? []) {
        for (let row = 0; row < slices.count; row++) rows.push(seenRecord(slices, row, [], relation));
        if (rows.length > ROWS_MAX)
          throw new SluiceError("LIMIT_EXCEEDED", `${relation.name} has more than ${ROWS_MAX} rows to look through`);
      }
      return rows;
    },
    take: () => {},
  };
}

/** Whoever tests has few; more would be read again and again. */
const ROWS_MAX = 10_000;

function seenRecord(slices: RecordSlices, row: number, columns: readonly DeclaredColumn[], { stream }: ResolvedSource): SeenRow {
  const layout = stream === null ? PLAIN_LAYOUT : readingLayout(stream.layout);
  const key = partText(slices.bytes, slices.keyStarts[row] as number, slices.keyEnds[row] as number, layout.key);
  const value = partText(slices.bytes, slices.valueStarts[row] as number, slices.valueEnds[row] as number, layout.value);
  const seen = new Map<string, unknown>(value === null ? [] : Object.entries(objectOf(value)));
  seen.set("_key", key).set("_timestamp", new Date(slices.timestampsMs[row] as number).toISOString());
  const isFields = layout.key !== null || columns.some(({ place }) => place?.of === "key-field");
  const isText = stream?.keyFormat === "string" || stream?.keyFormat === "bytes";
  for (const { name, type, place } of columns) {
    if (place?.of === "header") seen.set(name, headerOf(slices, row, place.name));
    else if (place !== undefined || (value === null && name === stream?.keyField)) {
      const whole = key === null ? null : isText && type.kind === "string" ? key : json(key);
      seen.set(name, isFields ? (isObject(whole) ? (whole[name] ?? null) : null) : whole);
    }
  }
  return { columns: seen, deleted: value === null, partition: slices.partition, nextOffset: (slices.offsets[row] as number) + 1 };
}

/** A key or value as text; of another layout than JSON and text as a JSON object of its columns. What is none stays as it is. */
export function partText(bytes: Buffer, start: number, end: number, layout: Layout | null): string | null {
  if (start < 0) return null;
  if (layout === null) return bytes.toString("utf8", start, end);
  try {
    return writeColumns(columnsOfLayout(layout), false)(codecOf(layout).read(bytes, start, end));
  } catch (error) {
    if (error instanceof FormatError) return bytes.toString("utf8", start, end);
    throw error;
  }
}

function headerOf(slices: RecordSlices, row: number, wanted: string): string | null {
  const headers = decodeHeaders(slices.bytes, slices.headerStarts[row] as number, slices.headerEnds[row] as number);
  return headers.findLast(([name]) => name === wanted)?.[1]?.toString() ?? null;
}

function objectOf(text: string): Record<string, unknown> {
  const value = json(text);
  return isObject(value) ? value : { _value: value };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is no JSON stays text. */
function json(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

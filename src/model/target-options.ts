import { PLAIN_LAYOUT, type RecordLayout } from "./format.ts";

/** What only some targets know: plain data, part of the physical plan. */
export interface TargetOptions {
  /** Records say which target they go to: a sink is opened for each name, when its first change comes. */
  readonly dynamic: boolean;
  /** Elasticsearch: the ingest pipeline that documents go through; null: that of the index, if it has one. */
  readonly ingestPipeline: string | null;
  /** Tables: columns that are missing are added. */
  readonly autoevolve: boolean;
  /** Topics: how record batches are compressed; null: as the connection says. */
  readonly compression: TopicCompression | null;
  /** Cassandra: its consistency level, in upper case; null: as the connection says. */
  readonly consistency: string | null;
  /** Tables: a NULL leaves the cell as it is, instead of emptying it. */
  readonly nullsUnset: boolean;
  /** Elasticsearch: a data stream, which rows are added to and nothing else. */
  readonly dataStream: boolean;
  /** Elasticsearch: what becomes of dated indexes; null: they stay. */
  readonly retirement: IndexRetirement | null;
  /** Topics that are made, and embedded indexes: how long what is written is kept, counted from then; null: no word of it. */
  readonly retentionMs: number | null;
  /** Topics that are made: nothing goes by its age or the size of the log, whatever the brokers' defaults are. */
  readonly isKept: boolean;
  /** Topics: how records are written. A key that has a layout comes as a JSON object of its columns, as rows do. */
  readonly layout: RecordLayout;
}

/** Counted from the end of the time that the name of an index stands for. */
export interface IndexRetirement {
  /** null: they are not closed. */
  readonly closeAfterMs: number | null;
  /** null: they are not deleted. */
  readonly deleteAfterMs: number | null;
  /** Rows of a time that is over bring its index back; else they are refused. */
  readonly revives: boolean;
}

export type TopicCompression = "gzip" | "snappy" | "lz4";

export const NO_OPTIONS: TargetOptions = {
  dynamic: false,
  ingestPipeline: null,
  autoevolve: false,
  compression: null,
  consistency: null,
  nullsUnset: false,
  dataStream: false,
  retirement: null,
  retentionMs: null,
  isKept: false,
  layout: PLAIN_LAYOUT,
};

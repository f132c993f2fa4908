import type { Broker } from "./broker.ts";
import type { DataSetName } from "./data/data-sets.ts";
import type { Usage } from "./measure.ts";

export const ENGINES = ["sluice", "consumer", "kafka-streams", "flink-1.20", "flink-2.2"] as const;
export type Engine = (typeof ENGINES)[number];

/** What a run measured. */
export interface Figures extends Usage {
  /** Records read. */
  readonly messages: number;
  /** From the first records that came to the acknowledgement of the last result. Of a start: to the first result. */
  readonly seconds: number;
  /** Messages a second since half of them had come: without most of the warm-up; null where it is not measured. */
  readonly secondHalfRate: number | null;
  /** CPU since the first records came. */
  readonly workCpuSeconds: number | null;
  /** Rows written. */
  readonly results: number;
}

export interface Run extends Figures {
  readonly name: string;
  /** From 1. */
  readonly round: number;
  /** When it ended, ISO 8601. */
  readonly at: string;
  /** Whether the content of the outputs was read back and compared; their number always is. */
  readonly isVerified: boolean;
}

export interface RunContext {
  readonly broker: Broker;
  /** Of the standard data set. */
  readonly messages: number;
  /** Read the outputs back. */
  readonly verify: boolean;
  /** The checkout whose Sluice is measured. */
  readonly root: string;
}

/** The tables of the documents: beside the peers reading, filters and windows, then further windows and joins, then Nexmark; what windows and joins cost. */
export const TABLES = ["bench", "wide", "nexmark", "costs"] as const;
export type TableName = (typeof TABLES)[number];

/** One line of a table. */
export interface RunDefinition {
  /** Engine, workload and what is special: `sluice W2-kafkajs`. */
  readonly name: string;
  readonly engine: Engine;
  /** Lines of one workload are compared with each other. */
  readonly workload: string;
  readonly dataSet: DataSetName;
  /** Where it is shown; null: nowhere. Those outside the first one are left out unless asked for. */
  readonly table: TableName | null;
  /** Its outputs can be read back and held against what they must be. */
  readonly hasOracle: boolean;
  readonly run: (context: RunContext) => Promise<Figures>;
}

import { CASSANDRA_RULES, CASSANDRA_SINK_RULES } from "./cassandra-rules.ts";
import type { ConnectorProperty } from "./connector-file.ts";
import { ELASTIC_RULES } from "./elastic-rules.ts";
import type { RuleTable } from "./rule.ts";

/** A sink of Stream Reactor whose configurations can be imported. */
export interface SinkKind {
  readonly title: string;
  /** What its connection is. */
  readonly connects: "elasticsearch" | "cassandra";
  /** What the connection is called unless told otherwise. */
  readonly connection: string;
  readonly rules: RuleTable;
  /** Where the table is asked for by name alone, and where with its keyspace. */
  readonly hasKeyspaceOption: boolean;
}

const ELASTIC_6: SinkKind = {
  title: "the Elasticsearch 6 sink",
  connects: "elasticsearch",
  connection: "elastic",
  rules: ELASTIC_RULES,
  hasKeyspaceOption: false,
};
const ELASTIC_7: SinkKind = { ...ELASTIC_6, title: "the Elasticsearch 7 sink" };
const CASSANDRA: SinkKind = {
  title: "the Cassandra sink of releases before 10",
  connects: "cassandra",
  connection: "cassandra",
  rules: CASSANDRA_RULES,
  hasKeyspaceOption: true,
};
const CASSANDRA_SINK: SinkKind = {
  title: "the Cassandra sink of release 10 and later",
  connects: "cassandra",
  connection: "cassandra",
  rules: CASSANDRA_SINK_RULES,
  hasKeyspaceOption: false,
};

/** By the class, of whichever owner of the project; the first that fits. */
const CLASSES: readonly (readonly [RegExp, SinkKind])[] = [
  [/\.connect\.elastic6\..*Sink/i, ELASTIC_6],
  [/\.connect\.elastic\d?\..*Sink/i, ELASTIC_7],
  [/\.connect\.cassandra\.sink\./i, CASSANDRA],
  [/\.connect\.cassandra\.CassandraSinkConnector$/i, CASSANDRA_SINK],
];

/** Options that only the later of the two Cassandra sinks has; their prefix is the same. */
const LATER_CASSANDRA =
  /^connect\.cassandra\.(load\.balancing\.local\.dc|max\.|ignore\.errors\.mode|auth\.|query\.timeout|connection\.pool|driver\.)/;

export type FoundSink =
  | { readonly ok: true; readonly sink: SinkKind }
  | { readonly ok: false; readonly property: ConnectorProperty | null };

/** Which sink a configuration is for: its class says so, else its options do. Not ok: another connector, or none. */
export function sinkOf(properties: readonly ConnectorProperty[]): FoundSink {
  const named = properties.find(({ name }) => name === "connector.class") ?? null;
  const className = named?.value.trim() ?? "";
  // Kafka Connect takes the bare name of a class too.
  const found = CLASSES.find(([pattern]) => pattern.test(className))?.[1];
  if (found !== undefined) return { ok: true, sink: found };
  if (className.includes(".") || /Source/.test(className)) return { ok: false, property: named };
  const has = (pattern: RegExp): boolean => properties.some(({ name }) => pattern.test(name));
  if (has(/^connect\.elastic\./)) return { ok: true, sink: ELASTIC_7 };
  if (has(/^connect\.cassandra\./)) return { ok: true, sink: has(LATER_CASSANDRA) && !has(/\.key\.space$/) ? CASSANDRA_SINK : CASSANDRA };
  return { ok: false, property: named };
}

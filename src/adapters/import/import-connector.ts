import { cassandraContactPoints } from "./cassandra-rules.ts";
import { type ConnectionEntry, ConnectorDraft, type ImportedConnection } from "./connector-draft.ts";
import type { ConnectorFile, ConnectorProperty, ForeignProblem } from "./connector-file.ts";
import { elasticNodes } from "./elastic-rules.ts";
import { readConnectJson } from "./read-connect-json.ts";
import { readProperties } from "./read-properties.ts";
import { ruleFor } from "./rule.ts";
import { type SinkKind, sinkOf } from "./sink-kind.ts";

/** A connector's options in Sluice's words; its routes are still text. */
export interface ImportedConnector {
  readonly sink: SinkKind;
  /** null: it has no name. */
  readonly name: string | null;
  readonly kcql: ConnectorProperty;
  readonly draft: ConnectorDraft;
}

export type ConnectorResult =
  | { readonly ok: true; readonly connector: ImportedConnector }
  | { readonly ok: false; readonly problems: readonly ForeignProblem[] };

/** `source` and `sink` name the connections; null: after what they connect to. */
export interface ConnectionNames {
  readonly source: string | null;
  readonly sink: string | null;
}

/** `.properties`, or JSON where the first character is a brace. */
export function readConnectorFile(text: string): ConnectorFile {
  return /^\uFEFF?\s*\{/.test(text) ? readConnectJson(text) : readProperties(text);
}

/** Applies to every property the rule of its sink; what was carried over and what was not is in the draft's notes. */
export function importConnector(text: string, names: ConnectionNames): ConnectorResult {
  const file = withoutSecrets(readConnectorFile(text));
  if (file.problems.length > 0) return { ok: false, problems: file.problems };
  const found = sinkOf(file.properties);
  if (!found.ok) return { ok: false, problems: [unknownSink(found.property)] };
  const { sink } = found;
  const draft = new ConnectorDraft(file.properties, { source: names.source ?? "kafka", sink: names.sink ?? sink.connection });
  for (const property of file.properties) {
    if (draft.property(property.name) !== property) {
      draft.note("dropped", property, "is given again below, and the last one counts");
      continue;
    }
    const rule = ruleFor(sink.rules, property.name);
    if (rule === null) draft.note("dropped", property, `${sink.title} has no such option`);
    else rule(property, draft);
  }
  if (draft.kcql === null) return { ok: false, problems: [noRoutes(sink)] };
  return { ok: true, connector: { sink, name: draft.text("name"), kcql: draft.kcql, draft } };
}

/** Options that are commented out keep their names, and lose what must not be written down. */
function withoutSecrets(file: ConnectorFile): ConnectorFile {
  const masked = (comment: string): string =>
    comment
      .replace(/((?:passw(?:or)?d|secret|token|credentials?|api[._-]?key)[\w.-]*\s*[=:]\s*)\S.*/i, "$1…")
      .replaceAll(/:\/\/[^\s/@]+@/g, "://…@");
  return { ...file, properties: file.properties.map((property) => ({ ...property, comments: property.comments.map(masked) })) };
}

function unknownSink(property: ConnectorProperty | null): ForeignProblem {
  const what = property === null ? "there is no connector.class" : `'${property.value.trim()}' is none of the sinks that can be imported`;
  const hint = "sinks of Stream Reactor for Elasticsearch and Cassandra can be";
  return { message: what, hint, start: property?.start ?? 0, end: property?.offsets.at(-1) ?? 0 };
}

function noRoutes(sink: SinkKind): ForeignProblem {
  const message = `the routes are missing: connect.${sink.connection}.kcql`;
  return { message, hint: "INSERT INTO … SELECT … FROM …", start: 0, end: 0 };
}

/** Where Kafka is, the connector does not say: its worker knows. */
const BROKERS = "${KAFKA_BROKERS:-localhost:9092}";

/** The connections, with what the options and the routes have said of them; notes of what nobody has said. */
export function connectionsOf({ sink, draft }: ImportedConnector): readonly ImportedConnection[] {
  const kafka = new Map(draft.kafkaSettings);
  if (!kafka.has("brokers")) {
    kafka.set("brokers", { value: BROKERS, comments: [] });
    draft.note("differs", null, "where Kafka is, a connector does not say: KAFKA_BROKERS does");
  }
  const address = sink.connects === "elasticsearch" ? elasticAddress(draft) : cassandraAddress(draft);
  return [
    { name: draft.source, kind: "kafka", settings: kafka },
    { name: draft.sink, kind: sink.connects, settings: new Map([...address, ...draft.sinkSettings]) },
  ];
}

const elasticAddress = (draft: ConnectorDraft): ReadonlyMap<string, ConnectionEntry> =>
  new Map([["nodes", { value: elasticNodes(draft), comments: commentsOn(draft, "connect.elastic.hosts") }]]);

function cassandraAddress(draft: ConnectorDraft): ReadonlyMap<string, ConnectionEntry> {
  const { sinkSettings } = draft;
  if (!sinkSettings.has("localDataCenter")) {
    draft.note("differs", null, "the local data centre has to be named: CASSANDRA_DATACENTER does, and nodetool status shows it");
  }
  if (!sinkSettings.has("consistency"))
    draft.note("differs", null, "rows are written with LOCAL_QUORUM, not LOCAL_ONE: connections.consistency");
  return new Map([
    ["contactPoints", { value: cassandraContactPoints(draft), comments: commentsOn(draft, "connect.cassandra.contact.points") }],
    ["localDataCenter", { value: "${CASSANDRA_DATACENTER:-datacenter1}", comments: [] }],
  ]);
}

const commentsOn = (draft: ConnectorDraft, name: string): readonly string[] => draft.property(name)?.comments ?? [];

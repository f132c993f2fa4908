import { CATALOG, pipelines } from "./workload.ts";

/** As for `workload.ts`: once topics are kept that were made by it, nothing of it may change. */
export const CATALOG_TOPIC = "kept.catalog";
/** What each reading hotter than that is written to, in transactions. */
export const COPIES = "copies";
export const COPIED_ABOVE = 20;

/** Text by pipeline: those of the embedded store, and one whose rows and state are written in transactions. */
export function kafkaPipelines(): ReadonlyMap<string, string> {
  const copies = `${CATALOG}SET 'delivery' = 'transactional'; SET 'error.policy' = 'noop'; SET 'idle.timeout' = '0 s'; SET 'commit.interval' = '50 ms';
INSERT INTO topics.${COPIES} SELECT device, t, _timestamp AS at FROM readings WHERE t > ${COPIED_ABOVE} PK device;`;
  return new Map([...pipelines("topics"), ["copies", copies]]);
}

/** `client`: how topics are read; the ids that a cluster gives to topics are seen by one of the two alone. */
export function kafkaConfig(brokers: readonly string[], client: "platformatic" | "kafkajs"): string {
  return JSON.stringify({
    connections: {
      topics: { kind: "kafka", brokers, client, sessionTimeoutMs: 6_000 },
      elastic: { kind: "embedded", as: "elasticsearch" },
    },
    defaults: { source: "topics", sink: "elastic" },
    server: { catalog: "topics", "catalog.topic": CATALOG_TOPIC },
  });
}

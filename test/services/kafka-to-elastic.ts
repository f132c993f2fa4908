import type { ProvidedServices } from "./provided.ts";

type Address<Name extends keyof ProvidedServices> = NonNullable<ProvidedServices[Name]>;

/** A `sluice.yaml` that reads Kafka and writes to Elasticsearch. */
export function kafkaToElastic({ brokers }: Address<"kafka">, { node }: Address<"elasticsearch">): string {
  return `connections:
  kafka: { kind: kafka, brokers: ${JSON.stringify(brokers)} }
  elastic: { kind: elasticsearch, node: ${JSON.stringify(node)} }
defaults: { source: kafka, sink: elastic }
`;
}

import type { InferredRelation } from "../../catalog/inferred-columns.ts";
import type { KnownRelation } from "../../catalog/known-columns.ts";
import { SluiceError } from "../../errors.ts";
import type { Connection } from "../../ports/connection.ts";
import type { TopicSchema } from "../../ports/schemas.ts";
import type { TopicDescription } from "../../ports/source.ts";
import { asSluiceError } from "../../runtime/as-error.ts";
import { sampleTopic } from "../sample-topic.ts";

/** What a connection tells of a topic. */
export interface TopicFacts {
  /** null: there is none. */
  readonly description: TopicDescription | null;
  /** Of the connection, where this one is missing. */
  readonly others: readonly string[];
  readonly schema: TopicSchema | null;
  /** Why the schema registry could not be asked. */
  readonly registryFailure: SluiceError | null;
  readonly sample: InferredRelation | null;
}

export async function topicFacts({ source, schemas }: Connection, topic: string): Promise<TopicFacts> {
  if (source === null) throw new SluiceError("TOPIC_MISSING", "the connection has no topics");
  const description = await source.describeTopic(topic);
  const others = description === null ? await source.listTopics() : [];
  const asked = await schemas?.of(topic).catch(asSluiceError);
  const failed = asked instanceof SluiceError;
  const sample = description === null ? null : await sampleTopic(source, topic, description.partitions);
  return { description, others, schema: failed ? null : (asked?.value ?? null), registryFailure: failed ? asked : null, sample };
}

/** The fields that a topic has: by its schema, else as sampled; null: nobody knows. */
export function knownRelation({ schema, sample }: TopicFacts): KnownRelation | null {
  if (schema !== null && schema.columns !== null) {
    const columns = schema.columns.map((column) => ({ ...column, presence: null }));
    return { origin: { kind: "registry", subject: schema.subject, version: schema.version }, columns };
  }
  if (sample === null || sample.columns.length === 0) return null;
  return { origin: { kind: "sampled", records: sample.documents }, columns: sample.columns };
}

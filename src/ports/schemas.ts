import type { DataType } from "../model/type.ts";

/** What a schema registry says of the keys or the values of a topic. */
export interface TopicSchema {
  readonly subject: string;
  readonly version: number;
  /** The number that serializers put in front of the data. */
  readonly id: number;
  readonly format: "json" | "avro" | "protobuf";
  /** Fields at the top; null: it describes no object, or in a way that is not understood here. */
  readonly columns: readonly { readonly name: string; readonly type: DataType }[] | null;
}

/** A schema registry beside the topics of a connection. */
export interface TopicSchemas {
  /**
   * The newest schemas of both parts of a topic's records; null: there is none. May be some seconds old.
   * Rejects with CONNECTION_FAILED and CONNECTION_REFUSED_RIGHTS.
   */
  of(topic: string): Promise<{ readonly key: TopicSchema | null; readonly value: TopicSchema | null }>;
}

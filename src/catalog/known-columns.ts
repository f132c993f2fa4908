import type { DataType } from "../model/type.ts";

/** What is known of a relation without anybody having declared it. It tells what will probably fit; records decide. */
export interface KnownRelation {
  readonly origin: KnownOrigin;
  /** Fields of the value, in the order in which they were met or written. */
  readonly columns: readonly KnownColumn[];
}

/** `subject` and `version` in a schema registry; `records`: how many of them were looked at. */
export type KnownOrigin =
  | { readonly kind: "registry"; readonly subject: string; readonly version: number }
  | { readonly kind: "sampled"; readonly records: number };

export interface KnownColumn {
  readonly name: string;
  /** `any`: nothing but nulls was seen, or values that have no type in common. */
  readonly type: DataType;
  /** The share of records that have the field, null or not, from 0 to 1; null: nobody counted. */
  readonly presence: number | null;
}

/** "300 sampled records of temperatures", "version 3 of the schema temperatures-value" */
export function originText(origin: KnownOrigin, topic: string): string {
  if (origin.kind === "registry") return `version ${origin.version} of the schema ${origin.subject}`;
  return `${origin.records} sampled record${origin.records === 1 ? "" : "s"} of ${topic}`;
}

import { isUtf8 } from "node:buffer";
import type { DataType } from "../model/type.ts";
import { merge, type Shape, shapeOfText, typeOfShape, UNSEEN } from "./json-shape.ts";
import type { KnownColumn } from "./known-columns.ts";

/** What sampled records have in common. */
export interface InferredRelation {
  /** Records that were looked at. */
  readonly records: number;
  /** Those whose values are JSON objects; the columns are theirs. */
  readonly documents: number;
  readonly tombstones: number;
  /** Those whose values are no JSON documents in UTF-8. */
  readonly unreadable: number;
  /** The number that stands in front of values which a schema registry's serializer wrote; null: there were none. */
  readonly schemaId: number | null;
  readonly columns: readonly KnownColumn[];
  /** `any`: there are keys of several types, or none. */
  readonly keyType: DataType;
  /** Fields whose value is the record's key, in every record that was looked at; empty also where a record has no key. */
  readonly keyFields: readonly string[];
}

/** Takes records one by one and says what they have in common. */
export class ColumnInference {
  private records = 0;
  private documents = 0;
  private tombstones = 0;
  private unreadable = 0;
  private schemaId: number | null = null;
  private value: Shape = UNSEEN;
  private key: Shape = UNSEEN;
  /** null: no record yet. */
  private keyFields: ReadonlySet<string> | null = null;

  /** The bytes of one record; they are not kept. */
  add(key: Buffer | null, value: Buffer | null): void {
    this.records++;
    if (key !== null) this.key = merge(this.key, keyShape(key));
    if (value === null) {
      this.tombstones++;
      return;
    }
    const text = isUtf8(value) ? value.toString() : null;
    const shape = text === null ? null : shapeOfText(text);
    if (text === null || shape === null) {
      this.unreadable++;
      this.schemaId ??= schemaIdOf(value);
      return;
    }
    if (shape.kind !== "object" && shape.kind !== "map") return;
    this.documents++;
    this.value = merge(this.value, shape);
    this.narrowKeyFields(key, JSON.parse(text) as Readonly<Record<string, unknown>>);
  }

  result(): InferredRelation {
    const { records, documents, tombstones, unreadable, schemaId, value, key } = this;
    const members = value.kind === "object" ? [...value.members] : [];
    const columns = members.map(([name, { shape, count }]) => ({ name, type: typeOfShape(shape), presence: count / documents }));
    return {
      records,
      documents,
      tombstones,
      unreadable,
      schemaId,
      columns,
      keyType: typeOfShape(key),
      keyFields: [...(this.keyFields ?? [])],
    };
  }

  private narrowKeyFields(key: Buffer | null, document: Readonly<Record<string, unknown>>): void {
    const text = key?.toString() ?? null;
    const equals = (name: string): boolean => {
      const field = document[name];
      return (typeof field === "string" || typeof field === "number") && String(field) === text;
    };
    this.keyFields = new Set([...(this.keyFields ?? Object.keys(document))].filter(equals));
  }
}

/** A key that is no JSON object is text as a whole. */
function keyShape(key: Buffer): Shape {
  const shape = isUtf8(key) ? shapeOfText(key.toString()) : { kind: "any" as const };
  return shape?.kind === "object" || shape?.kind === "any" ? shape : { kind: "string" };
}

/** Confluent's serializers write a zero, the schema's number in four bytes, and the data. */
const SCHEMA_HEADER_BYTES = 5;

function schemaIdOf(value: Buffer): number | null {
  return value.length > SCHEMA_HEADER_BYTES && value[0] === 0 ? value.readUInt32BE(1) : null;
}

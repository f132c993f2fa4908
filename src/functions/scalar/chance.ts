import { createHash } from "node:crypto";
import type { BoundExpr } from "../../model/expression.ts";
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING } from "../../model/type.ts";
import { integer, optional, repeated, text } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

const PLACE = [
  { kind: "meta", type: STRING, name: "topic" },
  { kind: "meta", type: INT, name: "partition" },
  { kind: "meta", type: BIGINT, name: "offset" },
] as const satisfies readonly BoundExpr[];

/** What else is by chance follows from the record's place in its log: read again, it gives the same. */
export const chanceFunctions: readonly ScalarFunction[] = [
  {
    name: "uuid",
    synonyms: ["gen_random_uuid"],
    parameters: [optional(text("salt"))],
    result: STRING,
    doc: "An id of its own for each record; a second one of the same record needs another salt.",
    differs: "It follows from topic, partition and offset, so that a record that is read again has the same.",
    examples: [],
    implement: null,
    rewrite: ([salt]) => ({ kind: "call", type: STRING, name: "uuid_of", args: placeOf(salt) }),
  },
  {
    name: "uuid_of",
    synonyms: [],
    parameters: [repeated({ name: "value", type: "text" })],
    result: STRING,
    doc: "The id of these values: equal values have the same.",
    examples: [{ sql: "uuid_of('home', 7)", result: "6152e73c-a7a3-5d08-908a-2e54e1960f82", duckdb: null }],
    implement: (...values: string[]) => {
      const bytes = digest(values).subarray(0, 16);
      // Version 5 (of a name), and the variant of RFC 9562.
      bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
      bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
      return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    },
  },
  {
    name: "random",
    synonyms: ["rand"],
    parameters: [optional(integer("salt"))],
    result: DOUBLE,
    doc: "A number from 0 to below 1 for each record; a second one of the same record needs another salt.",
    differs: "It follows from topic, partition and offset, so that a record that is read again has the same.",
    examples: [],
    implement: null,
    rewrite: ([salt]) => ({ kind: "call", type: DOUBLE, name: "random_of", args: placeOf(salt) }),
  },
  {
    name: "random_of",
    synonyms: [],
    parameters: [repeated({ name: "value", type: "text" })],
    result: DOUBLE,
    doc: "A number from 0 to below 1 that these values have always: for samples of whole groups, such as devices.",
    examples: [
      { sql: "random_of('device-17') = random_of('device-17')", result: true, duckdb: null },
      { sql: "random_of('device-17') < 1", result: true, duckdb: null },
    ],
    implement: (...values: string[]) => digest(values).readUIntBE(0, 6) / 2 ** 48,
  },
  {
    name: "is_sampled",
    synonyms: [],
    parameters: [text("key"), { name: "share", type: "number" }],
    result: BOOLEAN,
    doc: "Whether a key is in a sample of that share of all keys.",
    examples: [{ sql: "is_sampled('device-17', 1)", result: true, duckdb: null }],
    implement: (key: string, share: number) => digest([key]).readUIntBE(0, 6) / 2 ** 48 < share,
  },
];

/** Of values as they are told apart, too: ('a', 'b') is not ('ab'). */
function digest(values: readonly string[]): Buffer {
  return createHash("sha1").update(JSON.stringify(values)).digest();
}

/** The place of the record, and what tells several uses of it apart, as texts. */
function placeOf(salt: BoundExpr | undefined): readonly BoundExpr[] {
  return [...PLACE, ...(salt === undefined ? [] : [salt])].map((operand) =>
    operand.type.kind === "string" ? operand : { kind: "cast", type: STRING, operand, safe: false },
  );
}

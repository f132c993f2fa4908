import { documentField, documentId } from "../../adapters/embedded/document-lookup.ts";
import { SluiceError } from "../../errors.ts";
import { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import { jsonText } from "../../model/exact-number.ts";
import type { BoundLookup } from "../../model/statement.ts";
import { plainTarget } from "../../plan/plain-target.ts";
import type { Connection } from "../../ports/connection.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import type { GivenRecord } from "./row-test-schema.ts";

/** A row of an index or table in which a pipeline looks up rows; null: it is deleted. */
export interface GivenRow {
  readonly id: string;
  readonly document: unknown;
}

/** What a record of a test is as a row: its value, under the fields by which it is looked up, or under its key. Throws TEST_INVALID. */
export function rowOf({ key, value = null, ...rest }: GivenRecord, { name, keys }: BoundLookup): GivenRow {
  const [other] = Object.keys(rest);
  if (other !== undefined)
    throw new SluiceError("TEST_INVALID", `a row of ${name} has no ${other}`, { hint: "key and value are what it has" });
  if (value !== null && (typeof value !== "object" || Array.isArray(value))) {
    throw new SluiceError("TEST_INVALID", `a row of ${name} is a map of its columns, or null`);
  }
  if (key !== undefined) return { id: documentId(Array.isArray(key) ? key : [key]), document: value };
  const missing = keys.find(({ field }) => field.root === "key" || documentField(value, field) === undefined);
  if (missing === undefined) return { id: documentId(keys.map(({ field }) => documentField(value, field))), document: value };
  const what = missing.field.root === "key" ? "its key" : missing.field.path.join(".");
  throw new SluiceError("TEST_INVALID", `a row of ${name} is found by ${what}, and this one has none`, {
    hint: "key: says under what it is found",
  });
}

/** Makes the index or table where it is missing. `version`: of the rows, higher than that of those which they replace. */
export async function writeRows(connection: Connection, name: string, rows: readonly GivenRow[], version: number): Promise<void> {
  const sink = await connection.openSink(targetOf(connection, name));
  const changes = new ChangeBatchBuilder();
  for (const { id, document } of rows) {
    if (document !== null) changes.writer.bytes(Buffer.from(jsonText(document)));
    changes.beginId();
    changes.writer.bytes(Buffer.from(id));
    changes.useIdAsKey();
    if (document === null) changes.addDelete(version, 0, 0, 0, null);
    else changes.addUpsert(version, 0, 0, 0, null);
  }
  const origin = { pipeline: "given", statement: "given", partition: 0, generation: 0 };
  if (rows.length > 0) await sink.write(changes.build(), origin, new AbortController().signal);
  await sink.close();
}

function targetOf({ config }: Connection, name: string): RouteTarget {
  return plainTarget(config.name, config.as === "elasticsearch" ? "index" : "table", name);
}

import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { isDatedNameOf } from "../../model/date-pattern.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { RelationInfo } from "../../ports/connection.ts";
import type { TargetKind } from "../../ports/sink.ts";
import { SlicesBuilder } from "../codecs/slices-builder.ts";
import { asBuffer, type EmbeddedStore } from "./embedded-store.ts";
import { stopIfAborted } from "./stop-if-aborted.ts";

/** The connection that always exists. */
const PLAIN = "embedded";
const ROWS_PER_READ = 1024;

/** The number of an index or table, which is made where it is missing. Inside a `write` only. */
export function relationNumber(store: EmbeddedStore, connection: string, name: string, kind: TargetKind): number {
  const found = store.get("SELECT number FROM relations WHERE connection = ? AND name = ?", connection, name);
  if (found !== undefined) return found["number"] as number;
  return store.run("INSERT INTO relations (connection, name, kind) VALUES (?, ?, ?)", connection, name, kind).lastInsertRowid;
}

/** Topics, indexes and tables of one connection, by name. */
export function listRelations(store: EmbeddedStore, connection: string): RelationInfo[] {
  const select = `SELECT name, 'topic' AS kind FROM topics WHERE connection = ?1
    UNION ALL SELECT name, kind FROM relations WHERE connection = ?1 ORDER BY name, kind`;
  return store.all(select, connection).map((row) => ({ name: row["name"] as string, kind: row["kind"] as TargetKind }));
}

/**
 * The relations that a name means when it is read: the one of that name, else the dated ones (`temps` reads
 * `temps_2026-01-31` …). Of the plain connection also those that only one other connection of the file holds, so that
 * `SELECT * FROM readings` finds what a pipeline wrote through a named one. Empty: there is none. Throws
 * STATEMENT_INVALID where several others hold it.
 */
export function findRelations(store: EmbeddedStore, connection: string, name: string): readonly number[] {
  const all = store.all("SELECT number, connection, name FROM relations ORDER BY connection, name");
  const ofConnection = (wanted: string): readonly number[] => {
    const own = all.filter((row) => row["connection"] === wanted);
    const exact = own.filter((row) => row["name"] === name);
    const found = exact.length > 0 ? exact : own.filter((row) => isDatedNameOf(row["name"] as string, name));
    return found.map((row) => row["number"] as number);
  };
  const own = ofConnection(connection);
  if (own.length > 0 || connection !== PLAIN) return own;
  const holders = [...new Set(all.map((row) => row["connection"] as string))].filter((other) => ofConnection(other).length > 0);
  if (holders.length > 1) {
    const names = holders.map((holder) => `${holder}.${name}`).join(", ");
    throw new SluiceError("STATEMENT_INVALID", `${name} is in several connections; write one of ${names}`);
  }
  return holders.flatMap(ofConnection);
}

/** The documents of a relation in the order of their ids: id as key, document as value, version as time. */
export async function* readDocuments(
  store: EmbeddedStore,
  relation: number,
  name: string,
  nowMs: number,
  signal: AbortSignal,
): AsyncIterable<RecordSlices> {
  const select = `SELECT id, version, document FROM documents
    WHERE relation = ? AND id > ? AND document IS NOT NULL AND (expires_ms IS NULL OR expires_ms > ?) ORDER BY id LIMIT ?`;
  const first = select.replace("AND id > ?", "AND id >= ?");
  const builder = new SlicesBuilder(name, 0);
  let after: string | null = null;
  let row = 0;
  for (;;) {
    stopIfAborted(signal, name);
    const rows = await store.read(() => store.all(after === null ? first : select, relation, after ?? "", nowMs, ROWS_PER_READ));
    for (const { id, version, document } of rows) {
      const timestampMs = Math.floor((version as number) / 1000);
      builder.append(row++, timestampMs, Buffer.from(id as string), asBuffer(document), null);
      after = id as string;
    }
    const isLast = rows.length < ROWS_PER_READ;
    if (isLast || builder.byteLength >= LIMITS.fetchBytesMax) yield* builder.build(row);
    if (isLast) return;
  }
}

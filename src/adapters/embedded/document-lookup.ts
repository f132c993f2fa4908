import { SluiceError } from "../../errors.ts";
import type { FieldPath } from "../../model/column-batch.ts";
import { numberText, parseJson } from "../../model/exact-number.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FoundRow, Lookup, LookupTarget } from "../../ports/lookup.ts";
import { asBuffer, type EmbeddedStore } from "./embedded-store.ts";
import { findRelations } from "./relations.ts";
import { stopIfAborted } from "./stop-if-aborted.ts";

/** Rows of an index or table by their ids, which are the texts of their keys (decision 0008). */
export class DocumentLookup implements Lookup {
  private readonly store: EmbeddedStore;
  private readonly connection: string;
  private readonly target: LookupTarget;
  private readonly clock: Clock;

  constructor(store: EmbeddedStore, connection: string, target: LookupTarget, clock: Clock) {
    this.store = store;
    this.connection = connection;
    this.target = target;
    this.clock = clock;
  }

  /** Rejects with TARGET_MISSING, and with TARGET_MISMATCH where rows have other ids than the fields that are compared. */
  async check(): Promise<void> {
    const { store, target } = this;
    if (target.keys.some(isId)) return;
    const rows = await store.read(() => this.relations().map((relation) => store.get(FIRST, relation)));
    for (const row of rows) {
      if (row === undefined) continue;
      const document = parseJson(asBuffer(row["document"]).toString());
      if (row["id"] === documentId(target.keys.map((key) => documentField(document, key)))) continue;
      const names = target.keys.map(({ path }) => path.join(".")).join(", ");
      const message = `rows of ${target.name} are found by their id, and ${names} is not it: one has the id ${String(row["id"])}`;
      throw new SluiceError("TARGET_MISMATCH", message, { hint: "compare the fields of its key in their order, or _key, which is the id" });
    }
  }

  async find(keys: readonly string[], signal: AbortSignal): Promise<readonly FoundRow[]> {
    const { store, target } = this;
    stopIfAborted(signal, target.name);
    const ids = keys.map((key) => documentId(target.keys.length === 1 ? [parseJson(key)] : (parseJson(key) as unknown[])));
    const rows = await store.read(() =>
      this.relations().flatMap((relation) => store.all(SELECT, relation, JSON.stringify(ids), this.clock.now())),
    );
    const documents = new Map(rows.map(({ id, document }) => [id as string, asBuffer(document)]));
    return ids.map((id) => documents.get(id) ?? null);
  }

  private relations(): readonly number[] {
    const found = findRelations(this.store, this.connection, this.target.name);
    if (found.length > 0) return found;
    const hint = "write rows to it first, or declare a topic of that name (CREATE STREAM, CREATE TABLE)";
    throw new SluiceError("TARGET_MISSING", `there is no index or table ${this.target.name} on ${this.connection}`, { hint });
  }
}

const FIRST = "SELECT id, document FROM documents WHERE relation = ? AND document IS NOT NULL ORDER BY id LIMIT 1";
const SELECT = `SELECT id, document FROM documents WHERE relation = ? AND id IN (SELECT value FROM json_each(?))
  AND document IS NOT NULL AND (expires_ms IS NULL OR expires_ms > ?)`;

function isId({ root }: FieldPath): boolean {
  return root === "key";
}

/** What stands in a document under a path. */
export function documentField(document: unknown, { path }: FieldPath): unknown {
  let value = document;
  for (const name of path) value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return value;
}

/** The id of the row whose key has these values. */
export function documentId(values: readonly unknown[]): string {
  const [only] = values;
  if (values.length > 1) return `[${values.map(jsonOf).join(",")}]`;
  return typeof only === "string" ? only : jsonOf(only);
}

function jsonOf(value: unknown): string {
  return typeof value === "number" || typeof value === "bigint" ? numberText(value) : (JSON.stringify(value) ?? "null");
}

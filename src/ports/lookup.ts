import type { FieldPath } from "../model/column-batch.ts";

/** An index or table, as a statement looks up rows in it. */
export interface LookupTarget {
  /** Index, or table (`keyspace.table`). */
  readonly name: string;
  /** By which fields rows are found, in the order of keys; the whole `key` is the id of a document. */
  readonly keys: readonly FieldPath[];
  /** What is read of a row. */
  readonly fields: readonly FieldPath[];
}

/** What there is of a key: the row as a JSON object with the target's fields at least; null: no row; or why it cannot be said. */
export type FoundRow = Buffer | null | { readonly problem: string };

export interface Lookup {
  /**
   * The rows of keys, in their order; keys are different ones, each a JSON value or, of several fields, a JSON array of them. Numbers that
   * are equal have one text. At most `lookupKeysMax`. Rejects with CONNECTION_FAILED and CHANGE_UNAVAILABLE (may pass), TARGET_MISSING,
   * TARGET_MISMATCH, CONNECTION_REFUSED_RIGHTS, STOPPED (aborted).
   */
  find(keys: readonly string[], signal: AbortSignal): Promise<readonly FoundRow[]>;
}

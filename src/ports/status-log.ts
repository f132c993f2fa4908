/** What one key says from now on. */
export interface StatusEntry {
  readonly key: string;
  /** null: the key is gone. */
  readonly value: string | null;
}

export interface StatusRecord extends StatusEntry {
  /** When it was taken, ms since 1970 by the log's own clock, which is the same for all that read it. */
  readonly timestampMs: number;
}

/** Where servers tell each other how things stand with them. Nothing is lost with it: each knows its own, and tells it again. */
export interface StatusLog {
  /**
   * Tells the latest record of each key, maybe after earlier ones of it, and then what comes, until `signal` is aborted. Rejects where the
   * log cannot be read on: with STORE_UNUSABLE, CONNECTION_FAILED and TARGET_MISMATCH; it may be followed again then, from its beginning.
   */
  follow(onRecords: (records: readonly StatusRecord[]) => void, signal: AbortSignal): Promise<void>;
  /**
   * Durably; of several entries of a key the last one counts. Gives the keys whose values the log does not take, and why. Rejects with
   * CONNECTION_FAILED, where it is not known what was taken: it may be told again; and with STORE_UNUSABLE.
   */
  append(entries: readonly StatusEntry[]): Promise<ReadonlyMap<string, string>>;
}

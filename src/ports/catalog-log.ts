/** What one key of the catalog says from now on. */
export interface CatalogEntry {
  readonly key: string;
  /** JSON text; null: the key is gone. */
  readonly value: string | null;
}

/** A step of the catalog. */
export interface CatalogChange {
  /** Rises with every change, by one as long as nothing was damaged. */
  readonly generation: number;
  readonly entries: readonly CatalogEntry[];
}

/** Something of the log that could not be read. It was put aside, never thrown away. */
export interface CatalogDamage {
  /** Where it stands: file and line, or topic and offset. */
  readonly place: string;
  readonly problem: string;
  /** Where what was damaged can still be looked at; null: nothing is left of it. */
  readonly keptAs: string | null;
}

export interface CatalogContent {
  /** Of the last change; 0: there was none. */
  readonly generation: number;
  /** The latest value of each key, in the order in which the keys came. */
  readonly entries: ReadonlyMap<string, string>;
  readonly damages: readonly CatalogDamage[];
}

export interface CatalogListener {
  /** Each change once and in order: of this process, before its `append` resolves, and of others. */
  onChange(change: CatalogChange): void;
  /** No change is seen any more, and none can be made. */
  onFailed(error: Error): void;
}

/** Where the pipelines that servers hold are kept. */
export interface CatalogLog {
  /**
   * Everything kept; what comes after that is told to the listener. Rejects with STORE_UNUSABLE, and with STORE_BUSY where
   * one process at a time can have it and another has.
   */
  open(listener: CatalogListener): Promise<CatalogContent>;
  /**
   * Durably, and as one unit: after a crash all of the entries are there, or none. The generation is the one behind the last
   * that the listener was told. Rejects with CATALOG_CHANGED where another process was first, once the listener knows;
   * with CONNECTION_FAILED where it is not known whether the change was made: if it was, the listener hears of it.
   */
  append(change: CatalogChange): Promise<void>;
  close(): Promise<void>;
}

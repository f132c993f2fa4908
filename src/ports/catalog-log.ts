/** What one key of the catalog says from now on. */
export interface CatalogEntry {
  readonly key: string;
  /** JSON text; null: the key is gone. */
  readonly value: string | null;
}

/** Something of the log that could not be read. It was put aside, never thrown away. */
export interface CatalogDamage {
  /** Where it stands: file and line. */
  readonly place: string;
  readonly problem: string;
  /** Where the damaged log was kept. */
  readonly keptAs: string;
}

export interface CatalogContent {
  /** The latest value of each key, in the order in which the keys came. */
  readonly entries: ReadonlyMap<string, string>;
  readonly damages: readonly CatalogDamage[];
}

/** Where the pipelines that a server holds are kept. One process has it open at a time. */
export interface CatalogLog {
  /** Everything kept. Rejects with STORE_BUSY while another process has it, and STORE_UNUSABLE. */
  open(): Promise<CatalogContent>;
  /** Durably, and as one unit: after a crash all of the entries are there, or none. Rejects with STORE_UNUSABLE. */
  append(entries: readonly CatalogEntry[]): Promise<void>;
  close(): Promise<void>;
}

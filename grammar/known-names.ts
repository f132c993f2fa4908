/** What the language alone does not know, and its tools are told: the names that somebody could write. */

export type CompletionKind = "keyword" | "field" | "function" | "relation" | "target" | "setting" | "value";

export interface KnownName {
  readonly name: string;
  /** The signature of a function, the type of a field, what a setting takes. */
  readonly detail: string | null;
  readonly doc: string | null;
}

export interface KnownSetting extends KnownName {
  /** The words that it takes, if it takes words. */
  readonly values: readonly string[];
}

export interface KnownNames {
  readonly functions: readonly KnownName[];
  /** What can stand behind FROM. */
  readonly relations: readonly KnownName[];
  /** What can stand behind INTO. */
  readonly targets: readonly KnownName[];
  readonly connections: readonly KnownName[];
  readonly pipelines: readonly KnownName[];
  readonly settings: readonly KnownSetting[];
  /** Of CREATE STREAM … WITH. */
  readonly options: readonly KnownName[];
  readonly types: readonly KnownName[];
  /** Of a relation, by its name as written without quotes; with dots where they are nested. */
  readonly fieldsOf: (relation: string) => readonly KnownName[];
}

export const NO_NAMES: KnownNames = {
  functions: [],
  relations: [],
  targets: [],
  connections: [],
  pipelines: [],
  settings: [],
  options: [],
  types: [],
  fieldsOf: () => [],
};

/** What every record has. */
export const PSEUDO_FIELDS: readonly KnownName[] = [
  { name: "_key", detail: null, doc: "The key of the record, or with a path a field of it." },
  { name: "_value", detail: null, doc: "The value of the record, or with a path a field of it." },
  { name: "_header", detail: null, doc: "With a name a header of the record." },
  { name: "_topic", detail: "STRING", doc: "The topic of the record." },
  { name: "_partition", detail: "INT", doc: "The partition of the record." },
  { name: "_offset", detail: "BIGINT", doc: "The offset of the record in its partition." },
  { name: "_timestamp", detail: "TIMESTAMP", doc: "The time that the record carries." },
  { name: "window_start", detail: "TIMESTAMP", doc: "Where the window of a group begins." },
  { name: "window_end", detail: "TIMESTAMP", doc: "Where the window of a group ends: the first moment that is not in it." },
  { name: "window_row", detail: "BIGINT", doc: "In a window of rows: the number of its first one in its group, from 0." },
];

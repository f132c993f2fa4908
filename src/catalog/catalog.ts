import type { DeclaredLayout, Format } from "../model/format.ts";
import type { DataType } from "../model/type.ts";
import type { ConnectionKind } from "../ports/connection.ts";
import type { KnownRelation } from "./known-columns.ts";

/** What names can mean while a pipeline is analyzed: connections of the configuration and declared streams. */
export interface Catalog {
  readonly connections: ReadonlyMap<string, CatalogConnection>;
  /** Where names without a connection are looked for. */
  readonly defaultSource: string;
  readonly defaultSink: string;
  /** Streams declared in `queries/catalog.sql`, by name as written; the analyzer adds a pipeline's own, and finds them in any case. */
  readonly streams: ReadonlyMap<string, DeclaredStream>;
  /** What was found out about topics without declared columns, by `connection.topic`; left out: nobody asked. */
  readonly known?: ReadonlyMap<string, KnownRelation>;
}

export interface CatalogConnection {
  readonly name: string;
  readonly kind: ConnectionKind;
  /** Which system an embedded connection stands in for; equals `kind` elsewhere. */
  readonly as: ConnectionKind;
  /** Of Cassandra also `keyspace`: where tables are that are named without one. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** What stands before a name without a dot there; null: nothing does. */
export function keyspaceOf({ as, settings }: CatalogConnection): string | null {
  const keyspace = as === "cassandra" ? settings?.["keyspace"] : undefined;
  return typeof keyspace === "string" ? keyspace : null;
}

/** Where a column lies that is no field of the value: in the record key, as a whole or by its field of that name, or in a header. */
export type ColumnPlace = { readonly of: "key" } | { readonly of: "key-field" } | { readonly of: "header"; readonly name: string };

export interface DeclaredColumn {
  readonly name: string;
  readonly type: DataType;
  readonly place?: ColumnPlace;
}

export interface DeclaredStream {
  readonly name: string;
  /** Of a table the latest record of each key counts. */
  readonly kind: "stream" | "table";
  readonly connection: string;
  readonly topic: string;
  readonly columns: readonly DeclaredColumn[];
  readonly keyField: string | null;
  readonly keyFormat: Format;
  readonly layout: DeclaredLayout;
  readonly timestampField: string | null;
  readonly partitions: number | null;
}

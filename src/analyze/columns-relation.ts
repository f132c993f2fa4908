import type { DeclaredStream } from "../catalog/catalog.ts";
import { JSON_LAYOUT } from "../model/format.ts";
import type { QueryColumns } from "../model/query.ts";
import type { ResolvedSource } from "./resolve-name.ts";

/** What belongs to no connection. */
const NOWHERE = { name: "", kind: "embedded", as: "embedded" } as const;

/** Columns of a query as if they were declared; null: any may be there. `keyField`: the column that is the key of a stage's results. */
export function columnsRelation(name: string, columns: QueryColumns, keyField: string | null = null): ResolvedSource {
  const stream: DeclaredStream | null =
    columns === null
      ? null
      : {
          name,
          kind: "stream",
          connection: "",
          topic: name,
          columns,
          keyField,
          keyFormat: "json",
          layout: JSON_LAYOUT,
          timestampField: null,
          partitions: null,
        };
  return { connection: NOWHERE, name, stream };
}

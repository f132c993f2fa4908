import type { DeclaredStream } from "../catalog/catalog.ts";
import { JSON_LAYOUT } from "../model/format.ts";
import type { QueryColumns } from "../model/query.ts";
import type { ResolvedSource } from "./resolve-name.ts";

/** What belongs to no connection. */
const NOWHERE = { name: "", kind: "embedded", as: "embedded" } as const;

export interface ResultKeys {
  /** The column that is the key of a stage's results. */
  readonly keyField: string | null;
  /** `string`: they are those of records whose keys are texts. */
  readonly format: "json" | "string";
}

/** Columns of a query as if they were declared; null: any may be there. */
export function columnsRelation(
  name: string,
  columns: QueryColumns,
  { keyField, format }: ResultKeys = { keyField: null, format: "json" },
): ResolvedSource {
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
          keyFormat: format,
          layout: { ...JSON_LAYOUT, key: { ...JSON_LAYOUT.key, format } },
          timestampField: null,
          partitions: null,
        };
  return { connection: NOWHERE, name, stream };
}

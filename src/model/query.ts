import type { BoundExpr } from "./expression.ts";
import type { BoundAggregate, BoundItem, BoundUnnest, FieldRef } from "./statement.ts";
import type { DataType } from "./type.ts";
import type { QueryWindow } from "./window.ts";

/**
 * A SELECT with its names and types resolved, whole: joins, stages, unions and every window. EXPLAIN shows it. What runs
 * is a `BoundStatement`, made of a query that reads one topic.
 */
export interface BoundQuery {
  readonly from: BoundRelation;
  /** Of relations; elements of arrays are `unnests`. */
  readonly joins: readonly BoundJoin[];
  readonly unnests: readonly BoundUnnest[];
  /** Of all relations, without duplicates. */
  readonly fields: readonly QueryField[];
  readonly where: BoundExpr | null;
  readonly window: QueryWindow | null;
  readonly groupBy: readonly BoundExpr[];
  readonly aggregates: readonly BoundAggregate[];
  readonly aggregated: boolean;
  readonly having: BoundExpr | null;
  readonly items: readonly BoundItem[];
  /** Its groups are its rows. */
  readonly distinct: boolean;
  readonly partitionBy: readonly BoundExpr[];
  readonly eventTime: BoundExpr | null;
  /** The further members of UNION ALL. */
  readonly union: readonly BoundQuery[];
}

/** `relation` counts from 0: FROM, then the joins. */
export interface QueryField extends FieldRef {
  readonly relation: number;
}

export type RelationKind = "stream" | "table" | "unknown";

export type BoundRelation =
  /** An index or table, of which rows are looked up by their key. */
  | { readonly kind: "lookup"; readonly name: string; readonly reads: "table" }
  | { readonly kind: "topic"; readonly name: string; readonly reads: RelationKind }
  | { readonly kind: "query"; readonly name: string; readonly reads: RelationKind; readonly query: BoundQuery };

export interface BoundJoin {
  readonly type: "INNER" | "LEFT" | "RIGHT" | "FULL" | "CROSS";
  readonly right: BoundRelation;
  readonly on: BoundExpr | null;
  readonly within: { readonly beforeMs: number; readonly afterMs: number; readonly graceMs: number } | null;
}

/** What a relation gives to those that read it; null: any field may be there. */
export type QueryColumns = readonly { readonly name: string; readonly type: DataType }[] | null;

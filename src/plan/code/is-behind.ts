import type { BoundStatement } from "../../model/statement.ts";

/** Rows come from what stands in front of the loop: one record may bring several. */
export function isBehind({ joins, stage }: BoundStatement): boolean {
  return joins.length > 0 || stage !== null;
}

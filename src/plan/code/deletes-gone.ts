import { isOfWindow } from "../../analyze/bound-tree.ts";
import type { BoundStatement } from "../../model/statement.ts";

/**
 * Whether results are written under the starts of sessions while these may still move or merge: then the ids that are nobody's any more
 * are deleted, written before or not.
 */
export function deletesGone({ window, emit, distinct, identity }: BoundStatement): boolean {
  if (window?.kind !== "session" || emit !== "changes") return false;
  return distinct || (identity.kind === "columns" && identity.columns.some(({ expr }) => isOfWindow(expr)));
}

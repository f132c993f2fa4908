import { Condition } from "../../model/column-batch.ts";
import { FAILED_KEY, NO_KEY } from "../../plan/code/join-code.ts";
import type { SideRows } from "./operator.ts";
import type { SideKeys } from "./side-keys.ts";

/** Why the row cannot change a table; null: it can. */
export function keyProblem(keys: SideKeys, keyId: number, row: number): string | null {
  if (keyId === FAILED_KEY) return keys.failureOf(row);
  return keyId === NO_KEY ? "a record of a table has no key" : null;
}

export function isTombstone({ batch }: SideRows, row: number): boolean {
  return batch.conditions[row] === Condition.tombstone;
}

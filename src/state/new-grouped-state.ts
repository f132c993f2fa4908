import { assert } from "../assert.ts";
import { collectorsOf } from "../functions/registry.ts";
import type { BoundStatement } from "../model/statement.ts";
import { initialCellsOf } from "../plan/code/group-scope.ts";
import type { GroupedState } from "./grouped-state.ts";
import { WindowState } from "./window-state.ts";

/** The empty state of a statement that aggregates. */
export function newGroupedState({ window, groupBy, aggregates }: BoundStatement): GroupedState {
  const records = { groupParts: groupBy.length, initialCells: initialCellsOf(aggregates), collectors: collectorsOf(aggregates) };
  if (window === null) return new WindowState({ sizeMs: null, graceMs: 0, ...records });
  assert(window.kind === "tumbling", `a ${window.kind} window does not run`);
  return new WindowState({ sizeMs: window.sizeMs, graceMs: window.graceMs, ...records });
}

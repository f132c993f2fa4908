import { must } from "../assert.ts";
import { collectorsOf } from "../functions/registry.ts";
import { type BoundStatement, readsTable } from "../model/statement.ts";
import { isShared, type QueryWindow } from "../model/window.ts";
import { type WindowShape, windowShape } from "../model/window-shape.ts";
import type { CompiledLoop } from "../plan/code/compile-loop.ts";
import { deletesGone } from "../plan/code/deletes-gone.ts";
import { cellOffsetsOf, initialCellsOf } from "../plan/code/group-scope.ts";
import { CountState } from "./count-state.ts";
import type { GroupedState } from "./grouped-state.ts";
import { MergingState } from "./merging-state.ts";
import { PaneState } from "./pane-state.ts";
import { ALL_TIME_SHAPE, PartialState } from "./partial-state.ts";
import { SessionState } from "./session-state.ts";
import { TableState } from "./table-state.ts";
import { WindowState } from "./window-state.ts";

/** Of one partition of the source, for the stage that puts them together. */
export function newPartialState({ window, groupBy, aggregates }: BoundStatement): PartialState {
  const records = { groupParts: groupBy.length, initialCells: initialCellsOf(aggregates), collectors: collectorsOf(aggregates) };
  return new PartialState({ ...shapeOf(window), ...records });
}

/** Of groups that come from so many partitions of the source. */
export function newMergingState(
  { window, groupBy, aggregates, distinct }: BoundStatement,
  { merge }: Pick<CompiledLoop, "merge">,
  partitions: number,
): MergingState {
  const records = { groupParts: groupBy.length, initialCells: initialCellsOf(aggregates), collectors: collectorsOf(aggregates) };
  return new MergingState({ ...shapeOf(window), ...records, merge: must(merge), distinct, partitions });
}

function shapeOf(window: QueryWindow | null): { readonly shape: WindowShape; readonly graceMs: number } {
  if (window === null) return { shape: ALL_TIME_SHAPE, graceMs: 0 };
  if (!isShared(window)) throw new Error(`assertion failed: a ${window.kind} window is not repartitioned`);
  return { shape: windowShape(window), graceMs: window.graceMs };
}

/** The empty state of a statement that aggregates. */
export function newGroupedState(statement: BoundStatement, { merge }: Pick<CompiledLoop, "merge">): GroupedState {
  const { window, groupBy, aggregates, distinct } = statement;
  const records = { groupParts: groupBy.length, initialCells: initialCellsOf(aggregates), collectors: collectorsOf(aggregates) };
  if (window === null) {
    const state = new WindowState({ shape: null, graceMs: 0, ...records });
    return readsTable(statement) ? new TableState(state, aggregates.length, rowsCellOf(aggregates)) : state;
  }
  if (window.kind === "session") {
    const { gapMs, graceMs } = window;
    return new SessionState({ gapMs, graceMs, merge: must(merge), deletesGone: deletesGone(statement), ...records });
  }
  if (window.kind === "count") {
    const { sizeRows, advanceRows } = window;
    return new CountState({ sizeRows, advanceRows, merge: must(merge), ...records });
  }
  if (!isShared(window)) throw new Error(`assertion failed: a ${window.kind} window does not run`);
  const options = { shape: windowShape(window), graceMs: window.graceMs, ...records };
  if (window.kind === "tumbling") return new WindowState(options);
  return new PaneState(options, { merge: must(merge), distinct });
}

/** Of a table every statement counts the rows of its groups. */
function rowsCellOf(aggregates: BoundStatement["aggregates"]): number {
  const index = aggregates.findIndex(({ name, argument }) => name === "count" && argument === null);
  return must(cellOffsetsOf(aggregates)[index], "the number of rows");
}

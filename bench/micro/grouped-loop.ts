import type { ColumnBatch } from "../../src/model/column-batch.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import { dirtyGroupsMax } from "../../src/plan/code/aggregate-code.ts";
import type { RowMarks } from "../../src/plan/code/task.ts";
import { GroupEmission } from "../../src/runtime/tasks/group-emission.ts";
import type { GroupedState } from "../../src/state/grouped-state.ts";
import { statementLoop } from "./statement-loop.ts";

export interface GroupedLoop {
  /** The first rows; `decode` gives more. */
  readonly batch: ColumnBatch;
  readonly decode: (slices: RecordSlices) => ColumnBatch;
  readonly state: GroupedState;
  /** Takes rows, and makes what they close, with barriers where the runtime would make them and behind the rows. */
  readonly take: (rows: ColumnBatch, marks: RowMarks) => void;
}

/** Groups of `readings` by device, without a runtime around them: results are written, and so is the state's log, to nowhere. */
export function groupedLoop(window: string, emit: "FINAL" | "CHANGES", slices: RecordSlices): GroupedLoop {
  const bounds = window === "" ? "" : "window_start, window_end, ";
  const { batch, task, plan, compiled, decode } = statementLoop(
    `INSERT INTO target
    SELECT deviceId, ${bounds}COUNT(*) AS n, AVG(humidity) AS av, MAX(temperature) AS ma
    FROM readings ${window === "" ? "" : `WINDOW ${window} `}GROUP BY deviceId EMIT ${emit};`,
    slices,
  );
  const state = task.state as GroupedState;
  const emission = new GroupEmission({
    plan,
    emit: compiled.emit as NonNullable<typeof compiled.emit>,
    task,
    state,
    finals: null,
    emitAtEnd: false,
    onRefused: ({ why }) => {
      throw new Error(why);
    },
  });
  const barrier = (): void => {
    while (emit === "CHANGES" && emission.changed(false) === "cut") task.out.takeBack(task.out.build());
    state.takeDelta(false);
    if (task.out.count > 0) task.out.takeBack(task.out.build());
  };
  const closeWindows = (streamTimeMs: number, row: number): boolean => {
    while (emission.closed(streamTimeMs, row) === "cut") barrier();
    return false;
  };
  const looped = { ...task, closeWindows };
  const dirtyMax = dirtyGroupsMax(plan.statement);
  const take = (rows: ColumnBatch, marks: RowMarks): void => {
    looped.marks = marks;
    for (let row = 0; row < rows.count; ) {
      row = compiled.rows(rows, row, rows.count, looped);
      if (state.dirtyGroups >= dirtyMax) barrier();
    }
    barrier();
  };
  return { batch, decode, state, take };
}

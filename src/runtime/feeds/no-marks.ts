import type { RowMarks } from "../../plan/code/task.ts";

/** Of a task, between batches. */
export const NO_VERSIONS = new Float64Array(0);
/** Where a loop tells its record to nobody. */
export const NO_RECORD = new Float64Array(1);
export const NO_MARKS: RowMarks = {
  flags: new Uint8Array(0),
  isSound: true,
  timesOf: () => ({ times: NO_VERSIONS, latest: NO_VERSIONS, isSound: true }),
};

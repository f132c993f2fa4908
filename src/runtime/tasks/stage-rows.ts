import type { RowMarks } from "../../plan/code/task.ts";
import type { SideRows } from "../../state/operators/operator.ts";
import { flagTombstones } from "../feeds/flag-tombstones.ts";

/** What the loop of a stage has to know of the rows that it is given: which have no value, and what stream time is after each. */
export class StageRows {
  latestMs = new Float64Array(0);
  private flags = new Uint8Array(0);

  /** Of rows [from, to), before which stream time is `streamTimeMs`; until the next call. */
  marksOf({ batch, timesMs, latestMs }: SideRows, from: number, to: number, streamTimeMs: number): RowMarks {
    if (this.latestMs.length < to) this.latestMs = new Float64Array(to * 2);
    if (this.flags.length < to) this.flags = new Uint8Array(to * 2);
    const { latestMs: after, flags } = this;
    let latest = streamTimeMs;
    for (let row = from; row < to; row++) {
      latest = Math.max(latest, (latestMs ?? timesMs)[row] as number);
      after[row] = latest;
    }
    const column = { times: timesMs, latest: after, isSound: true };
    return { flags, isSound: !flagTombstones(batch, from, to, flags), timesOf: () => column };
  }
}

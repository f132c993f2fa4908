import type { StatementPlan } from "../plan/pipeline-plan.ts";
import type { Blob, BlobHeader } from "../state/journal/blob.ts";
import type { WindowState } from "../state/window-state.ts";
import type { RecordCounters } from "./counters.ts";
import type { Settlement } from "./route.ts";
import type { VersionClock } from "./version-clock.ts";

/** How many deltas a chain has at most: a restore reads so many blobs. */
const BLOBS_PER_SNAPSHOT = 64;

export interface TaskBlobsOptions {
  readonly plan: StatementPlan;
  readonly topic: string;
  readonly topicId: string | null;
  readonly clock: VersionClock;
  readonly state: WindowState | null;
  /** The state's deltas outweigh it: write it whole. */
  readonly snapshotDue: () => boolean;
}

/** What of a blob's header changes with the cursor. */
export type TaskPlace = Pick<BlobHeader, "cursor" | "closedAt" | "mark" | "origins" | "drained"> & {
  readonly streamTimeMs: number;
  readonly logTimeMs: number;
};

/** Makes the blobs of a task's barriers: the first one whole, then deltas, whole again when they outweigh the state. */
export class TaskBlobs {
  private readonly options: TaskBlobsOptions;
  private sinceSnapshot = -1;

  constructor(options: TaskBlobsOptions) {
    this.options = options;
  }

  /** Takes the state's delta now; the counters of changes are filled in when they are known. */
  encode(place: TaskPlace, records: RecordCounters): (changes: Settlement) => Blob {
    const { plan, topic, topicId, clock, state, snapshotDue } = this.options;
    this.sinceSnapshot++;
    // A window that is closing is written no more as a whole: in a moment it is gone, and each of its barriers would write it again.
    const isClosing = state !== null && state.closing !== null;
    const isDue = this.sinceSnapshot >= BLOBS_PER_SNAPSHOT || (state !== null && snapshotDue());
    const whole = this.sinceSnapshot === 0 || (isDue && !isClosing);
    if (whole) this.sinceSnapshot = 0;
    const payload = state === null ? Buffer.alloc(0) : whole ? state.takeSnapshot() : state.takeDelta();
    const header = {
      statement: plan.statement.name,
      fingerprint: plan.fingerprint,
      topic,
      topicId,
      kind: whole ? ("snapshot" as const) : ("delta" as const),
      clock: clock.value,
      base: clock.base,
      stride: clock.stride,
      ...place,
      streamTimeMs: finiteOrNull(place.streamTimeMs),
      logTimeMs: finiteOrNull(place.logTimeMs),
    };
    return (changes) => ({ header: { ...header, counters: { ...records, ...changes } }, payload });
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

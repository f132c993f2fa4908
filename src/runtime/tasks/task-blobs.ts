import { isTransactional, type StatementPlan } from "../../plan/pipeline-plan.ts";
import type { GroupedState } from "../../state/grouped-state.ts";
import type { Blob, BlobHeader } from "../../state/journal/blob.ts";
import type { Operator } from "../../state/operators/operator.ts";
import { joinPayloads } from "../../state/payload.ts";
import type { RecordCounters } from "../counters.ts";
import type { Settlement } from "../routes/route.ts";
import type { VersionClock } from "./version-clock.ts";

/** How many deltas a chain has at most: a restore reads so many blobs. */
const BLOBS_PER_SNAPSHOT = 64;

/** Deltas of fewer groups together are cheap to read, however small the state. */
const SNAPSHOT_GROUPS_MIN = 10_000;

export interface TaskBlobsOptions {
  readonly plan: StatementPlan;
  readonly topic: string;
  readonly topicId: string | null;
  readonly clock: VersionClock;
  readonly state: GroupedState | null;
  /** What stands in front of its loop and keeps state; left out: nothing. */
  readonly operators?: readonly Operator[];
}

/** Deltas of operators with fewer bytes together are cheap to read, however little they keep. */
const OPERATOR_BYTES_MIN = 1 << 20;

/** What of a blob's header changes with the cursor. */
export type TaskPlace = Pick<
  BlobHeader,
  "cursor" | "closedAt" | "idleAt" | "finals" | "mark" | "origins" | "unsent" | "drained" | "inputs"
> & {
  readonly streamTimeMs: number;
  readonly logTimeMs: number;
};

/** Makes the blobs of a task's barriers: the first one whole, then deltas, whole again where they would outweigh the state. */
export class TaskBlobs {
  private readonly options: TaskBlobsOptions;
  private sinceSnapshot = -1;
  /** In the deltas since. */
  private deltaGroups = 0;
  /** Of operators, in the last snapshot and in the deltas since. */
  private operatorBytes = { snapshot: 0, deltas: 0 };

  constructor(options: TaskBlobsOptions) {
    this.options = options;
  }

  /** Takes the state's delta now; the counters of changes are filled in when they are known. */
  encode(place: TaskPlace, records: RecordCounters): (changes: Settlement) => Blob {
    const { plan, topic, topicId, clock, state } = this.options;
    this.sinceSnapshot++;
    // A window that is closing is written no more as a whole: in a moment it is gone, and each of its barriers would write it again.
    const isClosing = state !== null && state.closing !== null;
    const isDue = this.sinceSnapshot >= BLOBS_PER_SNAPSHOT || this.deltasOutweigh(state) || this.operatorDeltasOutweigh();
    const whole = this.sinceSnapshot === 0 || (isDue && !isClosing);
    this.deltaGroups = whole ? 0 : this.deltaGroups + (state?.dirtyGroups ?? 0);
    const payload = this.payload(whole, place.unsent === true);
    if (whole) this.sinceSnapshot = 0;
    const header = {
      statement: plan.statement.name,
      fingerprint: plan.fingerprint,
      beginning: plan.beginning.count,
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
    const transaction = isTransactional(plan) ? { isTransactional: true as const } : {};
    return (changes) => ({ header: { ...header, counters: { ...records, ...changes } }, payload, ...transaction });
  }

  private payload(whole: boolean, keepsDirty: boolean): Buffer {
    const { state, operators = [] } = this.options;
    const own = state === null ? Buffer.alloc(0) : whole ? state.takeSnapshot(keepsDirty) : state.takeDelta(keepsDirty);
    if (operators.length === 0) return own;
    const parts = operators.map((operator) => (whole ? operator.takeSnapshot() : operator.takeDelta()));
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    this.operatorBytes = whole ? { snapshot: bytes, deltas: 0 } : { ...this.operatorBytes, deltas: this.operatorBytes.deltas + bytes };
    return joinPayloads([own, ...parts]);
  }

  private operatorDeltasOutweigh(): boolean {
    const { snapshot, deltas } = this.operatorBytes;
    return deltas > Math.max(snapshot, OPERATOR_BYTES_MIN);
  }

  /** With the delta that would be made now. */
  private deltasOutweigh(state: GroupedState | null): boolean {
    return state !== null && this.deltaGroups + state.dirtyGroups > Math.max(state.groups, SNAPSHOT_GROUPS_MIN);
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

import type { LogMark } from "../../model/record-slices.ts";
import type { CompiledStatement } from "../../plan/code/compile-statement.ts";
import type { StatementPlan } from "../../plan/pipeline-plan.ts";
import type { GroupedState } from "../../state/grouped-state.ts";
import type { Operator } from "../../state/operators/operator.ts";
import type { PipelineEvents } from "../environment.ts";
import type { RecordsAt } from "../feeds/records-at.ts";
import type { RepeatFilter } from "../feeds/repeat-filter.ts";
import type { CheckpointWriter } from "../owners/checkpoint-writer.ts";
import type { StatementCounters } from "../protocol.ts";
import type { NamedTargets } from "../routes/named-targets.ts";
import type { Route } from "../routes/route.ts";
import type { TargetNames } from "../routes/target-names.ts";
import type { WorkPlace } from "../work-place.ts";
import type { VersionClock } from "./version-clock.ts";

export interface StatementTaskOptions {
  readonly plan: StatementPlan;
  readonly compiled: CompiledStatement;
  readonly topic: string;
  readonly topicId: string | null;
  readonly partition: number;
  readonly pipeline: string;
  readonly generation: number;
  readonly route: Route;
  readonly deadLetterRoute: Route | null;
  /** null: late records are counted only. */
  readonly lateRoute: Route | null;
  /** The records that its changes come from; left out: there is not one for each of them. */
  readonly recordsAt?: RecordsAt;
  readonly targetNames: TargetNames | null;
  readonly namedTargets: NamedTargets | null;
  /** Appended to ids made of coordinates where several statements share a target; else empty. */
  readonly idSuffix: string;
  /** The same of late records. */
  readonly lateIdSuffix: string;
  readonly state: GroupedState | null;
  /** What stands in front of its loop and keeps state; left out: nothing. */
  readonly operators?: readonly Operator[];
  readonly clock: VersionClock;
  readonly checkpoints: CheckpointWriter;
  readonly events: PipelineEvents;
  /** Left out: nobody would see it. */
  readonly place?: WorkPlace | undefined;
  /** Results of an aggregate leave once, when the run ends (ad hoc queries). */
  readonly emitAtEnd: boolean;
  readonly start: TaskStart;
}

/** Where a task goes on from: a blob, or the beginning. */
export interface TaskStart {
  readonly cursor: number;
  readonly streamTimeMs: number;
  readonly logTimeMs: number;
  readonly closedAt: number | null;
  readonly idleAt: readonly [offset: number, number: number] | null;
  readonly finals: readonly [causeOffset: number, made: number] | null;
  readonly counters: StatementCounters;
  readonly mark: LogMark | null;
  readonly repeats: RepeatFilter;
}

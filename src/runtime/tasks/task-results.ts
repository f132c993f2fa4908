import { LIMITS } from "../../limits.ts";
import { dirtyGroupsMax } from "../../plan/code/aggregate-code.ts";
import type { EmissionTask } from "../../plan/code/task.ts";
import type { GroupedState } from "../../state/grouped-state.ts";
import { GroupEmission, type GroupEmissionOptions } from "./group-emission.ts";
import type { StatementTaskOptions } from "./task-options.ts";

type Made = ReturnType<GroupEmission["changed"]>;

/** What a task keeps in groups, and when which results of it are made: with barriers, with EMIT EVERY so far apart, or as windows close. */
export interface TaskResults {
  /** See `BlobHeader.finals`. */
  readonly finals: GroupEmissionOptions["finals"];
  /** Of what has changed, a full barrier has left a rest: nothing may be taken or closed until that is made too. */
  readonly isCut: boolean;
  /** Changed results wait for their time. */
  readonly isHeldBack: boolean;
  /** Barriers send none of those that still change. */
  readonly isSpaced: boolean;
  /** There are results to be made now, whatever has come since the last barrier. */
  readonly isDue: boolean;
  /** More has changed than a barrier takes. */
  readonly isFull: boolean;
  readonly byteLength: number;
  /** The first stream time at which a window closes, or a time before that. */
  readonly nextCloseMs: number;
  /** The stream time that closes all windows that are open; null: there are none. */
  readonly closingTimeMs: number | null;
  /** Whether a delta now would cost more than reading again the records that came since the last one (decision 0011). */
  isDeltaDear(records: number): boolean;
  /** Whether a barrier makes those that have changed. `sendsAll`: nothing is to wait. */
  belongToBarrier(isLast: boolean, sendsAll: boolean): boolean;
  /** Makes them, until a barrier is full. */
  changed(isLast: boolean): Made;
  /** They have all left: the next ones wait from now on. */
  begin(): void;
  /** See `GroupEmission.gone`, `closed` and `filled`. */
  gone(): boolean;
  closed(streamTimeMs: number, causeOffset: number): Made;
  filled(causeOffset: number): boolean;
}

/** Of a statement that keeps no groups. */
const NONE: TaskResults = {
  finals: null,
  isCut: false,
  isHeldBack: false,
  isSpaced: false,
  isDue: false,
  isFull: false,
  byteLength: 0,
  nextCloseMs: Number.POSITIVE_INFINITY,
  closingTimeMs: null,
  isDeltaDear: () => false,
  belongToBarrier: () => false,
  changed: () => "all",
  begin: () => {},
  gone: () => false,
  closed: () => "all",
  filled: () => false,
};

export function newTaskResults(
  options: StatementTaskOptions,
  task: EmissionTask,
  onRefused: GroupEmissionOptions["onRefused"],
): TaskResults {
  const { plan, compiled, state, start, emitAtEnd } = options;
  if (compiled.emit === null || state === null) return NONE;
  const { emit } = compiled;
  return new GroupResults(options, state, new GroupEmission({ plan, emitAtEnd, emit, task, state, finals: start.finals, onRefused }));
}

class GroupResults implements TaskResults {
  readonly isSpaced: boolean;
  private readonly options: StatementTaskOptions;
  private readonly state: GroupedState;
  private readonly emission: GroupEmission;
  private readonly dirtyMax: number;
  /** When results that still change left last, by the wall clock. */
  private lastMs: number;

  constructor(options: StatementTaskOptions, state: GroupedState, emission: GroupEmission) {
    const { plan, route, emitAtEnd } = options;
    this.options = options;
    this.state = state;
    this.emission = emission;
    this.dirtyMax = dirtyGroupsMax(plan.statement);
    this.isSpaced = plan.statement.emitEveryMs !== null && !emitAtEnd;
    this.lastMs = route.clock.monotonic();
  }

  get finals(): GroupEmissionOptions["finals"] {
    return this.emission.finals;
  }

  get isCut(): boolean {
    return this.emission.isCut;
  }

  get isHeldBack(): boolean {
    return this.isSpaced && this.state.dirtyGroups > 0;
  }

  get isDue(): boolean {
    return this.isCut || this.isTimeUp;
  }

  get isFull(): boolean {
    return this.state.dirtyGroups >= this.dirtyMax;
  }

  get byteLength(): number {
    return this.state.byteLength;
  }

  get nextCloseMs(): number {
    return this.state.nextCloseMs;
  }

  get closingTimeMs(): number | null {
    return this.state.closingTimeMs;
  }

  isDeltaDear(records: number): boolean {
    if (this.options.plan.statement.emit !== "final" && !this.isSpaced) return false;
    const { dirtyGroups } = this.state;
    return dirtyGroups > LIMITS.deltaGroupsCheap && records < dirtyGroups * LIMITS.deltaRecordsPerGroup;
  }

  belongToBarrier(isLast: boolean, sendsAll: boolean): boolean {
    const { plan, emitAtEnd } = this.options;
    if (this.isCut) return true;
    if (plan.statement.emit !== "changes" || (emitAtEnd && !isLast)) return false;
    return !this.isSpaced || sendsAll || this.isTimeUp || this.isFull;
  }

  changed(isLast: boolean): Made {
    return this.emission.changed(isLast && this.options.emitAtEnd);
  }

  begin(): void {
    this.lastMs = this.options.route.clock.monotonic();
  }

  /** Where barriers make what has changed, that is among it. */
  gone(): boolean {
    return this.isSpaced && this.emission.gone();
  }

  closed(streamTimeMs: number, causeOffset: number): Made {
    return this.emission.closed(streamTimeMs, causeOffset);
  }

  filled(causeOffset: number): boolean {
    return this.emission.filled(causeOffset);
  }

  /** Results that were held back have waited for long enough. */
  private get isTimeUp(): boolean {
    const { emitEveryMs } = this.options.plan.statement;
    return emitEveryMs !== null && this.isHeldBack && this.options.route.clock.monotonic() >= this.lastMs + emitEveryMs;
  }
}

import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { StatementPlan } from "../../plan/pipeline-plan.ts";
import type { LogBounds } from "../../ports/source.ts";
import type { BaseNote, BlobHeader, Note } from "../../state/journal/blob.ts";
import type { Journal, RestoredStatement } from "../../state/journal/journal.ts";
import { countersFrom, NO_COUNTERS } from "../counters.ts";
import { BEGIN_ANEW } from "../feeds/partition-feed.ts";
import { RepeatFilter } from "../feeds/repeat-filter.ts";
import { type OwnedSource, offsetOf } from "../pipeline-sources.ts";
import type { RunStart } from "../protocol.ts";
import type { TaskStart } from "./task-options.ts";
import { strideFor, VersionClock } from "./version-clock.ts";

export interface TaskStartsOptions {
  readonly partition: number;
  readonly journal: Journal | null;
  /** Of the run: where statements begin that have no position; null: as their settings say. */
  readonly start: RunStart | null;
  /** When the statements are opened, and the highest version then: statements opened together begin with one base, and keep together. */
  readonly openedMs: number;
  readonly versionsBefore: number;
}

/** Where the tasks of a partition go on: from what is kept of their statements, or from the beginning. */
export class TaskStarts {
  private readonly options: TaskStartsOptions;

  constructor(options: TaskStartsOptions) {
    this.options = options;
  }

  /** What is kept of a statement, and whether it goes on from its state: not where somebody made it begin anew since. */
  restoredOf(plan: StatementPlan): { readonly restored: RestoredStatement | null; readonly goesOn: boolean } {
    const restored = this.options.journal?.restored.get(plan.statement.name) ?? null;
    const goesOn = restored !== null && !beginsAnew(plan, restored.header, this.options.partition);
    if (goesOn) checkFingerprint(plan, restored.header);
    return { restored, goesOn };
  }

  /** Of a statement without a position on that topic; after somebody made it begin anew, where that was to be. */
  async firstOffset(
    { beginning, statement, repartition }: StatementPlan,
    owned: OwnedSource,
    bounds: LogBounds,
    partition = this.options.partition,
  ): Promise<number> {
    const { startOffset, endOffset } = bounds;
    const { start } = this.options;
    // Partial results are there for nobody else.
    if (repartition?.kind === "merging") return startOffset;
    const { count, from } = beginning;
    if (count > 0 && from !== "here" && from !== "start") {
      if (from === "earliest") return startOffset;
      if ("timeMs" in from) return offsetOf(owned, partition, bounds, from);
      const offset = from.offsets[partition];
      // Retention may have taken it since it was asked for.
      if (offset !== undefined) return Math.min(Math.max(offset, startOffset), endOffset);
    }
    const { connection, topic } = owned.plan;
    const isOwn = typeof start === "object" && start?.whole.includes(`${connection}.${topic}`) === true;
    const initial = isOwn || start === null ? statement.settings.start : start;
    if (typeof initial === "number") return offsetOf(owned, partition, bounds, { timeMs: initial });
    if (typeof initial === "object") return offsetOf(owned, partition, bounds, initial.place);
    return initial === "latest" ? endOffset : startOffset;
  }

  /**
   * The version clock goes on exactly from a blob of the same statement. Whatever does not, starts above all that was
   * written, and a note says where (`runtime.md` §2, "Base"). `log`: that by which the task goes, and its cursor there.
   */
  async clockOf(
    plan: StatementPlan,
    log: { readonly topic: string; readonly cursor: number; readonly partitions: number },
    notes: readonly Note[],
  ): Promise<VersionClock> {
    const { partition, journal, openedMs, versionsBefore } = this.options;
    const { name, idsCoveredByKey } = plan.statement;
    const restored = journal?.restored.get(name) ?? null;
    const stride = strideFor(idsCoveredByKey, log.partitions);
    const isWhole = journal?.damaged.has(name) !== true;
    // A base that no blob has taken over: another run began with it, and may have sent anything above it.
    const bases = notes.filter((note): note is BaseNote => note.kind === "base" && note.statement === name);
    const [noted] = bases.filter(({ base }) => base > (restored?.header.base ?? 0)).sort((left, right) => right.base - left.base);
    const isSame = restored !== null && restored.header.fingerprint === plan.fingerprint && !beginsAnew(plan, restored.header, partition);
    if (noted === undefined && isWhole && isSame && restored.header.stride === stride) {
      return new VersionClock({ value: restored.header.clock, base: restored.header.base, stride, partition });
    }
    if (noted !== undefined && isWhole && noted.offset === log.cursor && noted.fingerprint === plan.fingerprint) {
      return new VersionClock({ value: 0, base: noted.base, stride, partition });
    }
    const drained = versionsBefore === 0 || (noted === undefined && restored?.drained === true);
    const base = Math.max(openedMs * 1000, versionsBefore) + 1 + (drained ? 0 : LIMITS.aheadMs * 1000);
    const { fingerprint } = plan;
    await journal?.appendNotes([{ kind: "base", topic: log.topic, offset: log.cursor, statement: name, fingerprint, base }]);
    return new VersionClock({ value: 0, base, stride, partition });
  }
}

/** Of a task that has been there before. */
export function startFrom(header: BlobHeader): TaskStart {
  return {
    cursor: header.cursor,
    streamTimeMs: header.streamTimeMs ?? Number.NEGATIVE_INFINITY,
    logTimeMs: header.logTimeMs ?? Number.NEGATIVE_INFINITY,
    closedAt: header.closedAt,
    idleAt: header.idleAt ?? null,
    finals: header.finals ?? null,
    counters: countersFrom(header.counters),
    mark: header.mark,
    repeats: new RepeatFilter(header.origins),
  };
}

export function startAt(cursor: number): TaskStart {
  const none = Number.NEGATIVE_INFINITY;
  return {
    cursor,
    streamTimeMs: none,
    logTimeMs: none,
    closedAt: null,
    idleAt: null,
    finals: null,
    counters: NO_COUNTERS,
    mark: null,
    repeats: new RepeatFilter({}),
  };
}

/** The topic that is there is the one that was read. */
export function checkTopic(
  name: string,
  { topic, topicId }: { readonly topic: string; readonly topicId: string | null },
  id: string | null,
): void {
  if (topicId === null || id === null || topicId === id) return;
  throw new SluiceError("LOG_CHANGED", `topic ${topic} was deleted and created again since ${name} last read it`, { hint: BEGIN_ANEW });
}

function checkFingerprint({ statement: { name }, fingerprint }: StatementPlan, header: BlobHeader): void {
  if (stateOf(header.fingerprint) === stateOf(fingerprint)) return;
  throw new SluiceError(
    "STATE_MISMATCH",
    `the kept state of ${name} was made by a statement with another source, key, filter, window, joins, aggregates or functions`,
    { hint: BEGIN_ANEW },
  );
}

/** Whether somebody made the statement begin anew since that was kept. */
function beginsAnew(plan: StatementPlan, header: BlobHeader, partition: number): boolean {
  const { count, from } = plan.beginning;
  // What several partitions have together begins anew in all of them.
  const isByPartition = plan.repartition === undefined && plan.gathered === undefined;
  if (isByPartition && typeof from === "object" && "offsets" in from && from.offsets[partition] === undefined) return false;
  return count > (header.beginning ?? 0);
}

/** The part of a fingerprint that the kept state rests on. */
function stateOf(fingerprint: string): string {
  return fingerprint.slice(0, fingerprint.indexOf("."));
}

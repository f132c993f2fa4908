import { must } from "../../assert.ts";
import { inputsOf } from "../../model/statement.ts";
import type { CompiledStage } from "../../plan/code/compile-joins.ts";
import type { StatementPlan } from "../../plan/pipeline-plan.ts";
import type { LogBounds } from "../../ports/source.ts";
import type { InputHeader, Note, QuietNote } from "../../state/journal/blob.ts";
import { newGroupedState } from "../../state/new-grouped-state.ts";
import { newOperators } from "../../state/operators/new-operators.ts";
import type { Operator } from "../../state/operators/operator.ts";
import { PassedRows } from "../../state/operators/passed-rows.ts";
import { Ranking } from "../../state/operators/ranking.ts";
import { RunningRows } from "../../state/operators/running-rows.ts";
import { splitPayload } from "../../state/payload.ts";
import type { Environment } from "../environment.ts";
import type { BatchLookups } from "../lookups/batch-lookups.ts";
import type { SharedStatement } from "../owners/partition-owner.ts";
import type { OwnedSource } from "../pipeline-sources.ts";
import type { CoupledTasks } from "../tasks/coupled-tasks.ts";
import { JoinTask } from "../tasks/join-task.ts";
import { JoinedLog } from "../tasks/joined-log.ts";
import { RowStage } from "../tasks/row-stage.ts";
import { StageOperator } from "../tasks/stage-operator.ts";
import type { StatementTaskOptions } from "../tasks/task-options.ts";
import { checkTopic, startAt, startFrom, type TaskStarts } from "../tasks/task-starts.ts";
import type { FarAhead } from "./far-ahead.ts";
import { firstPlace, type InputPlace, type PlaceOf, partitionLog, placeFrom } from "./input-place.ts";
import { MergedFeed } from "./merged-feed.ts";
import { MergedInput } from "./merged-input.ts";
import { checkCursor } from "./partition-feed.ts";
import type { SharedLog } from "./shared-log.ts";
import { TableLoad } from "./table-load.ts";
import { TimeNotes } from "./time-notes.ts";

export interface OpenMergedOptions {
  readonly shared: SharedStatement;
  /** What it reads, FROM first. */
  readonly sources: readonly OwnedSource[];
  readonly partition: number;
  readonly starts: TaskStarts;
  /** All of the partition. */
  readonly notes: readonly Note[];
  readonly env: Environment;
  readonly coupled: CoupledTasks;
  /** For the records of FROM; null: nothing is looked up. */
  readonly lookups: BatchLookups | null;
  readonly appendNotes: (notes: readonly Note[]) => Promise<void>;
  readonly dropNotes: (isNeedless: (note: Note) => boolean) => Promise<void>;
  readonly logOf: (source: OwnedSource, partition: number) => SharedLog;
  readonly boundsOf: (source: OwnedSource, partition: number) => Promise<LogBounds>;
  /** By the name of a log in notes. */
  readonly farAheadOf: (log: string) => FarAhead;
  readonly onWorked: (durationMs: number) => void;
  readonly taskOptions: (log: string, rest: Pick<StatementTaskOptions, "state" | "clock" | "start">) => StatementTaskOptions;
}

/** The log of a statement that joins, by which its notes and blobs go; no topic has such a name. */
export function mergedLog(statement: string): string {
  return `joined ${statement}`;
}

/** A statement that joins, on one partition: restored, with a feed of its own. */
export async function openMerged(options: OpenMergedOptions): Promise<MergedFeed> {
  const { shared, sources, partition, starts, env, coupled, appendNotes, dropNotes, onWorked, taskOptions } = options;
  const { plan, compiled } = shared;
  const { statement } = plan;
  const { name } = statement;
  const log = mergedLog(name);
  const { restored, goesOn } = starts.restoredOf(plan);
  const kept = goesOn || plan.beginning.from === "here" ? (restored?.header.inputs ?? null) : null;
  const logs = logsOf(plan, sources, partition);
  const places = await Promise.all(
    logs.map((one, index) => {
      const isTable = must(inputsOf(statement)[one.input]).reads === "table";
      // A table is read anew where its rows are not kept.
      const header = kept === null || (isTable && !goesOn) ? null : (kept[index] ?? null);
      return header === null ? firstPlaceOf(one, options) : keptPlace(one, header, options);
    }),
  );
  const state = statement.aggregated ? newGroupedState(statement, compiled) : null;
  const joins = must(compiled.joins);
  const operators = newOperators(joins, partition, (stage) => newStage(stage, partition, env));
  if (goesOn) {
    const { payloads, header } = must(restored);
    for (const payload of payloads) {
      const [own, ...parts] = splitPayload(payload);
      state?.apply(must(own), header.unsent === true && payload === payloads.at(-1));
      for (const [index, operator] of operators.entries()) operator.apply(must(parts[index]));
    }
  }
  const start = goesOn ? startFrom(must(restored).header) : startAt(restored?.header.cursor ?? 0);
  const ofLog = options.notes.filter((note) => note.topic === log);
  // One task alone has its results.
  const partitions = plan.gathered === undefined ? Math.max(...sources.map(({ description }) => description.partitions)) : 1;
  const clock = await starts.clockOf(plan, { topic: log, cursor: start.cursor, partitions }, ofLog);
  const inputOf = logs.map(({ input }) => input);
  const isGathered = plan.gathered !== undefined;
  const read = { places, inputOf, isGathered, partition };
  const ofStatement = { statement, compiled: joins, operators, ...read, clock, sequence: start.cursor };
  const task = new JoinTask(
    { ...taskOptions(log, { state, clock, start }), operators },
    (fates) => new JoinedLog({ ...ofStatement, fates }),
  );
  const inputs = logs.map((one, index) => openInput(one, index, must(places[index]), options));
  const tableLoad = new TableLoad({ plan, inputs, inputOf, notes: options.notes, appendNotes });
  const timeNotes = new TimeNotes(ofLog);
  return new MergedFeed({ partition, log, task, inputs, coupled, tableLoad, timeNotes, env, appendNotes, dropNotes, onWorked });
}

/** One of the logs that are merged: a partition of an input. */
interface ReadLog {
  readonly owned: OwnedSource;
  /** Of `inputsOf`. */
  readonly input: number;
  readonly partition: number;
}

/** Where partitions are gathered, all of them, input by input. */
function logsOf({ gathered }: StatementPlan, sources: readonly OwnedSource[], partition: number): readonly ReadLog[] {
  return sources.flatMap((owned, input) => {
    if (gathered === undefined) return [{ owned, input, partition }];
    return Array.from({ length: owned.description.partitions }, (_, of): ReadLog => ({ owned, input, partition: of }));
  });
}

function placeOf({ owned: { description }, partition }: ReadLog, own: number): PlaceOf {
  const { name: topic, id: topicId } = description;
  return { topic, topicId, partition, log: partitionLog(topic, partition, own) };
}

/** As they lie in a topic. */
const RESULTS = { valueFormat: "json", keyFormat: "json" } as const;

function newStage(stage: CompiledStage, partition: number, env: Environment): Operator {
  if (stage.kind === "over") return new Ranking(stage, partition);
  if (stage.kind === "running") return new RunningRows(stage);
  if (stage.kind === "passing") return new PassedRows();
  const { fields } = stage;
  if (stage.kind === "groups") return new StageOperator(stage, partition, env.createDecoder({ ...RESULTS, fields }));
  // Rows keep the keys of their records, whatever these are.
  return new RowStage(stage, partition, env.createDecoder({ ...RESULTS, keyFormat: "string", fields }));
}

async function keptPlace(log: ReadLog, header: InputHeader, { shared, partition, boundsOf }: OpenMergedOptions): Promise<InputPlace> {
  const { name } = shared.plan.statement;
  const place = placeFrom(header, placeOf(log, partition));
  checkTopic(name, place, log.owned.description.id);
  checkCursor(place.cursor, await boundsOf(log.owned, log.partition), name);
  return place;
}

/** Tables are read from their first record on, whatever streams are. */
async function firstPlaceOf(log: ReadLog, { shared, starts, partition, boundsOf }: OpenMergedOptions): Promise<InputPlace> {
  const { owned, input } = log;
  const { plan } = shared;
  const bounds = await boundsOf(owned, log.partition);
  const inputs = inputsOf(plan.statement);
  const isTable = must(inputs[input]).reads === "table";
  const offset = isTable ? bounds.startOffset : await starts.firstOffset(plan, owned, bounds, log.partition);
  const isLoading = isTable && inputs.some(({ reads }) => reads === "stream");
  return firstPlace(placeOf(log, partition), offset, isLoading);
}

function openInput({ owned, input, partition }: ReadLog, index: number, place: InputPlace, options: OpenMergedOptions): MergedInput {
  const { shared, notes, env, appendNotes, logOf, farAheadOf } = options;
  const { log: topic } = place;
  const { name } = shared.plan.statement;
  const isOwn = (note: QuietNote): boolean => note.topic === topic && note.statement === name && note.input === index;
  const quiet = notes.filter((note): note is QuietNote => note.kind === "quiet" && isOwn(note));
  return new MergedInput({
    log: logOf(owned, partition),
    decoder: env.createDecoder(owned.plan),
    place,
    quiet,
    farAhead: farAheadOf(topic),
    lookups: input === 0 ? options.lookups : null,
    env,
    appendNotes,
  });
}

import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import { inputsOf } from "../model/statement.ts";
import type { PipelinePlan, StatementPlan } from "../plan/pipeline-plan.ts";
import { isInternalTopic } from "../plan/repartition.ts";
import type { Connection } from "../ports/connection.ts";
import type { RouteTarget } from "../ports/sink.ts";
import type { Source } from "../ports/source.ts";
import type { LiveConnections } from "../project/live/live-connections.ts";
import { readPartition } from "../project/read-partition.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import { mergedLog } from "../runtime/feeds/open-merged.ts";
import { idOf, type KeptLetter, letterOf } from "./kept-letter.ts";

export interface LetterFilter {
  readonly statement?: string;
  readonly code?: string;
  /** Whether its record was put back already; left out: either. */
  readonly redriven?: boolean;
}

/** A letter, and where it is kept: a topic with the partition, an index or a table. */
export interface FoundLetter {
  readonly letter: KeptLetter;
  readonly writer: StatementPlan;
  readonly keptIn: RouteTarget;
  readonly keptPartition: number;
}

/** Where the statements of a pipeline keep their dead letters. */
export function deadLetterTargets({ statements }: PipelinePlan): readonly RouteTarget[] {
  const targets = statements.flatMap(({ deadLetterRoute }) => deadLetterRoute ?? []);
  return [...new Map(targets.map((target) => [`${target.connection}.${target.name}`, target])).values()];
}

/** Of the statements of a pipeline; the latest first. Rejects as connections do. */
export async function findDeadLetters(plan: PipelinePlan, filter: LetterFilter, live: LiveConnections): Promise<readonly FoundLetter[]> {
  const read = deadLetterTargets(plan).map((target) => {
    const letters = new LatestLetters(target, plan, (letter) => target.kind === "topic" || fits(letter, filter));
    return asked(live, target.connection, (connection) => readLetters(connection, target, letters));
  });
  const found = await Promise.all(read);
  return found
    .flat()
    .filter(({ letter }) => fits(letter, filter))
    .sort((left, right) => compare(right.letter, left.letter));
}

function fits(letter: KeptLetter, { statement, code, redriven }: LetterFilter): boolean {
  return (
    (statement === undefined || letter.statement === statement) &&
    (code === undefined || letter.code === code) &&
    (redriven === undefined || (letter.redrivenAt !== undefined) === redriven)
  );
}

function compare(left: KeptLetter, right: KeptLetter): number {
  const [before, after] = [left.at ?? "", right.at ?? ""];
  return before === after ? left.offset - right.offset : before < after ? -1 : 1;
}

/** What `ask` gives, or rejects with. */
export async function asked<T>(live: LiveConnections, name: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const answer = await live.ask(name, work);
  if (answer instanceof SluiceError) throw answer;
  return answer;
}

async function readLetters(connection: Connection, { kind, name }: RouteTarget, letters: LatestLetters): Promise<readonly FoundLetter[]> {
  const signal = AbortSignal.timeout(LIMITS.deadLettersMsMax);
  if (kind === "topic") await readTopic(connection.source, name, letters, signal);
  else await readRows(connection, name, letters, signal);
  return [...letters.byId.values()];
}

async function readTopic(source: Source | null, name: string, letters: LatestLetters, signal: AbortSignal): Promise<void> {
  const topic = (await source?.describeTopic(name)) ?? null;
  if (source === null || topic === null) return;
  for (let partition = 0; partition < topic.partitions; partition++) {
    const { startOffset, endOffset: to } = await source.bounds(name, partition);
    const from = Math.max(startOffset, to - LIMITS.deadLettersReadMax);
    for await (const slices of readPartition(source, name, partition, { from, to, signal })) letters.take(slices);
  }
}

/** There is no first letter before there is an index or table; and those that have come in time are all that count. */
async function readRows(connection: Connection, name: string, letters: LatestLetters, signal: AbortSignal): Promise<void> {
  try {
    for await (const slices of connection.readTable(name, signal) ?? []) {
      letters.take(slices);
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!["STOPPED", "TARGET_MISSING"].includes(asSluiceError(error).code) && !signal.aborted) throw error;
  }
}

/** The last that was said of each dead letter. */
class LatestLetters {
  readonly byId = new Map<string, FoundLetter & { readonly bytes: number }>();
  private readonly keptIn: RouteTarget;
  private readonly plan: PipelinePlan;
  private readonly isWanted: (letter: KeptLetter) => boolean;
  private bytes = 0;

  constructor(keptIn: RouteTarget, plan: PipelinePlan, isWanted: (letter: KeptLetter) => boolean) {
    this.keptIn = keptIn;
    this.plan = plan;
    this.isWanted = isWanted;
  }

  take(slices: RecordSlices): void {
    for (let row = 0; row < slices.count; row++) {
      const [start, end] = [slices.valueStarts[row] as number, slices.valueEnds[row] as number];
      const letter = start < 0 ? null : letterOf(slices.bytes.toString("utf8", start, end));
      const writer = letter === null || !this.isWanted(letter) ? undefined : this.writerOf(letter);
      if (letter !== null && writer !== undefined) {
        this.add(idOf(letter), { letter, writer, keptIn: this.keptIn, keptPartition: slices.partition, bytes: end - start });
      }
    }
  }

  /** Statements of several pipelines may share a place of dead letters. */
  private writerOf({ statement: name, topic }: KeptLetter): StatementPlan | undefined {
    return this.plan.statements.find(({ statement, deadLetterRoute }) => {
      const isKeptHere = deadLetterRoute?.connection === this.keptIn.connection && deadLetterRoute.name === this.keptIn.name;
      const isRead = inputsOf(statement).some((source) => source.topic === topic);
      const isBetween = isInternalTopic(topic, this.plan.name) || topic === mergedLog(statement.name);
      return isKeptHere && statement.name === name && (isRead || isBetween);
    });
  }

  private add(id: string, found: FoundLetter & { readonly bytes: number }): void {
    this.bytes += found.bytes - (this.byId.get(id)?.bytes ?? 0);
    this.byId.set(id, found);
    for (const [oldest, { bytes }] of this.byId) {
      if (this.bytes <= LIMITS.deadLettersBytesMax || oldest === id) return;
      this.byId.delete(oldest);
      this.bytes -= bytes;
    }
  }
}

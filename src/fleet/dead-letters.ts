import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import type { PipelinePlan, StatementPlan } from "../plan/pipeline-plan.ts";
import { isInternalTopic } from "../plan/repartition.ts";
import type { Connection } from "../ports/connection.ts";
import type { RouteTarget } from "../ports/sink.ts";
import type { RawRecord, Source } from "../ports/source.ts";
import type { LiveConnections } from "../project/live/live-connections.ts";
import { readPartition } from "../project/read-partition.ts";

/** A record that a statement could not take, or whose result the target refused. */
export interface KeptLetter {
  readonly statement: string;
  /** Of the record. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** `read`, `write ID` or `result GROUP`. */
  readonly step: string;
  readonly code: string;
  readonly error: string;
  /** ISO 8601, UTC; null: the record's timestamp is no date. */
  readonly at: string | null;
  /** Of the record where it could not be read, else the refused document; bytes that are no text as `base64:…`. */
  readonly key: string | null;
  readonly value: string | null;
  /** As they stand in the record, in base64. */
  readonly headers: string | null;
  /** ISO 8601, UTC: when the record was put back onto its topic; left out: it was not. */
  readonly redrivenAt?: string;
}

export interface LetterFilter {
  readonly statement?: string;
  readonly code?: string;
  /** Whether its record was put back already; left out: either. */
  readonly redriven?: boolean;
}

/** A letter, and the topic and partition that it is kept in. */
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

/** Of the statements of a pipeline, as far as they are kept in topics; the latest first. Rejects as connections do. */
export async function findDeadLetters(plan: PipelinePlan, filter: LetterFilter, live: LiveConnections): Promise<readonly FoundLetter[]> {
  const topics = deadLetterTargets(plan).filter(({ kind }) => kind === "topic");
  const found = await Promise.all(topics.map((target) => asked(live, target.connection, ({ source }) => lettersIn(source, target, plan))));
  return found
    .flat()
    .filter(({ letter }) => filter.statement === undefined || letter.statement === filter.statement)
    .filter(({ letter }) => filter.code === undefined || letter.code === filter.code)
    .filter(({ letter }) => filter.redriven === undefined || (letter.redrivenAt !== undefined) === filter.redriven)
    .sort((left, right) => compare(right.letter, left.letter));
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

async function lettersIn(source: Source | null, keptIn: RouteTarget, plan: PipelinePlan): Promise<readonly FoundLetter[]> {
  const topic = (await source?.describeTopic(keptIn.name)) ?? null;
  if (source === null || topic === null) return [];
  const letters = new LatestLetters(keptIn, plan);
  const signal = AbortSignal.timeout(LIMITS.deadLettersMsMax);
  for (let partition = 0; partition < topic.partitions; partition++) {
    const { startOffset, endOffset: to } = await source.bounds(topic.name, partition);
    const from = Math.max(startOffset, to - LIMITS.deadLettersReadMax);
    for await (const slices of readPartition(source, topic.name, partition, { from, to, signal })) letters.take(slices);
  }
  return [...letters.byId.values()];
}

/** The last that was said of each dead letter. */
class LatestLetters {
  readonly byId = new Map<string, FoundLetter & { readonly bytes: number }>();
  private readonly keptIn: RouteTarget;
  private readonly plan: PipelinePlan;
  private bytes = 0;

  constructor(keptIn: RouteTarget, plan: PipelinePlan) {
    this.keptIn = keptIn;
    this.plan = plan;
  }

  take(slices: RecordSlices): void {
    for (let row = 0; row < slices.count; row++) {
      const [start, end] = [slices.valueStarts[row] as number, slices.valueEnds[row] as number];
      const letter = start < 0 ? null : letterOf(slices.bytes.toString("utf8", start, end));
      const writer = letter === null ? undefined : this.writerOf(letter);
      if (letter !== null && writer !== undefined) {
        this.add(idOf(letter), { letter, writer, keptIn: this.keptIn, keptPartition: slices.partition, bytes: end - start });
      }
    }
  }

  /** Statements of several pipelines may share a topic of dead letters. */
  private writerOf(letter: KeptLetter): StatementPlan | undefined {
    return this.plan.statements.find(({ statement, deadLetterRoute }) => {
      const isKeptHere = deadLetterRoute?.connection === this.keptIn.connection && deadLetterRoute.name === this.keptIn.name;
      const isRead = letter.topic === statement.source.topic || isInternalTopic(letter.topic, this.plan.name);
      return isKeptHere && statement.name === letter.statement && isRead;
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

function idOf({ statement, topic, partition, offset, step }: KeptLetter): string {
  return JSON.stringify([statement, topic, partition, offset, step]);
}

/** null: it is something else that lies in that topic. */
function letterOf(text: string): KeptLetter | null {
  try {
    const letter = JSON.parse(text) as Partial<KeptLetter> | null;
    const hasPlace = typeof letter?.statement === "string" && typeof letter.topic === "string" && typeof letter.step === "string";
    return hasPlace && Number.isInteger(letter.partition) && Number.isInteger(letter.offset) ? (letter as KeptLetter) : null;
  } catch {
    return null;
  }
}

/** What says of a letter that its record was put back: the letter again, under its id, with the time. */
export function redrivenRecord({ letter, keptPartition }: FoundLetter, nowMs: number): RawRecord {
  const value = JSON.stringify({ ...letter, redrivenAt: new Date(nowMs).toISOString() });
  return { key: Buffer.from(idOf(letter)), value: Buffer.from(value), timestampMs: nowMs, partition: keptPartition };
}

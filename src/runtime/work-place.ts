import type { Coordinates } from "../errors.ts";
import type { PipelinePlan } from "../plan/pipeline-plan.ts";

/** Shared numbers: statement and source, counted from 1, partition, first offset, last offset, how often it said that it goes on. */
const NUMBERS = 6;

export interface WorkedOn {
  readonly coordinates: Coordinates;
  /** Of the last record of the batch that the first one belongs to. */
  readonly lastOffset: number;
}

/**
 * Which records a thread is at, in memory that its starter sees too: a thread that hangs or whose heap is full cannot tell it any more.
 * Written once for each batch and statement.
 */
export class WorkPlace {
  readonly buffer: SharedArrayBuffer;
  private readonly numbers: Float64Array;
  private readonly plan: PipelinePlan;
  private readonly statements: ReadonlyMap<string, number>;
  private readonly sources: ReadonlyMap<string, number>;

  constructor(plan: PipelinePlan, buffer = new SharedArrayBuffer(NUMBERS * Float64Array.BYTES_PER_ELEMENT)) {
    this.plan = plan;
    this.buffer = buffer;
    this.numbers = new Float64Array(buffer);
    this.statements = new Map(plan.statements.map(({ statement }, index) => [statement.name, index + 1]));
    this.sources = new Map(plan.sources.map(({ topic }, index) => [topic, index + 1]));
  }

  enter(statement: string, topic: string, partition: number, firstOffset: number, lastOffset: number): void {
    const { numbers } = this;
    numbers[1] = this.sources.get(topic) ?? 0;
    numbers[2] = partition;
    numbers[3] = firstOffset;
    numbers[4] = lastOffset;
    // Last: it says that the others hold.
    numbers[0] = this.statements.get(statement) ?? 0;
  }

  leave(): void {
    this.numbers[0] = 0;
  }

  /** The thread goes on: its turns come. */
  beat(): void {
    this.numbers[5] = this.beats + 1;
  }

  /** How often it has said so. */
  get beats(): number {
    return this.numbers[5] ?? 0;
  }

  /** null: at none. */
  read(): WorkedOn | null {
    const [statement = 0, source = 0, partition = 0, offset = 0, lastOffset = 0] = this.numbers;
    const plan = this.plan.statements[statement - 1];
    if (plan === undefined) return null;
    const topic = this.plan.sources[source - 1]?.topic;
    return { coordinates: { statement: plan.statement.name, ...(topic === undefined ? {} : { topic }), partition, offset }, lastOffset };
  }
}

import type { Coordinates } from "../errors.ts";
import type { PipelinePlan } from "../plan/pipeline-plan.ts";

/** Shared numbers: statement (counted from 1), flags, records of its log, the same as they are shown, how often it said that it goes on. */
const At = { statement: 0, isThere: 1, isOfResults: 2, log: 3, shown: 7, record: 11, beats: 12 } as const;
const NUMBERS = 13;

const NONE = -1;

/** Records that lie together in a log: a topic, or what is merged of several, whose numbers count the records merged. */
export interface Stretch {
  /** null: none that the pipeline's text names. */
  readonly topic: string | null;
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

/** Those of the log that a statement goes by. */
export interface StatementStretch extends Stretch {
  readonly statement: string;
  /** Its results were made of them; else they were taken. */
  readonly isOfResults?: boolean;
}

/** A log as a statement goes by it. */
type StatementLog = Pick<StatementStretch, "statement" | "topic" | "partition">;

export interface WorkedOn {
  /** With an offset where it is one record. */
  readonly coordinates: Coordinates;
  /** As they are shown: of a log that is merged those of the input that it was at. */
  readonly records: Stretch;
  /** Among which the one must be that stopped it. */
  readonly stretch: StatementStretch;
  /** It was done with them, and had begun nothing else. */
  readonly isOver: boolean;
}

export interface WorkPlaceOptions {
  /** What the thread shares with its starter; left out: it is made. */
  readonly buffer?: SharedArrayBuffer;
  /** Among which threads were lost before: they are taken one at a time. */
  readonly suspects?: readonly StatementStretch[];
  /** Resolves when all that is due now has had its turn. */
  readonly nextTurn?: () => Promise<void>;
}

/**
 * Which records a thread is at, in memory that its starter sees too: a thread that hangs or whose heap is full cannot tell it any more.
 * Written once for each batch and statement.
 */
export class WorkPlace {
  readonly buffer: SharedArrayBuffer;
  /** One number: which of the records it is at, where that is known; to be told by an offset. */
  readonly record: Float64Array;
  private readonly numbers: Float64Array;
  private readonly plan: PipelinePlan;
  private readonly nextTurn: () => Promise<void>;
  private readonly suspects: readonly StatementStretch[];
  private readonly statements: ReadonlyMap<string, number>;
  private readonly sources: ReadonlyMap<string, number>;

  constructor(plan: PipelinePlan, { buffer, suspects = [], nextTurn = async () => {} }: WorkPlaceOptions = {}) {
    this.plan = plan;
    this.suspects = suspects;
    this.nextTurn = nextTurn;
    this.buffer = buffer ?? new SharedArrayBuffer(NUMBERS * Float64Array.BYTES_PER_ELEMENT);
    this.numbers = new Float64Array(this.buffer);
    this.record = this.numbers.subarray(At.record, At.record + 1);
    this.statements = new Map(plan.statements.map(({ statement }, index) => [statement.name, index + 1]));
    this.sources = new Map(plan.sources.map(({ topic }, index) => [topic, index + 1]));
  }

  enter(at: StatementStretch, shown: Stretch = at): void {
    const { numbers } = this;
    numbers[At.isThere] = 0;
    this.write(At.log, at);
    this.write(At.shown, shown);
    numbers[At.record] = NONE;
    numbers[At.isOfResults] = at.isOfResults === true ? 1 : 0;
    numbers[At.statement] = this.statements.get(at.statement) ?? 0;
    // Last: it says that the others hold.
    numbers[At.isThere] = 1;
  }

  leave(): void {
    this.numbers[At.isThere] = 0;
  }

  /** Leaves once what it has set off there has had its turn. */
  async linger(): Promise<void> {
    await this.nextTurn();
    this.leave();
  }

  /** Something in the middle of what it is at, where it is again afterwards. */
  during<T>(at: StatementStretch, shown: Stretch, act: () => T): T {
    const before = this.numbers.slice(0, At.beats);
    this.enter(at, shown);
    try {
      return act();
    } finally {
      this.numbers.set(before);
    }
  }

  /** The thread goes on: its turns come. */
  beat(): void {
    this.numbers[At.beats] = this.beats + 1;
  }

  /** How often it has said so. */
  get beats(): number {
    return this.numbers[At.beats] ?? 0;
  }

  get hasSuspects(): boolean {
    return this.suspects.length > 0;
  }

  /** Records of that log, from `number` on, are taken together up to there; Infinity: all of them. */
  endOfPiece(log: StatementLog, number: number): number {
    let end = Number.POSITIVE_INFINITY;
    for (const { first, last } of this.suspectsOf(log)) if (number <= last) end = Math.min(end, Math.max(number + 1, first));
    return end;
  }

  /** Whether its results are to be made of that record alone. */
  isSuspectOfResults(log: StatementLog, number: number): boolean {
    return this.suspectsOf(log).some(({ first, last, isOfResults }) => isOfResults === true && first <= number && number <= last);
  }

  /** null: it has been at none. */
  read(): WorkedOn | null {
    const { numbers } = this;
    const name = this.plan.statements[(numbers[At.statement] ?? 0) - 1]?.statement.name;
    if (name === undefined) return null;
    const isOver = numbers[At.isThere] === 0;
    const records = this.known(this.stretchAt(At.shown), isOver);
    const { topic, partition, first, last } = records;
    const coordinates = {
      statement: name,
      ...(topic === null ? {} : { topic }),
      partition,
      ...(first === last ? { offset: first } : {}),
    };
    const isOfResults = numbers[At.isOfResults] === 1;
    const stretch = { statement: name, ...this.known(this.stretchAt(At.log), isOver), isOfResults };
    return { coordinates, records, stretch, isOver };
  }

  /** The one of them that was told. */
  private known(records: Stretch, isOver: boolean): Stretch {
    const told = this.numbers[At.record] ?? NONE;
    return isOver || told === NONE ? records : { ...records, first: told, last: told };
  }

  private write(place: number, { topic, partition, first, last }: Stretch): void {
    this.numbers.set([topic === null ? 0 : (this.sources.get(topic) ?? 0), partition, first, last], place);
  }

  private stretchAt(place: number): Stretch {
    const [source = 0, partition = 0, first = 0, last = 0] = this.numbers.subarray(place, place + 4);
    return { topic: this.plan.sources[source - 1]?.topic ?? null, partition, first, last };
  }

  private suspectsOf({ statement, topic, partition }: StatementLog): readonly StatementStretch[] {
    const named = topic !== null && this.sources.has(topic) ? topic : null;
    return this.suspects.filter((other) => other.statement === statement && other.partition === partition && other.topic === named);
  }
}

import { type RecordSlices, rowsOf } from "../../model/record-slices.ts";
import type { Stretch, WorkPlace } from "../work-place.ts";

/** Who is fed with records of a log. */
interface Fed {
  readonly name: string;
}

/** Where in one log its thread is, for whoever has to say so when that is lost; and which records are therefore taken one at a time. */
export class PlaceInLog {
  private readonly place: WorkPlace | undefined;
  private readonly topic: string;
  private readonly partition: number;

  /** `place`: left out where nobody would see it. */
  constructor(place: WorkPlace | undefined, topic: string, partition: number) {
    this.place = place;
    this.topic = topic;
    this.partition = partition;
  }

  /** At records `first` to `last` of the log, for that statement. */
  enter({ name }: Fed, first: number, last: number, shown?: Stretch): void {
    const { topic, partition } = this;
    this.place?.enter({ statement: name, topic, partition, first, last }, shown);
  }

  /** The same of rows [from, to) of a batch. */
  enterRows(task: Fed, { count, offsets }: RecordSlices, from = 0, to = count): void {
    if (from < to) this.enter(task, offsets[from] as number, offsets[to - 1] as number);
  }

  leave(): void {
    this.place?.leave();
  }

  /** Batches whose records come alone where a thread was lost among them, for one of those that are fed when it is asked for. */
  *pieces(tasks: ReadonlySet<Fed>, batches: readonly RecordSlices[]): Generator<RecordSlices> {
    if (this.place?.hasSuspects !== true) {
      yield* batches;
      return;
    }
    for (const slices of batches) {
      const { count, offsets } = slices;
      for (let from = 0, to = 0; from < count; from = to) {
        const end = Math.min(...[...tasks].map((task) => this.endOfPiece(task, offsets[from] as number)));
        do to++;
        while (to < count && (offsets[to] as number) < end);
        yield rowsOf(slices, from, to);
      }
    }
  }

  /** Records from that one on are taken together up to there; Infinity: all of them. */
  endOfPiece({ name: statement }: Fed, number: number): number {
    const { topic, partition } = this;
    return this.place?.endOfPiece({ statement, topic, partition }, number) ?? Number.POSITIVE_INFINITY;
  }

  /** Whether results are to be made of that record before the next one is taken. */
  isSuspectOfResults({ name: statement }: Fed, number: number): boolean {
    const { topic, partition } = this;
    return this.place?.isSuspectOfResults({ statement, topic, partition }, number) ?? false;
  }

  /** For which of them that record is taken alone; undefined: for none. */
  suspecting<T extends Fed>(tasks: Iterable<T>, number: number): T | undefined {
    return this.place?.hasSuspects === true ? [...tasks].find((task) => this.endOfPiece(task, number) === number + 1) : undefined;
  }

  /** What a record that was taken alone has set off has its turn while the thread is still seen at it. */
  async linger(): Promise<void> {
    await this.place?.linger();
  }
}

import { must } from "../../assert.ts";
import { inputsOf } from "../../model/statement.ts";
import type { StatementPlan } from "../../plan/pipeline-plan.ts";
import type { LoadNote, Note } from "../../state/journal/blob.ts";
import type { MergedInput } from "./merged-input.ts";

export interface TableLoadOptions {
  readonly plan: StatementPlan;
  /** All that the statement reads, and which of `inputsOf` each is of. */
  readonly inputs: readonly MergedInput[];
  readonly inputOf: readonly number[];
  /** All of the partition. */
  readonly notes: readonly Note[];
  readonly appendNotes: (notes: readonly Note[]) => Promise<void>;
}

/** Rows of one input that come before what all others have next. */
export interface Piece {
  readonly input: number;
  readonly to: number;
}

/**
 * What the tables of a statement hold to begin with. Before the first record of a stream is taken, they are read to the end that they
 * have then; what they get until such a record comes is read as it comes. Notes say how far each was read, and when the next one.
 */
export class TableLoad {
  private readonly options: TableLoadOptions;
  private readonly tables: readonly number[];
  /** What is still to be read, in this order. */
  private ahead: readonly LoadNote[];
  private round = 0;

  constructor(options: TableLoadOptions) {
    this.options = options;
    const { plan, inputs, notes } = options;
    this.tables = inputs.flatMap(({ place }, input) => (place.isLoading ? [input] : []));
    const isOwn = (note: Note): note is LoadNote =>
      note.kind === "load" && note.statement === plan.statement.name && note.beginning === plan.beginning.count;
    const own = notes.filter(isOwn).sort((left, right) => left.round - right.round || left.input - right.input);
    this.ahead = own;
    this.round = (own.at(-1)?.round ?? -1) + 1;
    if (own.some(({ isLast }) => isLast)) this.merge();
  }

  /** Records are merged. Else only those that `nextPiece` gives are taken. */
  get isDone(): boolean {
    return this.next() === null && this.tables.every((input) => !this.inputAt(input).place.isLoading);
  }

  /** Rows of the table that is read now, as far as they are at hand; null: none is. */
  nextPiece(): Piece | null {
    const next = this.next();
    return next === null ? null : { input: next.input, to: this.inputAt(next.input).rowBehind(next.offset) };
  }

  /** Writes down what is read next, once all before it was. */
  async goOn(): Promise<void> {
    if (this.isDone || this.next() !== null) return;
    const { plan, inputs, inputOf, appendNotes } = this.options;
    const reads = inputsOf(plan.statement);
    const isLast = inputs.some((input, index) => must(reads[must(inputOf[index])]).reads === "stream" && input.hasHead);
    if (!isLast && !this.tables.some((input) => this.inputAt(input).hasHead)) return;
    // A table that the pipeline itself still writes in a bounded run is read to the end that it will have.
    const isBounded = inputs.some(({ endOffset }) => endOffset < Number.POSITIVE_INFINITY);
    if (isLast && isBounded && this.tables.some((input) => this.inputAt(input).endOffset === Number.POSITIVE_INFINITY)) return;
    const { statement, beginning } = plan;
    const round = this.round++;
    const notes = await Promise.all(
      this.tables.map(async (input): Promise<LoadNote> => {
        const { log: topic } = this.inputAt(input).place;
        const offset = await this.endOf(input);
        return { kind: "load", topic, offset, statement: statement.name, input, beginning: beginning.count, round, isLast };
      }),
    );
    await appendNotes(notes);
    this.ahead = notes;
    if (isLast) this.merge();
  }

  private async endOf(input: number): Promise<number> {
    const { options, endOffset } = this.inputAt(input);
    const bounds = await options.log.bounds();
    return Math.min(bounds.endOffset, endOffset);
  }

  private next(): LoadNote | null {
    const isAhead = ({ input, offset }: LoadNote): boolean => {
      const table = this.inputAt(input);
      return table.place.cursor < offset && !table.isAtEnd && (!table.hasHead || table.rowBehind(offset) > table.row);
    };
    while (this.ahead[0] !== undefined && !isAhead(this.ahead[0])) this.ahead = this.ahead.slice(1);
    return this.ahead[0] ?? null;
  }

  private merge(): void {
    for (const input of this.tables) this.inputAt(input).place.isLoading = false;
  }

  private inputAt(input: number): MergedInput {
    return must(this.options.inputs[input]);
  }
}

import { LIMITS } from "../../limits.ts";
import { ByteWriter } from "../../model/byte-writer.ts";
import type { ChangeBatch } from "../../model/change.ts";
import { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { CompiledRows } from "../../plan/code/compile-joins.ts";
import { PredicateTables } from "../../plan/code/predicate-tables.ts";
import type { GroupState, NamedTarget, RowMarks, RowTask } from "../../plan/code/task.ts";
import type { Decoder } from "../../ports/codec.ts";
import type { JoinedRows, Operator, SideRows } from "../../state/operators/operator.ts";
import { PayloadReader, PayloadWriter } from "../../state/payload.ts";
import { decodeChanges } from "../feeds/decode-changes.ts";
import { NO_MARKS, NO_RECORD, NO_VERSIONS } from "../feeds/no-marks.ts";
import { StageRows } from "./stage-rows.ts";

/** A stage that filters and projects rows for another one that needs them as columns. It keeps nothing but the time, and where it is. */
export class RowStage implements Operator, RowTask {
  readonly collects = true;
  readonly isWithin = false;
  readonly nextExpiryMs = Number.POSITIVE_INFINITY;
  readonly closingTimeMs = null;
  readonly byteLength = 0;
  readonly dirtyRows = 0;
  readonly late = 0;
  readonly out = new ChangeBatchBuilder();
  readonly keyWriter = new ByteWriter(256);
  readonly record = NO_RECORD;
  readonly predicates = new PredicateTables();
  readonly idBefore = "";
  readonly idAfter = "";
  readonly lateIdAfter = "";
  marks: RowMarks = NO_MARKS;
  versions: Float64Array = NO_VERSIONS;
  streamTimeMs = Number.NEGATIVE_INFINITY;
  applied = 0;
  filtered = 0;
  private readonly stage: CompiledRows;
  readonly partition: number;
  private readonly decoder: Decoder;
  private rows: SideRows | null = null;
  private readonly given = new StageRows();
  /** What stream time is after each row that came out. */
  private streamTimes: number[] = [];
  private batch: ChangeBatch | null = null;
  /** Rows of a join may have one cause: the number of the last one among those of its cause. */
  private readonly last = { cause: -1, ordinal: 0 };

  constructor(stage: CompiledRows, partition: number, decoder: Decoder) {
    this.stage = stage;
    this.partition = partition;
    this.decoder = decoder;
  }

  get state(): GroupState {
    throw new Error("assertion failed: a stage of rows has no groups");
  }

  take(_side: 0 | 1, rows: SideRows, from: number, to: number): number {
    this.giveBack();
    if (this.out.count >= LIMITS.barrierChangesMax || this.out.byteLength >= LIMITS.barrierBytesMax) return from;
    this.begin(rows, from, to);
    const before = this.out.count;
    const reached = this.stage.compiled.rows(rows.batch, from, to, this);
    if (reached > from) this.streamTimeMs = this.given.latestMs[reached - 1] as number;
    this.noteTimes(rows, from, before);
    this.rows = null;
    this.marks = NO_MARKS;
    return reached;
  }

  advance(streamTimeMs: number): boolean {
    this.giveBack();
    this.streamTimeMs = Math.max(this.streamTimeMs, streamTimeMs);
    return true;
  }

  drain(): JoinedRows | null {
    const { out, partition } = this;
    if (out.count === 0) return null;
    this.giveBack();
    this.batch = out.build();
    const batch = decodeChanges(this.decoder, this.batch, partition);
    const { count, causeOrdinals: ordinals, versions, causeOffsets } = this.batch;
    const streamTimesMs = Float64Array.from(this.streamTimes);
    this.streamTimes = [];
    return { from: 0, to: count, batch, ordinals, versions, streamTimesMs, coordinates: [causeOffsets] };
  }

  takeDelta(): Buffer {
    const writer = new PayloadWriter(20);
    writer.float64(this.streamTimeMs);
    writer.float64(this.last.cause);
    writer.uint32(this.last.ordinal);
    return writer.take();
  }

  takeSnapshot(): Buffer {
    return this.takeDelta();
  }

  apply(payload: Buffer): void {
    const reader = new PayloadReader(payload);
    this.streamTimeMs = reader.float64();
    this.last.cause = reader.float64();
    this.last.ordinal = reader.uint32();
  }

  // --- called by generated code ------------------------------------------------------------------

  failRow(row: number, message: string): boolean {
    return this.rows === null || this.rows.fail(row, message);
  }

  flaggedRow(row: number): boolean {
    return this.failRow(row, "the record has no value, and nothing can be made of it");
  }

  lateRow(): boolean {
    return false;
  }

  closeWindows(): boolean {
    return false;
  }

  windowFilled(): boolean {
    return false;
  }

  writeId(): void {}

  ordinalAt(): number {
    return 0;
  }

  ordinalOf(cause: number): number {
    const next = this.last.cause === cause ? this.last.ordinal + 1 : 0;
    this.last.cause = cause;
    this.last.ordinal = next;
    return next;
  }

  targetAt(): null {
    return null;
  }

  targetNamed(name: string): NamedTarget {
    return { name, problem: null };
  }

  // --- private -----------------------------------------------------------------------------------

  /** What was drained was read; its memory is used again. */
  private giveBack(): void {
    if (this.batch !== null) this.out.takeBack(this.batch);
    this.batch = null;
  }

  private begin(rows: SideRows, from: number, to: number): void {
    this.rows = rows;
    this.versions = rows.versions;
    this.marks = this.given.marksOf(rows, from, to, this.streamTimeMs);
  }

  /** Rows come out in the order in which they went in, each with the offset and version of its record. */
  private noteTimes({ batch, versions }: SideRows, from: number, before: number): void {
    const { offsets } = batch.slices;
    let row = from;
    for (let made = before; made < this.out.count; made++) {
      const [offset, version] = [this.out.causeOffsetAt(made), this.out.versionAt(made)];
      while (offsets[row] !== offset || versions[row] !== version) row++;
      this.streamTimes.push(this.given.latestMs[row] as number);
    }
  }
}

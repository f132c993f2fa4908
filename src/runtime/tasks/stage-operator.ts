import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { ByteWriter } from "../../model/byte-writer.ts";
import type { ChangeBatch } from "../../model/change.ts";
import { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { CompiledGroups } from "../../plan/code/compile-joins.ts";
import { PredicateTables } from "../../plan/code/predicate-tables.ts";
import type { NamedTarget, RowMarks, RowTask } from "../../plan/code/task.ts";
import type { Decoder } from "../../ports/codec.ts";
import type { GroupedState } from "../../state/grouped-state.ts";
import { newGroupedState } from "../../state/new-grouped-state.ts";
import type { JoinedRows, Operator, SideRows } from "../../state/operators/operator.ts";
import { joinPayloads, PayloadReader, PayloadWriter, splitPayload } from "../../state/payload.ts";
import { decodeChanges } from "../feeds/decode-changes.ts";
import { NO_MARKS, NO_RECORD, NO_VERSIONS } from "../feeds/no-marks.ts";
import { GroupEmission } from "./group-emission.ts";
import { StageRows } from "./stage-rows.ts";

/**
 * A stage of WITH that aggregates: a topic in memory. What its loop makes of the rows that it is given becomes records, which are read as
 * those of a topic would be, in the same task, state and blob.
 */
export class StageOperator implements Operator, RowTask {
  readonly collects = true;
  readonly isWithin = false;
  readonly state: GroupedState;
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
  late = 0;
  private readonly stage: CompiledGroups;
  readonly partition: number;
  private readonly decoder: Decoder;
  private readonly emission: GroupEmission;
  private rows: SideRows | null = null;
  private readonly given = new StageRows();
  private batch: ChangeBatch | null = null;
  /** Of what was made since the last time, the versions of what made it. */
  private versionsMade = new Float64Array(64);
  private marked = 0;
  /** Of what was told of since the last blob, where the state does not set it aside. */
  private deltas: Buffer[] = [];
  private deltaBytes = 0;

  constructor(stage: CompiledGroups, partition: number, decoder: Decoder) {
    this.stage = stage;
    this.partition = partition;
    this.decoder = decoder;
    this.state = newGroupedState(stage.plan.statement, stage.compiled);
    this.emission = this.newEmission(null);
  }

  get nextExpiryMs(): number {
    return this.state.nextCloseMs;
  }

  get closingTimeMs(): number | null {
    return this.state.closingTimeMs;
  }

  get byteLength(): number {
    return this.state.byteLength + this.deltaBytes;
  }

  get dirtyRows(): number {
    return this.state.dirtyGroups + (this.state.asideGroups ?? this.deltas.length);
  }

  take(_side: 0 | 1, rows: SideRows, from: number, to: number): number {
    const { compiled, plan } = this.stage;
    this.giveBack();
    this.begin(rows, from, to);
    const tells = plan.statement.emit !== "final";
    let row = from;
    while (row < to && !this.isFull) {
      if (this.emission.isCut && !this.flush(rows.versions[Math.max(row - 1, from)] as number)) break;
      const reached = compiled.rows(rows.batch, row, tells ? row + 1 : to, this);
      if (reached === row) break;
      row = reached;
      if (tells) this.flush(rows.versions[row - 1] as number);
    }
    this.rows = null;
    this.marks = NO_MARKS;
    return row;
  }

  advance(streamTimeMs: number, sequence: number, version: number): boolean {
    this.giveBack();
    const toMs = Math.max(this.streamTimeMs, streamTimeMs);
    if (this.closed(toMs, sequence, version) === "cut") return false;
    this.streamTimeMs = toMs;
    return true;
  }

  /**
   * Groups that have changed come out, after every record: what the next loop sees of them is a matter of the log alone, not of where a
   * barrier lies. Else it would not know, after a crash, of groups that a lost try had told it of in between.
   */
  flush(version: number): boolean {
    if (this.stage.plan.statement.emit === "final") return true;
    const made = this.emission.changed(false);
    this.mark(version);
    if (made === "cut") return false;
    if (this.state.dirtyGroups === 0) return true;
    if (this.state.setAside !== undefined) this.state.setAside();
    else {
      const delta = this.state.takeDelta(false);
      this.deltas.push(delta);
      this.deltaBytes += delta.length;
    }
    return true;
  }

  drain(): JoinedRows | null {
    const { out, partition } = this;
    if (out.count === 0) return null;
    this.giveBack();
    this.batch = out.build();
    const { count, causeOrdinals: ordinals, timestampsMs, causeOffsets } = this.batch;
    const batch = decodeChanges(this.decoder, this.batch, partition);
    const streamTimesMs = timestampsMs.map((timeMs) => Math.min(timeMs, this.streamTimeMs));
    return { from: 0, to: count, batch, ordinals, versions: this.takeVersions(count), streamTimesMs, coordinates: [causeOffsets] };
  }

  takeDelta(): Buffer {
    return joinPayloads([this.place(), ...this.takeDeltas(), this.state.takeDelta(false)]);
  }

  takeSnapshot(): Buffer {
    this.takeDeltas();
    return joinPayloads([this.place(), this.state.takeSnapshot(false)]);
  }

  apply(payload: Buffer): void {
    const [place, ...states] = splitPayload(payload);
    const reader = new PayloadReader(must(place));
    this.streamTimeMs = reader.float64();
    const [cause, made] = [reader.float64(), reader.uint32()];
    this.emission.finals = made === 0 ? null : [cause, made];
    for (const state of states) this.state.apply(state, false);
  }

  // --- called by generated code ------------------------------------------------------------------

  failRow(row: number, message: string): boolean {
    return this.rows === null || this.rows.fail(row, message);
  }

  flaggedRow(row: number): boolean {
    return this.failRow(row, "the record has no value, and an aggregate cannot take it in");
  }

  lateRow(row: number): boolean {
    const fate = this.rows?.late?.(row) ?? "late";
    if (fate === "late") this.late++;
    return fate === "stop";
  }

  closeWindows(streamTimeMs: number, row: number): boolean {
    const { batch, versions } = must(this.rows);
    return this.closed(streamTimeMs, batch.slices.offsets[row] as number, versions[row] as number) !== "all";
  }

  windowFilled(row: number): boolean {
    const { batch, versions } = must(this.rows);
    const isStopped = this.emission.filled(batch.slices.offsets[row] as number);
    this.mark(versions[row] as number);
    return isStopped;
  }

  writeId(): void {
    throw new Error("assertion failed: groups are identified by their keys");
  }

  ordinalOf(): number {
    return 0;
  }

  ordinalAt(row: number): number {
    return must(this.rows).ordinals?.[row] ?? 0;
  }

  targetAt(): null {
    return null;
  }

  targetNamed(name: string): NamedTarget {
    return { name, problem: null };
  }

  // --- private -----------------------------------------------------------------------------------

  private get isFull(): boolean {
    return this.out.count >= LIMITS.barrierChangesMax || this.out.byteLength >= LIMITS.barrierBytesMax;
  }

  private closed(streamTimeMs: number, cause: number, version: number): "all" | "cut" {
    const made = this.emission.closed(streamTimeMs, cause);
    this.mark(version);
    return made === "cut" ? "cut" : "all";
  }

  /** A result is as late as what made it: not as the last record of its group, or results of one key would have falling versions. */
  private mark(version: number): void {
    const { count } = this.out;
    if (count > this.versionsMade.length) {
      const larger = new Float64Array(count * 2);
      larger.set(this.versionsMade.subarray(0, this.marked));
      this.versionsMade = larger;
    }
    this.versionsMade.fill(version, this.marked, count);
    this.marked = Math.max(this.marked, count);
  }

  private takeVersions(count: number): Float64Array {
    this.marked = 0;
    return this.versionsMade.slice(0, count);
  }

  private takeDeltas(): readonly Buffer[] {
    const { deltas } = this;
    this.deltas = [];
    this.deltaBytes = 0;
    return deltas;
  }

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

  private newEmission(finals: GroupEmission["finals"]): GroupEmission {
    const { plan, compiled } = this.stage;
    if (compiled.emit === null) throw new Error("assertion failed: a stage that does not aggregate is merged into what reads it");
    return new GroupEmission({
      plan,
      emit: compiled.emit,
      task: this,
      state: this.state,
      finals,
      emitAtEnd: false,
      onRefused: ({ group, why }) => {
        throw new SluiceError("RECORD_TYPE", `result of group ${group} of ${plan.statement.name}: ${why}`);
      },
    });
  }

  private place(): Buffer {
    const writer = new PayloadWriter(24);
    writer.float64(this.streamTimeMs);
    const [cause, made] = this.emission.finals ?? [0, 0];
    writer.float64(cause);
    writer.uint32(made);
    return writer.take();
  }
}

import { must } from "../../assert.ts";
import { Condition } from "../../model/column-batch.ts";
import { FAILED_KEY, NO_KEY, type ReadKeys, Verdict } from "../../plan/code/join-code.ts";
import { GroupKeys } from "../group-keys.ts";
import type { PayloadReader } from "../payload.ts";
import { RowLists } from "../row-lists.ts";
import type { JoinOptions } from "./join-options.ts";
import { beginPayload, JoinKind, openPayload, readKey } from "./join-payload.ts";
import { JoinedPiece } from "./joined-piece.ts";
import { FIRST_COORDINATE, KeyedRows } from "./keyed-rows.ts";
import type { JoinedRows, Operator, SideRows } from "./operator.ts";
import { PairJudge } from "./pair-judge.ts";
import { SideKeys } from "./side-keys.ts";
import { isTombstone, keyProblem } from "./table-keys.ts";
import { timeOfPair } from "./table-table-join.ts";

export interface ForeignKeyOptions extends JoinOptions {
  /** The left table's own key. `left.keys` gives the foreign one. */
  readonly leftKeys: ReadKeys;
  /** How many expressions the left table's own key is made of. */
  readonly leftKeyParts: number;
}

const ROW_BYTES = 128;
const NONE = -1;

/**
 * A table with the rows of another one that its rows name, a table again with the key of the left one; INNER or LEFT. A change of the right
 * side is a change of every left row that names it, in the order in which those got their present values.
 */
export class ForeignKeyJoin implements Operator {
  readonly collects = true;
  readonly streamTimeMs = Number.NEGATIVE_INFINITY;
  isWithin = false;
  readonly nextExpiryMs = Number.POSITIVE_INFINITY;
  readonly closingTimeMs = null;
  readonly late = 0;
  readonly filtered = 0;
  private readonly options: ForeignKeyOptions;
  /** Of the left rows, and of the right ones, by which the left ones name them. */
  private readonly leftKeys: GroupKeys;
  private readonly keys: GroupKeys;
  private readonly left: KeyedRows;
  private readonly right: KeyedRows;
  private readonly ownKeys: SideKeys;
  private readonly foreignKeys: SideKeys;
  private readonly rightKeys: SideKeys;
  private readonly lists: RowLists;
  /** By row id of the left table; `NO_KEY` where it names nothing. */
  private named = new Int32Array(0);
  private arrival = 0;
  private readonly arrivalExtra: number;
  private readonly piece: JoinedPiece;
  private readonly judge: PairJudge | null;
  private leftIds = new Int32Array(64);
  private rightIds = new Int32Array(64);
  /** How many of the left rows that the present right one changes have come out. */
  private met = 0;
  /** The copy of a right row that has been worked off in part; -1: there is none. */
  private pending = NONE as number;

  constructor(options: ForeignKeyOptions) {
    const { left, right, keyParts, residual } = options;
    this.options = options;
    this.leftKeys = new GroupKeys(options.leftKeyParts);
    this.keys = new GroupKeys(keyParts);
    this.left = new KeyedRows(left.columns, left.inputs + 1, this.leftKeys);
    this.right = new KeyedRows(right.columns, right.inputs, this.keys);
    this.arrivalExtra = FIRST_COORDINATE + left.inputs;
    this.lists = new RowLists(this.left.store, this.arrivalExtra);
    this.ownKeys = new SideKeys(options.leftKeys, this.leftKeys, 0);
    this.foreignKeys = new SideKeys(left.keys, this.keys, 0);
    this.rightKeys = new SideKeys(right.keys, this.keys, 1);
    const sides = [this.left, this.right].map(({ store }) => ({ store, firstCoordinate: FIRST_COORDINATE }));
    this.piece = new JoinedPiece(options, must(sides[0]), must(sides[1]));
    this.judge = residual === null ? null : new PairJudge(residual, options, this.left.store, this.right.store);
  }

  get byteLength(): number {
    const { leftKeys, keys, left, right, lists, piece, named, leftIds } = this;
    const parts = leftKeys.byteLength + keys.byteLength + left.byteLength + right.byteLength + lists.byteLength + piece.byteLength;
    return parts + named.length * 4 + leftIds.length * 8;
  }

  get dirtyRows(): number {
    return this.left.dirtyCount + this.right.dirtyCount;
  }

  take(side: 0 | 1, rows: SideRows, from: number, to: number): number {
    // Rows that came out are read when they are drained.
    if (this.piece.count === 0) {
      this.left.store.sweep();
      this.right.store.sweep();
    }
    this.leftKeys.sweep();
    this.keys.sweep();
    return side === 0 ? this.takeLeft(rows, from, to) : this.takeRight(rows, from, to);
  }

  advance(): boolean {
    return true;
  }

  drain(): JoinedRows | null {
    return this.piece.drain();
  }

  takeDelta(): Buffer {
    return this.payload(false);
  }

  takeSnapshot(): Buffer {
    return this.payload(true);
  }

  apply(payload: Buffer): void {
    const reader = openPayload(payload, JoinKind.foreignKey, this.options);
    this.arrival = reader.float64();
    this.isWithin = reader.uint8() === 1;
    this.met = reader.uint32();
    this.piece.readPlace(reader);
    this.right.read(reader);
    this.left.read(
      reader,
      (keyId) => this.unlist(this.left.rowOf(keyId)),
      (rowId) => this.readNamed(reader, rowId),
    );
    this.keys.sweep();
  }

  private payload(all: boolean): Buffer {
    const { left, right } = this;
    const rows = all ? left.store.count + right.store.count : this.dirtyRows;
    const writer = beginPayload(JoinKind.foreignKey, this.options, rows * ROW_BYTES);
    writer.float64(this.arrival);
    writer.uint8(this.isWithin ? 1 : 0);
    writer.uint32(this.met);
    this.piece.writePlace(writer);
    right.write(writer, all);
    left.write(writer, all, this.arrivalExtra, (rowId) => {
      const foreign = this.named[rowId] as number;
      writer.uint8(foreign < 0 ? 0 : 1);
      if (foreign >= 0) this.keys.writePayload(foreign, writer);
    });
    return writer.take();
  }

  private readNamed(reader: PayloadReader, rowId: number): void {
    this.list(rowId, reader.uint8() === 0 ? NO_KEY : readKey(reader, this.keys));
  }

  // --- changes of the left side --------------------------------------------------------------------

  private takeLeft(rows: SideRows, from: number, to: number): number {
    const { ownKeys, foreignKeys } = this;
    const ids = ownKeys.readPinned(rows.batch, from, to);
    const foreign = foreignKeys.readPinned(rows.batch, from, to);
    let row = from;
    for (; row < to && !this.piece.isFull; row++) {
      const goes = isTombstone(rows, row);
      const foreignId = goes ? NO_KEY : (foreign[row] as number);
      const problem = keyProblem(ownKeys, ids[row] as number, row) ?? (foreignId === FAILED_KEY ? foreignKeys.failureOf(row) : null);
      if (problem === null ? this.changeLeft(rows, row, ids[row] as number, foreignId, goes) : !rows.fail(row, problem)) continue;
      break;
    }
    foreignKeys.unpin(from, to);
    ownKeys.unpin(from, to);
    return row;
  }

  /** False: to stop before the row. */
  private changeLeft(rows: SideRows, row: number, keyId: number, foreignId: number, goes: boolean): boolean {
    const { left, right, piece } = this;
    const before = left.rowOf(keyId);
    const wasThere = before >= 0 && (this.isLeft || right.rowOf(this.named[before] as number) >= 0);
    const copy = left.copy(rows, row);
    const matched = right.rowOf(foreignId);
    const verdict = matched < 0 || goes ? Verdict.false : this.verdictsOf(1, copy, matched);
    if (verdict === Verdict.failed) {
      left.store.free(copy);
      return !rows.fail(row, must(this.judge).failure ?? "");
    }
    piece.begin(rows.sequences[row] as number, rows.versions[row] as number, this.streamTimeMs);
    const rightId = verdict === Verdict.true ? matched : NONE;
    const timeMs = timeOfPair(left, copy, right, rightId);
    if (!goes && (rightId >= 0 || this.isLeft)) piece.push(copy, rightId, timeMs);
    else if (wasThere) piece.push(copy, rightId, timeMs, Condition.tombstone);
    this.unlist(before);
    left.set(keyId, goes ? NONE : copy);
    if (goes) left.store.free(copy);
    else {
      (left.store.extras[this.arrivalExtra] as Float64Array)[copy] = this.arrival++;
      this.list(copy, foreignId);
    }
    return true;
  }

  private get isLeft(): boolean {
    return this.options.type === "left";
  }

  /** From now on the left row is found by what it names. */
  private list(rowId: number, foreignId: number): void {
    if (rowId >= this.named.length) {
      const larger = new Int32Array(this.left.store.capacity);
      larger.set(this.named);
      this.named = larger;
    }
    this.named[rowId] = foreignId;
    if (foreignId < 0) return;
    this.keys.retain(foreignId);
    this.lists.insert(foreignId, rowId);
  }

  private unlist(rowId: number): void {
    const foreignId = rowId < 0 ? NO_KEY : (this.named[rowId] as number);
    if (foreignId < 0) return;
    this.lists.remove(foreignId, rowId);
    this.keys.release(foreignId);
  }

  // --- changes of the right side -------------------------------------------------------------------

  private takeRight(rows: SideRows, from: number, to: number): number {
    const { rightKeys } = this;
    const ids = rightKeys.readPinned(rows.batch, from, to);
    let row = from;
    for (; row < to; row++) {
      const problem = keyProblem(rightKeys, ids[row] as number, row);
      if (problem === null ? this.changeRight(rows, row, ids[row] as number) : !rows.fail(row, problem)) continue;
      break;
    }
    rightKeys.unpin(from, to);
    return row;
  }

  /** Nothing is changed before all of the left rows have come out: what is given again gives the same. False: to stop before the row. */
  private changeRight(rows: SideRows, row: number, keyId: number): boolean {
    const { left, right, piece } = this;
    const goes = isTombstone(rows, row);
    if (this.pending < 0) this.pending = right.copy(rows, row);
    const { pending } = this;
    const count = this.findLeft(keyId);
    const verdicts =
      goes || this.judge === null || count === 0 ? null : this.judge.judge(this.leftIds, this.rightIds.fill(pending, 0, count), count);
    if (verdicts !== null && this.judge?.failure !== null && !this.isWithin) {
      right.store.free(pending);
      this.pending = NONE;
      return !rows.fail(row, this.judge?.failure ?? "");
    }
    const wasThere = this.isLeft || right.rowOf(keyId) >= 0;
    piece.begin(rows.sequences[row] as number, rows.versions[row] as number, this.streamTimeMs);
    for (; this.met < count; this.met++) {
      this.isWithin = piece.isFull;
      if (piece.isFull) return false;
      const leftId = this.leftIds[this.met] as number;
      const timeMs = timeOfPair(left, leftId, right, pending);
      const isPair = !goes && (verdicts === null || verdicts[this.met] === Verdict.true);
      if (isPair || this.isLeft) piece.push(leftId, isPair ? pending : NONE, timeMs);
      else if (wasThere) piece.push(leftId, pending, timeMs, Condition.tombstone);
    }
    right.set(keyId, goes ? NONE : pending);
    if (goes) right.store.free(pending);
    this.pending = NONE;
    this.met = 0;
    this.isWithin = false;
    return true;
  }

  /** The left rows that name a key, into `leftIds`; gives how many. */
  private findLeft(keyId: number): number {
    let count = 0;
    for (let rowId = this.lists.firstOf(keyId); rowId >= 0; rowId = this.lists.after(rowId)) {
      if (count === this.leftIds.length) {
        const larger = new Int32Array(count * 2);
        larger.set(this.leftIds);
        this.leftIds = larger;
        this.rightIds = new Int32Array(count * 2);
      }
      this.leftIds[count++] = rowId;
    }
    return count;
  }

  private verdictsOf(count: number, leftId: number, rightId: number): number {
    if (this.judge === null) return Verdict.true;
    this.leftIds[0] = leftId;
    this.rightIds[0] = rightId;
    return this.judge.judge(this.leftIds, this.rightIds, count)[0] as number;
  }
}

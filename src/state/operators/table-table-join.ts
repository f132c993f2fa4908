import { Condition } from "../../model/column-batch.ts";
import { Verdict } from "../../plan/code/join-code.ts";
import { GroupKeys } from "../group-keys.ts";
import type { JoinOptions } from "./join-options.ts";
import { beginPayload, JoinKind, openPayload } from "./join-payload.ts";
import { JoinedPiece } from "./joined-piece.ts";
import { FIRST_COORDINATE, KeyedRows } from "./keyed-rows.ts";
import type { JoinedRows, Operator, SideRows } from "./operator.ts";
import { PairJudge } from "./pair-judge.ts";
import { SideKeys } from "./side-keys.ts";
import { isTombstone, keyProblem } from "./table-keys.ts";

const ROW_BYTES = 128;
const NONE = -1;

/**
 * Two tables by their keys, a table again: each change of either side is an upsert of the joined row, or where there was one and is none
 * any more, a delete. FULL has no condition beside the keys: both rows would be rows of one key.
 */
export class TableTableJoin implements Operator {
  readonly collects = true;
  readonly streamTimeMs = Number.NEGATIVE_INFINITY;
  readonly isWithin = false;
  readonly nextExpiryMs = Number.POSITIVE_INFINITY;
  readonly closingTimeMs = null;
  readonly late = 0;
  readonly filtered = 0;
  private readonly options: JoinOptions;
  private readonly keys: GroupKeys;
  private readonly tables: readonly [KeyedRows, KeyedRows];
  private readonly sideKeys: readonly [SideKeys, SideKeys];
  private readonly piece: JoinedPiece;
  private readonly judge: PairJudge | null;
  private readonly one = [new Int32Array(1), new Int32Array(1)] as const;

  constructor(options: JoinOptions) {
    const { left, right, keyParts, residual, type } = options;
    if (residual !== null && type === "full") throw new Error("assertion failed: a FULL join of tables has no condition beside its keys");
    this.options = options;
    this.keys = new GroupKeys(keyParts);
    const [l, r] = [new KeyedRows(left.columns, left.inputs, this.keys), new KeyedRows(right.columns, right.inputs, this.keys)];
    this.tables = [l, r];
    this.sideKeys = [new SideKeys(left.keys, this.keys, 0), new SideKeys(right.keys, this.keys, 1)];
    const pieceSide = ({ store }: KeyedRows) => ({ store, firstCoordinate: FIRST_COORDINATE });
    this.piece = new JoinedPiece(options, pieceSide(l), pieceSide(r));
    this.judge = residual === null ? null : new PairJudge(residual, options, l.store, r.store);
  }

  get byteLength(): number {
    return this.keys.byteLength + this.tables[0].byteLength + this.tables[1].byteLength + this.piece.byteLength;
  }

  get dirtyRows(): number {
    return this.tables[0].dirtyCount + this.tables[1].dirtyCount;
  }

  take(side: 0 | 1, rows: SideRows, from: number, to: number): number {
    // Rows that came out are read when they are drained.
    if (this.piece.count === 0) for (const { store } of this.tables) store.sweep();
    this.keys.sweep();
    const keys = this.sideKeys[side];
    const ids = keys.readPinned(rows.batch, from, to);
    let row = from;
    for (; row < to && !this.piece.isFull; row++) {
      const keyId = ids[row] as number;
      const problem = keyProblem(keys, keyId, row);
      if (problem === null ? this.change(side, rows, row, keyId) : !rows.fail(row, problem)) continue;
      break;
    }
    keys.unpin(from, to);
    return row;
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
    const reader = openPayload(payload, JoinKind.tables, this.options);
    this.piece.readPlace(reader);
    for (const table of this.tables) table.read(reader);
  }

  private payload(all: boolean): Buffer {
    const rows = this.tables.reduce((sum, table) => sum + (all ? table.store.count : table.dirtyCount), 0);
    const writer = beginPayload(JoinKind.tables, this.options, rows * ROW_BYTES);
    this.piece.writePlace(writer);
    for (const table of this.tables) table.write(writer, all);
    return writer.take();
  }

  /** False: to stop before the row. */
  private change(side: 0 | 1, rows: SideRows, row: number, keyId: number): boolean {
    const [left, right] = this.tables;
    const own = this.tables[side];
    const wasThere = this.isJoined(left.rowOf(keyId), right.rowOf(keyId));
    const goes = isTombstone(rows, row);
    const copy = own.copy(rows, row);
    const l = side === 0 ? copy : left.rowOf(keyId);
    const r = side === 1 ? copy : right.rowOf(keyId);
    const newLeft = goes && side === 0 ? NONE : l;
    const newRight = goes && side === 1 ? NONE : r;
    const verdict = this.verdict(newLeft, newRight);
    if (verdict === Verdict.failed) {
      own.store.free(copy);
      return !rows.fail(row, this.judge?.failure ?? "");
    }
    this.piece.begin(rows.sequences[row] as number, rows.versions[row] as number, this.streamTimeMs);
    const timeMs = timeOfPair(left, l, right, r);
    if (!this.isJoined(newLeft, newRight) || (verdict === Verdict.false && this.options.type === "inner")) {
      if (wasThere) this.piece.push(l, r, timeMs, Condition.tombstone);
    } else if (verdict === Verdict.true) this.piece.push(newLeft, newRight, timeMs);
    else this.piece.push(this.options.type === "left" ? newLeft : NONE, this.options.type === "left" ? NONE : newRight, timeMs);
    own.set(keyId, goes ? NONE : copy);
    if (goes) own.store.free(copy);
    return true;
  }

  private isJoined(leftId: number, rightId: number): boolean {
    switch (this.options.type) {
      case "inner":
        return leftId >= 0 && rightId >= 0;
      case "left":
        return leftId >= 0;
      case "right":
        return rightId >= 0;
      case "full":
        return leftId >= 0 || rightId >= 0;
    }
  }

  /** Of a pair of which one is not there: true. */
  private verdict(leftId: number, rightId: number): number {
    if (this.judge === null || leftId < 0 || rightId < 0) return Verdict.true;
    const [l, r] = this.one;
    l[0] = leftId;
    r[0] = rightId;
    const [verdict] = this.judge.judge(l, r, 1);
    return verdict as number;
  }
}

/** The later of both; of a row that is not there none. */
export function timeOfPair(left: KeyedRows, leftId: number, right: KeyedRows, rightId: number): number {
  const leftMs = leftId < 0 ? Number.NEGATIVE_INFINITY : left.timeOf(leftId);
  return rightId < 0 ? leftMs : Math.max(leftMs, right.timeOf(rightId));
}

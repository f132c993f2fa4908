import { must } from "../../assert.ts";
import { Condition } from "../../model/column-batch.ts";
import { FAILED_KEY, NO_KEY, UNWANTED_KEY, Verdict } from "../../plan/code/join-code.ts";
import { GroupKeys } from "../group-keys.ts";
import type { PayloadReader, PayloadWriter } from "../payload.ts";
import type { JoinOptions } from "./join-options.ts";
import { beginPayload, JoinKind, openPayload, readKey } from "./join-payload.ts";
import { JoinedPiece } from "./joined-piece.ts";
import type { JoinedRows, Operator, SideRows } from "./operator.ts";
import { PairJudge } from "./pair-judge.ts";
import { FIRST_COORDINATE, type Reach, StreamSide } from "./stream-side.ts";

export interface StreamStreamOptions extends JoinOptions {
  /** How much older than a left row a right one may be, and how much younger. */
  readonly within: { readonly beforeMs: number; readonly afterMs: number; readonly graceMs: number };
}

/** Keys that are read at a time: where much comes out, they are read again for each piece. */
const KEYS_AT_ONCE = 4096;
const RELEASED_MAX = 4096;
const ROW_BYTES = 128;

/**
 * Two streams whose rows meet where they are near to each other in time. A row waits until stream time has passed all it can match, and
 * its grace; then it goes, on an outer side with nulls where it has matched nothing.
 */
export class StreamStreamJoin implements Operator {
  readonly collects = true;
  streamTimeMs = Number.NEGATIVE_INFINITY;
  isWithin = false;
  late = 0;
  filtered = 0;
  private readonly options: StreamStreamOptions;
  private readonly keys: GroupKeys;
  private readonly sides: readonly [StreamSide, StreamSide];
  /** By how much rows may come out behind stream time. */
  private readonly lagMs: number;
  private readonly piece: JoinedPiece;
  private readonly judge: PairJudge | null;
  /** Of the row that is kept next. */
  private arrival = 0;
  /** What the rows that the present one meets have been numbered to. */
  private candidates = new Int32Array(64);
  private others = new Int32Array(0);
  /** How many of them have come out. */
  private met = 0;
  /** The copy of a row that has been worked off in part; -1: there is none. */
  private pending = -1;
  /** The stream time by which all is gone, and the row that went last beyond it. */
  private goneByMs = Number.NEGATIVE_INFINITY;
  private expired = NONE_EXPIRED;
  private arrivalAtBarrier = 0;
  /** Uses of keys that are over; many together, as what is known of a dictionary's strings is forgotten with them. */
  private released: number[] = [];
  /** Rows kept since the barrier in the order of arrival: row id · 2 + side. */
  private added: number[] = [];
  /** Rows kept before it that have matched since: arrival · 2 + side. */
  private matchedLately: number[] = [];
  /** While payloads are applied: row ids by arrival · 2 + side. */
  private restored: Map<number, number> | null = null;

  constructor(options: StreamStreamOptions) {
    const { type, left, right, keyParts, within, residual } = options;
    const { beforeMs, afterMs, graceMs } = within;
    this.options = options;
    this.keys = new GroupKeys(keyParts);
    const ofLeft: Reach = { beforeMs, afterMs, graceMs, isOuter: type === "left" || type === "full" };
    const ofRight: Reach = { beforeMs: afterMs, afterMs: beforeMs, graceMs, isOuter: type === "right" || type === "full" };
    this.sides = [new StreamSide(left, this.keys, 0, ofLeft), new StreamSide(right, this.keys, 1, ofRight)];
    const [l, r] = this.sides;
    this.lagMs = Math.max(l.keptMs, r.keptMs);
    const pieceSide = ({ store }: StreamSide) => ({ store, firstCoordinate: FIRST_COORDINATE });
    this.piece = new JoinedPiece(options, pieceSide(l), pieceSide(r));
    this.judge = residual === null ? null : new PairJudge(residual, options, l.store, r.store);
  }

  get byteLength(): number {
    const [left, right] = this.sides;
    const lists =
      (this.added.length + this.matchedLately.length + this.released.length) * 8 + (this.candidates.length + this.others.length) * 4;
    return this.keys.byteLength + left.byteLength + right.byteLength + this.piece.byteLength + lists;
  }

  get dirtyRows(): number {
    return this.added.length + this.matchedLately.length;
  }

  get nextExpiryMs(): number {
    return Math.min(...this.sides.map(({ queue, keptMs }) => queue.firstTimeMs + keptMs));
  }

  get closingTimeMs(): number | null {
    // Rows may be ahead of stream time: a timestamp that is refused does not move it.
    const times = this.sides.flatMap((side) => Array.from(side.queue.all(), (rowId) => side.timeOf(rowId) + side.keptMs));
    return times.length === 0 ? null : times.reduce((latest, time) => Math.max(latest, time), this.streamTimeMs + this.lagMs) + 1;
  }

  take(side: 0 | 1, rows: SideRows, from: number, to: number): number {
    this.begin();
    for (let row = from; row < to; ) {
      const end = Math.min(to, row + KEYS_AT_ONCE);
      const reached = this.takeSome(side, rows, row, end);
      if (reached < end) return reached;
      row = reached;
    }
    return to;
  }

  advance(streamTimeMs: number, sequence: number, version: number): boolean {
    this.begin();
    if (streamTimeMs <= this.streamTimeMs && !this.isWithin) return true;
    this.streamTimeMs = Math.max(this.streamTimeMs, streamTimeMs);
    this.piece.begin(sequence, version, this.streamTimeMs);
    this.isWithin = !this.expire();
    if (!this.isWithin) this.end();
    return !this.isWithin;
  }

  drain(): JoinedRows | null {
    return this.piece.drain();
  }

  takeDelta(): Buffer {
    const since = this.arrivalAtBarrier;
    const added = this.added.filter((packed, index) => {
      const side = this.side(packed);
      return side.store.isKept(packed >> 1) && side.arrivalOf(packed >> 1) === since + index;
    });
    return this.payload(added, this.matchedLately);
  }

  takeSnapshot(): Buffer {
    const all = this.sides.flatMap(({ queue }, side) => Array.from(queue.all(), (rowId) => rowId * 2 + side));
    return this.payload(all, []);
  }

  apply(payload: Buffer): void {
    const reader = openPayload(payload, JoinKind.streams, this.options);
    this.streamTimeMs = reader.float64();
    this.arrival = reader.float64();
    this.isWithin = reader.uint8() === 1;
    this.piece.readPlace(reader);
    this.met = reader.uint32();
    this.goneByMs = reader.float64();
    this.expired = { timeMs: reader.float64(), arrival: reader.float64() };
    for (let rows = reader.uint32(); rows > 0; rows--) this.readRow(reader);
    for (let rows = reader.uint32(); rows > 0; rows--) this.readMatched(reader.float64());
    this.dropExpired();
    this.markClean();
  }

  // --- one record ----------------------------------------------------------------------------------

  private dropUse(keyId: number): void {
    if (keyId >= 0) this.released.push(keyId);
  }

  private release(): void {
    for (const keyId of this.released) this.keys.release(keyId);
    this.released = [];
    this.keys.sweep();
  }

  private begin(): void {
    this.restored = null;
    // Rows that came out are read when they are drained.
    if (this.piece.count === 0) for (const { store } of this.sides) store.sweep();
  }

  private takeSome(side: 0 | 1, rows: SideRows, from: number, to: number): number {
    const { keys } = this.sides[side];
    if (this.released.length >= RELEASED_MAX) this.release();
    const ids = keys.readPinned(rows.batch, from, to);
    let row = from;
    for (; row < to; row++) {
      const { arrival } = this;
      if (!this.takeRow(side, rows, row, ids[row] as number)) break;
      if (this.arrival === arrival) this.dropUse(ids[row] as number);
    }
    for (let left = row; left < to; left++) this.dropUse(ids[left] as number);
    return row;
  }

  /** Whether the row was worked off, all of it. What can fail comes before anything is changed. */
  private takeRow(side: 0 | 1, rows: SideRows, row: number, keyId: number): boolean {
    const own = this.sides[side];
    const { piece } = this;
    const { records } = own;
    if (rows.batch.conditions[row] === Condition.tombstone) {
      this.filtered += records;
      return true;
    }
    const timeMs = rows.timesMs[row] as number;
    const streamTimeMs = Math.max(this.streamTimeMs, (rows.latestMs ?? rows.timesMs)[row] as number);
    if (streamTimeMs > timeMs + own.keptMs) {
      const fate = rows.late?.(row) ?? "late";
      if (fate === "late") this.late += records;
      return fate !== "stop";
    }
    if (this.pending < 0 && (keyId >= 0 || (keyId === NO_KEY && own.reach.isOuter))) this.pending = own.copy(rows, row);
    const count = keyId >= 0 ? this.findCandidates(side, timeMs, streamTimeMs, keyId) : 0;
    const failure = keyId === FAILED_KEY ? own.keys.failureOf(row) : count < 0 ? must(this.judge).failure : null;
    if (failure !== null && !this.isWithin && rows.fail(row, failure)) {
      this.forgetPending(own);
      return false;
    }
    this.streamTimeMs = streamTimeMs;
    piece.begin(rows.sequences[row] as number, rows.versions[row] as number, streamTimeMs);
    const isDone = this.expire() && (failure !== null || this.meet(side, keyId, count));
    this.isWithin = !isDone;
    if (!isDone) return false;
    if (failure !== null) this.forgetPending(own);
    this.end();
    return true;
  }

  /** The row is worked off. */
  private end(): void {
    this.met = 0;
    this.pending = -1;
  }

  private forgetPending({ store }: StreamSide): void {
    if (this.pending >= 0) store.free(this.pending);
    this.pending = -1;
  }

  /**
   * Rows of the other side that the pending one meets, into `candidates`; gives how many, -1 where a pair cannot be judged. Those that
   * stream time has passed when it comes are there until they expire: rows that a join before this one dropped may have moved it on.
   */
  private findCandidates(side: 0 | 1, timeMs: number, streamTimeMs: number, keyId: number): number {
    const { reach } = this.sides[side];
    const other = this.sides[1 - side] as StreamSide;
    const [from, to] = [Math.max(timeMs - reach.beforeMs, streamTimeMs - other.keptMs), timeMs + reach.afterMs];
    let count = 0;
    for (let rowId = other.lists.firstOf(keyId); rowId >= 0; rowId = other.lists.after(rowId)) {
      const time = other.timeOf(rowId);
      if (time < from || time > to) continue;
      if (count === this.candidates.length) this.growCandidates();
      this.candidates[count++] = rowId;
    }
    return count === 0 || this.judge === null ? count : this.judged(side, this.judge, count);
  }

  private judged(side: 0 | 1, judge: PairJudge, count: number): number {
    const { candidates } = this;
    if (this.others.length < count) this.others = new Int32Array(candidates.length);
    const others = this.others.fill(this.pending, 0, count);
    const verdicts = side === 0 ? judge.judge(others, candidates, count) : judge.judge(candidates, others, count);
    if (judge.failure !== null) return -1;
    let kept = 0;
    for (let i = 0; i < count; i++) if (verdicts[i] === Verdict.true) candidates[kept++] = candidates[i] as number;
    return kept;
  }

  private growCandidates(): void {
    const larger = new Int32Array(this.candidates.length * 2);
    larger.set(this.candidates);
    this.candidates = larger;
  }

  /** The pending row comes out with each that it meets, and is kept; false: no more fits into the piece. */
  private meet(side: 0 | 1, keyId: number, count: number): boolean {
    const { piece, pending, candidates } = this;
    const own = this.sides[side];
    const other = this.sides[1 - side] as StreamSide;
    if (keyId < 0) {
      if (keyId === UNWANTED_KEY || !own.reach.isOuter) this.filtered += own.records;
      else if (piece.isFull) return false;
      else {
        this.pushAlone(side, pending, own.timeOf(pending), this.streamTimeMs);
        this.forgetPending(own);
      }
      return true;
    }
    const time = own.timeOf(pending);
    for (; this.met < count; this.met++) {
      if (piece.isFull) return false;
      const met = candidates[this.met] as number;
      const joinedTime = Math.max(time, other.timeOf(met));
      if (side === 0) piece.push(pending, met, joinedTime);
      else piece.push(met, pending, joinedTime);
      this.markMatched(side === 0 ? 1 : 0, met);
    }
    this.added.push(pending * 2 + side);
    own.keep(pending, keyId, this.arrival++, count > 0 ? 1 : 0);
    return true;
  }

  private pushAlone(side: 0 | 1, rowId: number, timeMs: number, streamTimeMs: number): void {
    if (side === 0) this.piece.push(rowId, -1, timeMs, Condition.sound, streamTimeMs);
    else this.piece.push(-1, rowId, timeMs, Condition.sound, streamTimeMs);
  }

  private markMatched(side: 0 | 1, rowId: number): void {
    const { matched, reach } = this.sides[side];
    if (matched[rowId] === 1 || !reach.isOuter) return;
    matched[rowId] = 1;
    const arrival = this.sides[side].arrivalOf(rowId);
    if (arrival < this.arrivalAtBarrier) this.matchedLately.push(arrival * 2 + side);
  }

  /** What stream time has passed goes, in order of time, then arrival; false: no more fits into the piece. */
  private expire(): boolean {
    const [left, right] = this.sides;
    for (;;) {
      const [l, r] = [left.overBy(this.streamTimeMs), right.overBy(this.streamTimeMs)];
      if (l < 0 && r < 0) {
        this.goneByMs = this.streamTimeMs;
        this.expired = NONE_EXPIRED;
        return true;
      }
      const side = r < 0 || (l >= 0 && isBefore(left, l, right, r)) ? 0 : 1;
      const own = this.sides[side];
      const rowId = side === 0 ? l : r;
      const leaves = own.reach.isOuter && own.matched[rowId] === 0;
      if (leaves && this.piece.isFull) return false;
      const timeMs = own.timeOf(rowId);
      // However far stream time has gone at once, each leaves when its own time is over: nobody behind finds it late.
      if (leaves) this.pushAlone(side, rowId, timeMs, Math.max(this.goneByMs, Math.min(this.streamTimeMs, timeMs + this.lagMs)));
      this.expired = { timeMs, arrival: own.arrivalOf(rowId) };
      this.released.push(own.drop(rowId));
    }
  }

  // --- payloads ------------------------------------------------------------------------------------

  private side(packed: number): StreamSide {
    return this.sides[packed & 1] as StreamSide;
  }

  private payload(rows: readonly number[], matched: readonly number[]): Buffer {
    const writer = beginPayload(JoinKind.streams, this.options, rows.length * ROW_BYTES + matched.length * 8);
    writer.float64(this.streamTimeMs);
    writer.float64(this.arrival);
    writer.uint8(this.isWithin ? 1 : 0);
    this.piece.writePlace(writer);
    writer.uint32(this.met);
    writer.float64(this.goneByMs);
    writer.float64(this.expired.timeMs);
    writer.float64(this.expired.arrival);
    writer.uint32(rows.length);
    for (const packed of rows) this.writeRow(writer, packed);
    writer.uint32(matched.length);
    for (const packed of matched) writer.float64(packed);
    this.markClean();
    return writer.take();
  }

  private writeRow(writer: PayloadWriter, packed: number): void {
    const side = this.side(packed);
    const rowId = packed >> 1;
    writer.uint8((packed & 1) | ((side.matched[rowId] as number) << 1));
    this.keys.writePayload(side.keyOf(rowId), writer);
    side.store.writeRow(writer, rowId);
  }

  private readRow(reader: PayloadReader): void {
    const flags = reader.uint8();
    const side = this.side(flags);
    const keyId = readKey(reader, this.keys);
    const rowId = side.store.readRow(reader);
    const arrival = side.arrivalOf(rowId);
    this.keys.retain(keyId);
    side.keep(rowId, keyId, arrival, flags >> 1);
    this.restored?.set(arrival * 2 + (flags & 1), rowId);
  }

  /** Rows that have expired since the barrier before are not there any more in what was written; here they may still be. */
  private readMatched(packed: number): void {
    if (this.restored === null) {
      this.restored = new Map();
      for (const [side, own] of this.sides.entries()) {
        for (const rowId of own.queue.all()) this.restored.set(own.arrivalOf(rowId) * 2 + side, rowId);
      }
    }
    const rowId = this.restored.get(packed);
    const side = this.sides[packed % 2] as StreamSide;
    if (rowId !== undefined && side.store.isKept(rowId) && side.arrivalOf(rowId) === Math.floor(packed / 2)) side.matched[rowId] = 1;
  }

  /** As stream time has done before the payload was written; within a record only as far as it had come. */
  private dropExpired(): void {
    const { timeMs, arrival } = this.expired;
    for (const side of this.sides) {
      for (let rowId = side.overBy(this.goneByMs); rowId >= 0; rowId = side.overBy(this.goneByMs)) this.released.push(side.drop(rowId));
      for (let rowId = side.overBy(this.streamTimeMs); rowId >= 0; rowId = side.overBy(this.streamTimeMs)) {
        const time = side.timeOf(rowId);
        if (time > timeMs || (time === timeMs && side.arrivalOf(rowId) > arrival)) break;
        this.released.push(side.drop(rowId));
      }
      side.store.sweep();
    }
  }

  private markClean(): void {
    this.release();
    this.arrivalAtBarrier = this.arrival;
    this.added = [];
    this.matchedLately = [];
  }
}

/** A row's place in the order in which rows go. */
interface Expired {
  readonly timeMs: number;
  readonly arrival: number;
}

const NONE_EXPIRED: Expired = { timeMs: Number.NEGATIVE_INFINITY, arrival: -1 };

function isBefore(left: StreamSide, l: number, right: StreamSide, r: number): boolean {
  const difference = left.timeOf(l) - right.timeOf(r);
  return difference < 0 || (difference === 0 && left.arrivalOf(l) < right.arrivalOf(r));
}

import type { GroupKeys } from "../group-keys.ts";
import { RowLists } from "../row-lists.ts";
import { RowStore } from "../row-store.ts";
import { RowExtra, TimeQueue } from "../time-queue.ts";
import type { JoinSide } from "./join-options.ts";
import type { SideRows } from "./operator.ts";
import { SideKeys } from "./side-keys.ts";

/** Where the coordinates begin in the extras of a stream's rows. */
export const FIRST_COORDINATE = 2;

/** Of a row that is not kept yet. */
const NOT_ARRIVED = -1;

/** What a row of one side matches, and how long it is kept. */
export interface Reach {
  /** Rows of the other side match from so many ms before its time … */
  readonly beforeMs: number;
  /** … to so many after it. */
  readonly afterMs: number;
  readonly graceMs: number;
  /** A row that has matched nothing leaves with nulls. */
  readonly isOuter: boolean;
}

/** The rows of one stream that may still match: by key in the order of arrival, and by time. */
export class StreamSide {
  readonly store: RowStore;
  readonly keys: SideKeys;
  readonly queue: TimeQueue;
  readonly lists: RowLists;
  readonly reach: Reach;
  /** How many a row counts as: 0 for one of a join before or of a stage, which is none, and was counted as what it was made of. */
  readonly records: 0 | 1;
  /** Its window is over as soon as stream time is more than so far behind it. */
  readonly keptMs: number;
  /** By row id: 1: it has matched. */
  matched = new Uint8Array(0);
  /** By row id. */
  private keyIds = new Int32Array(0);

  constructor({ columns, inputs, keys }: JoinSide, groupKeys: GroupKeys, reader: number, reach: Reach) {
    this.store = new RowStore(columns, FIRST_COORDINATE + inputs);
    this.keys = new SideKeys(keys, groupKeys, reader);
    this.queue = new TimeQueue(this.store);
    this.lists = new RowLists(this.store, RowExtra.arrival);
    this.reach = reach;
    this.records = inputs > 1 ? 0 : 1;
    this.keptMs = reach.afterMs + reach.graceMs;
  }

  get byteLength(): number {
    const { store, queue, lists, matched, keyIds } = this;
    return store.byteLength + queue.byteLength + lists.byteLength + matched.length + keyIds.length * 4;
  }

  /** A copy of a row, not to be found yet. */
  copy({ batch, timesMs, coordinates }: SideRows, row: number): number {
    const { store } = this;
    const rowId = store.add(batch.columns, row);
    (store.extras[RowExtra.timeMs] as Float64Array)[rowId] = timesMs[row] as number;
    (store.extras[RowExtra.arrival] as Float64Array)[rowId] = NOT_ARRIVED;
    for (let i = 0; i < coordinates.length; i++) {
      (store.extras[FIRST_COORDINATE + i] as Float64Array)[rowId] = (coordinates[i] as Float64Array)[row] as number;
    }
    return rowId;
  }

  /** From now on it is found. A use of the key becomes its own. */
  keep(rowId: number, keyId: number, arrival: number, matched: number): void {
    if (rowId >= this.keyIds.length) {
      const rows = this.store.capacity;
      this.keyIds = grown(new Int32Array(rows), this.keyIds);
      this.matched = grown(new Uint8Array(rows), this.matched);
    }
    (this.store.extras[RowExtra.arrival] as Float64Array)[rowId] = arrival;
    this.keyIds[rowId] = keyId;
    this.matched[rowId] = matched;
    this.lists.insert(keyId, rowId);
    this.queue.push(rowId);
  }

  keyOf(rowId: number): number {
    return this.keyIds[rowId] as number;
  }

  timeOf(rowId: number): number {
    return (this.store.extras[RowExtra.timeMs] as Float64Array)[rowId] as number;
  }

  arrivalOf(rowId: number): number {
    return (this.store.extras[RowExtra.arrival] as Float64Array)[rowId] as number;
  }

  /** The first row whose window is over; -1: there is none. */
  overBy(streamTimeMs: number): number {
    return streamTimeMs > this.queue.firstTimeMs + this.keptMs ? this.queue.peek() : -1;
  }

  /** The row that `overBy` gave goes; gives the key, of which there is one use less. */
  drop(rowId: number): number {
    const keyId = this.keyOf(rowId);
    this.queue.shift();
    this.lists.remove(keyId, rowId);
    this.store.free(rowId);
    return keyId;
  }
}

function grown<T extends Int32Array | Uint8Array>(larger: T, values: T): T {
  larger.set(values);
  return larger;
}

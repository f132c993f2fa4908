import { Cell, type GroupSlot } from "../plan/code/task.ts";
import type { GroupKeys } from "./group-keys.ts";
import type { GroupObjects } from "./group-objects.ts";
import type { ClosingSlot } from "./grouped-state.ts";
import { TimestampText } from "./timestamp-text.ts";

/** `gone`: an id that is nobody's any more, whose delete is still to be sent. `closed`: nothing, until the next barrier has told so. */
export const SessionKind = { free: 0, open: 1, gone: 2, closed: 3 } as const;
type SessionKind = (typeof SessionKind)[keyof typeof SessionKind];

export const NONE = -1;
const SESSIONS_FIRST = 16;
const NOBODY = new Int32Array(0);

/** The sessions of all keys, side by side; those of a key are a list in order of time. */
export class SessionSlot implements GroupSlot, ClosingSlot {
  readonly startMs = Number.NEGATIVE_INFINITY;
  readonly endMs = Number.POSITIVE_INFINITY;
  cells: Float64Array;
  keys = new Int32Array(SESSIONS_FIRST);
  readonly objects: GroupObjects | null;
  dirtyFlags = new Uint8Array(SESSIONS_FIRST);
  /** Of each session: event times of its first and its last row (ms). */
  times = new Float64Array(SESSIONS_FIRST * 2);
  /** Of each: how many had been opened before it; of a merged one: before the earlier of both. */
  sights = new Float64Array(SESSIONS_FIRST);
  /** Of each: the session of its key before it in time, and the one behind it. */
  links = new Int32Array(SESSIONS_FIRST * 2);
  kinds = new Uint8Array(SESSIONS_FIRST);
  /** By key id: the session into which its last row went, and how many it has. */
  private byKey: Int32Array = newByKey(SESSIONS_FIRST);
  /** Open sessions. */
  openCount = 0;
  /** Ids to be deleted. */
  goneCount = 0;
  dirtyCount = 0;
  /** What is worked on instead of all, either touched or not; null: all. */
  selected: Int32Array | null = null;
  private readonly initial: Float64Array;
  private readonly dictionary: GroupKeys;
  private readonly gapMs: number;
  private dirty = new Int32Array(SESSIONS_FIRST);
  /** Places below it have been used. */
  private used = 0;
  private free: number[] = [];
  private readonly startText = new TimestampText();
  private readonly endText = new TimestampText();
  /** Uses of keys that have ended. */
  private leaving: number[] = [];

  /** `initial`: the record of a new session. */
  constructor(initial: Float64Array, dictionary: GroupKeys, gapMs: number, objects: GroupObjects | null) {
    this.initial = initial;
    this.dictionary = dictionary;
    this.gapMs = gapMs;
    this.objects = objects;
    this.cells = new Float64Array(SESSIONS_FIRST * initial.length);
  }

  /** Open sessions, and what else has a place. */
  get count(): number {
    return this.used - this.free.length;
  }

  get byteLength(): number {
    const { cells, times, sights, links, keys, dirty, kinds, dirtyFlags, byKey, free, leaving, objects } = this;
    const arrays = [cells, times, sights, links, keys, dirty, kinds, dirtyFlags, byKey];
    const bytes = arrays.reduce((sum, array) => sum + array.byteLength, 0);
    return bytes + (free.length + leaving.length) * 8 + (objects?.byteLength ?? 0);
  }

  /** The session of a key that a row makes longer at most at its end, or not at all; -1: it is not to be had so simply. */
  extended(keyId: number, timeMs: number): number {
    const session = this.recent(keyId);
    if (session < 0) return NONE;
    const { times } = this;
    const at = session * 2;
    if (timeMs < (times[at] as number)) return NONE;
    const lastMs = times[at + 1] as number;
    if (timeMs <= lastMs) return session;
    if (timeMs >= lastMs + this.gapMs || (this.links[at + 1] as number) >= 0) return NONE;
    times[at + 1] = timeMs;
    return session;
  }

  /** The last session of a key that begins at a time or before it; -1: none does. */
  before(keyId: number, timeMs: number): number {
    const { times, links } = this;
    let session = this.recent(keyId);
    while (session >= 0 && (times[session * 2] as number) > timeMs) session = links[session * 2] as number;
    if (session < 0) return NONE;
    for (let next = links[session * 2 + 1] as number; next >= 0; next = links[session * 2 + 1] as number) {
      if ((times[next * 2] as number) > timeMs) break;
      session = next;
    }
    return session;
  }

  /** Into which the last row of a key went; -1: it has none. */
  recent(keyId: number): number {
    return keyId * 2 < this.byKey.length ? (this.byKey[keyId * 2] as number) : NONE;
  }

  /** How many sessions a key has. */
  countOf(keyId: number): number {
    return keyId * 2 < this.byKey.length ? (this.byKey[keyId * 2 + 1] as number) : 0;
  }

  /** The first session of a key. */
  first(keyId: number): number {
    let session = this.recent(keyId);
    if (session < 0) return NONE;
    for (let next = this.links[session * 2] as number; next >= 0; next = this.links[session * 2] as number) session = next;
    return session;
  }

  after(session: number): number {
    return this.links[session * 2 + 1] as number;
  }

  /** The session has a row of that time. */
  reach(session: number, timeMs: number): void {
    const at = session * 2 + 1;
    if (timeMs > (this.times[at] as number)) this.times[at] = timeMs;
  }

  useLast(session: number): void {
    this.byKey[(this.keys[session] as number) * 2] = session;
  }

  /** A new session of one row, behind `older` in the list of its key (-1: before all). */
  open(keyId: number, older: number, timeMs: number, sight: number): number {
    const newer = older >= 0 ? this.after(older) : this.first(keyId);
    const session = this.add(keyId, SessionKind.open, timeMs, timeMs);
    this.sights[session] = sight;
    this.openCount++;
    this.link(older, session);
    this.link(session, newer);
    if (keyId * 2 >= this.byKey.length) this.growByKey(keyId);
    this.byKey[keyId * 2] = session;
    this.byKey[keyId * 2 + 1] = this.countOf(keyId) + 1;
    return session;
  }

  /** Takes a session out of the list of its key. What it held goes, unless a barrier has to tell first. */
  close(session: number, as: typeof SessionKind.gone | typeof SessionKind.closed): void {
    const [older, newer] = [this.links[session * 2] as number, this.after(session)];
    if (older >= 0) this.links[older * 2 + 1] = newer;
    if (newer >= 0) this.links[newer * 2] = older;
    const keyId = this.keys[session] as number;
    if (this.byKey[keyId * 2] === session) this.byKey[keyId * 2] = older >= 0 ? older : newer;
    this.byKey[keyId * 2 + 1] = this.countOf(keyId) - 1;
    this.openCount--;
    this.objects?.clear(session);
    this.kinds[session] = as;
    if (as === SessionKind.gone) this.goneCount++;
    else if (this.dirtyFlags[session] === 0) this.release(session);
  }

  /** An id that is nobody's any more because the start of its session has moved. */
  addGone(session: number): number {
    const at = session * 2;
    const gone = this.add(this.keys[session] as number, SessionKind.gone, this.times[at] as number, this.times[at + 1] as number);
    this.goneCount++;
    return gone;
  }

  /** The deletes of these ids have been made. */
  settle(gone: Int32Array): void {
    for (const session of gone) this.kinds[session] = SessionKind.closed;
    this.goneCount -= gone.length;
  }

  isKind(session: number, kind: SessionKind): boolean {
    return this.kinds[session] === kind;
  }

  isGone(session: number): boolean {
    return this.isKind(session, SessionKind.gone);
  }

  markDirty(session: number): number {
    this.dirtyFlags[session] = 1;
    this.dirty[this.dirtyCount++] = session;
    return this.dirtyCount;
  }

  /** What a barrier tells of: what was touched since the last one, and is of these kinds. */
  dirtyOf(...kinds: readonly SessionKind[]): Int32Array {
    return this.dirty.subarray(0, this.dirtyCount).filter((session) => kinds.includes(this.kinds[session] as SessionKind));
  }

  /** Ids that are gone come first: one that is there again is touched later. */
  dirtyByIndex(): Int32Array {
    if (this.selected !== null) return this.dirtyFlags[this.selected[0] as number] === 1 ? this.selected : NOBODY;
    const open = this.dirtyOf(SessionKind.open);
    if (this.goneCount === 0) return open;
    const gone = this.dirtyOf(SessionKind.gone);
    const all = new Int32Array(gone.length + open.length);
    all.set(gone);
    all.set(open, gone.length);
    return all;
  }

  /** All open sessions, those of each key in order of time. */
  groupsFrom(): Int32Array {
    if (this.selected !== null) return this.selected;
    const sessions = new Int32Array(this.openCount);
    let count = 0;
    for (let keyId = 0; keyId * 2 < this.byKey.length; keyId++) {
      for (let session = this.first(keyId); session >= 0; session = this.after(session)) sessions[count++] = session;
    }
    return sessions;
  }

  /** There was room for many more sessions once, and a barrier has told of all that happened since. */
  get isSparse(): boolean {
    return this.keys.length >= SPARSE_MIN && this.dirtyCount === 0 && this.openCount * SPARSE_TIMES < this.keys.length;
  }

  /** Takes over an open session of another slot, behind `older` in the list of its key. */
  adopt(other: SessionSlot, from: number, keyId: number, older: number): number {
    const stride = this.initial.length;
    const session = this.open(keyId, older, other.startOf(from), other.sights[from] as number);
    this.reach(session, other.lastOf(from));
    this.cells.set(other.cells.subarray(from * stride, (from + 1) * stride), session * stride);
    this.objects?.load(session, (other.objects as GroupObjects).save(from));
    return session;
  }

  /** Of what is kept dirty, sessions alone stay so. */
  clean(keepsDirty: boolean): void {
    let kept = 0;
    for (let at = 0; at < this.dirtyCount; at++) {
      const session = this.dirty[at] as number;
      const isOpen = this.kinds[session] === SessionKind.open;
      if (isOpen && keepsDirty) {
        this.dirty[kept++] = session;
        continue;
      }
      this.dirtyFlags[session] = 0;
      if (!isOpen) this.release(session);
    }
    this.dirtyCount = kept;
    this.goneCount = 0;
  }

  /** A key was looked up, and nothing is kept of it. */
  pass(keyId: number): void {
    this.dictionary.retain(keyId);
    this.leaving.push(keyId);
  }

  /** Nobody holds an id of a key at the moment: those that are not used go, many at once, for then all have to be looked up anew. */
  releaseKeys(): void {
    const { leaving, dictionary } = this;
    if (leaving.length < LEAVING_MIN || leaving.length < dictionary.count * LEAVING_SHARE) return;
    for (const keyId of leaving) dictionary.release(keyId);
    dictionary.sweep();
    this.leaving = [];
  }

  cell(session: number, place: number): number {
    return this.cells[session * this.initial.length + place] as number;
  }

  /** The record that has changed a session last. */
  stamp(session: number, version: number, offset: number, timeMs: number): void {
    const at = session * this.initial.length;
    this.cells[at + Cell.version] = version;
    this.cells[at + Cell.offset] = offset;
    this.cells[at + Cell.time] = timeMs;
  }

  startOf(session: number): number {
    return this.times[session * 2] as number;
  }

  endOf(session: number): number {
    return this.lastOf(session) + this.gapMs;
  }

  lastOf(session: number): number {
    return this.times[session * 2 + 1] as number;
  }

  startTextOf(session: number): DataView {
    return this.startText.of(this.startOf(session));
  }

  endTextOf(session: number): DataView {
    return this.endText.of(this.endOf(session));
  }

  /** Rows look for sessions by key and time. */
  groupOf(): number {
    return NONE;
  }

  private link(older: number, newer: number): void {
    if (older >= 0) this.links[older * 2 + 1] = newer;
    if (newer >= 0) this.links[newer * 2] = older;
  }

  private add(keyId: number, kind: SessionKind, firstMs: number, lastMs: number): number {
    const session = this.free.pop() ?? this.used++;
    if (session === this.keys.length) this.grow();
    this.keys[session] = keyId;
    this.kinds[session] = kind;
    this.cells.set(this.initial, session * this.initial.length);
    this.times[session * 2] = firstMs;
    this.times[session * 2 + 1] = lastMs;
    this.links[session * 2] = NONE;
    this.links[session * 2 + 1] = NONE;
    this.dictionary.retain(keyId);
    return session;
  }

  private release(session: number): void {
    this.kinds[session] = SessionKind.free;
    this.leaving.push(this.keys[session] as number);
    this.free.push(session);
  }

  private grow(): void {
    const size = this.keys.length * 2;
    this.keys = grown(this.keys, new Int32Array(size));
    this.dirty = grown(this.dirty, new Int32Array(size));
    this.links = grown(this.links, new Int32Array(size * 2));
    this.kinds = grown(this.kinds, new Uint8Array(size));
    this.dirtyFlags = grown(this.dirtyFlags, new Uint8Array(size));
    this.sights = grown(this.sights, new Float64Array(size));
    this.times = grown(this.times, new Float64Array(size * 2));
    this.cells = grown(this.cells, new Float64Array(size * this.initial.length));
  }

  private growByKey(keyId: number): void {
    const byKey = newByKey(Math.max(this.byKey.length, keyId + 1));
    byKey.set(this.byKey);
    this.byKey = byKey;
  }
}

function newByKey(keys: number): Int32Array {
  const byKey = new Int32Array(keys * 2);
  for (let at = 0; at < byKey.length; at += 2) byKey[at] = NONE;
  return byKey;
}

/** Room for so many sessions is made smaller where so many times as few are open. */
const SPARSE_MIN = 1 << 14;
const SPARSE_TIMES = 8;

/** Keys that nobody uses are kept for a while: so many, or this share of all. */
const LEAVING_MIN = 1024;
const LEAVING_SHARE = 1 / 4;

function grown<T extends Int32Array | Float64Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

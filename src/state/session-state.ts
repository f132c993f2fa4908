import { SluiceError } from "../errors.ts";
import type { Collector } from "../functions/collector.ts";
import { LIMITS } from "../limits.ts";
import type { MergeCells } from "../plan/code/merge-code.ts";
import { Cell, type PerGroupState } from "../plan/code/task.ts";
import { GroupKeys } from "./group-keys.ts";
import { GroupObjects } from "./group-objects.ts";
import type { ClosingPlace, GroupedState } from "./grouped-state.ts";
import { readSessions, type SessionsClosed, writeSessions } from "./session-payload.ts";
import { SessionSchedule } from "./session-schedule.ts";
import { NONE, SessionKind, SessionSlot } from "./session-slot.ts";

export interface SessionStateOptions {
  readonly gapMs: number;
  readonly graceMs: number;
  readonly groupParts: number;
  /** What the accumulators of a new session hold. */
  readonly initialCells: readonly number[];
  /** Of the aggregates whose states are objects. */
  readonly collectors: readonly Collector[];
  readonly merge: MergeCells;
  /** Whether the start of a session is in the ids of results that change: then those of sessions that moved or merged are to be deleted. */
  readonly deletesGone: boolean;
}

/**
 * The state of sessions on one partition: those of each key as intervals in order of time, which a row makes longer or brings together.
 * Bounded by `sessionsOfKeyMax` and `stateBytesMax`. What is gone is not written down: a session that a delta brings replaces those that
 * it overlaps, and which ones are closed follows from the place that closing has come to.
 */
export class SessionState implements GroupedState, PerGroupState {
  keys: GroupKeys;
  slot: SessionSlot;
  nextCloseMs = Number.POSITIVE_INFINITY;
  private closingPlace: ClosingPlace | null = null;
  private readonly options: SessionStateOptions;
  private schedule: SessionSchedule;
  /** The record of a new session. */
  private readonly initial: Float64Array;
  /** The session that closes: one after the other, and there are many. */
  private readonly due = new Int32Array(1);
  /** The same of one whose id is gone. */
  private readonly leaving = new Int32Array(1);
  /** Sessions opened so far. */
  private sights = 0;
  private closed: SessionsClosed = { endMs: Number.NEGATIVE_INFINITY, startMs: 0, sight: 0 };

  constructor(options: SessionStateOptions) {
    const { gapMs, groupParts, initialCells } = options;
    this.options = options;
    this.initial = new Float64Array(Cell.accumulators + initialCells.length);
    this.initial.set(initialCells, Cell.accumulators);
    this.keys = new GroupKeys(groupParts);
    this.slot = this.newSlot();
    this.schedule = new SessionSchedule(this.slot, gapMs);
  }

  private get stride(): number {
    return this.initial.length;
  }

  get groups(): number {
    return this.slot.openCount;
  }

  get dirtyGroups(): number {
    return this.slot.dirtyCount;
  }

  get byteLength(): number {
    return this.keys.byteLength + this.slot.byteLength + this.schedule.byteLength;
  }

  get closing(): ClosingPlace | null {
    return this.closingPlace;
  }

  /** Sessions close one after the other, and those that have are gone: which one it was cut at says nothing of those that are left. */
  set closing(place: ClosingPlace | null) {
    this.closingPlace = place === null ? null : { ...place, groups: 0 };
  }

  get closingTimeMs(): number | null {
    let latestMs = Number.NEGATIVE_INFINITY;
    for (const session of this.slot.groupsFrom()) latestMs = Math.max(latestMs, this.slot.endOf(session));
    return latestMs === Number.NEGATIVE_INFINITY ? null : latestMs + this.options.graceMs;
  }

  slotAt(): SessionSlot {
    return this.slot;
  }

  begin(): void {
    if (this.slot.isSparse) this.moveTogether();
    this.slot.releaseKeys();
  }

  groupAt(keyId: number, timeMs: number, streamTimeMs: number, version: number, offset: number): number {
    const session = this.slot.extended(keyId, timeMs);
    return session >= 0 ? session : this.place(keyId, timeMs, streamTimeMs, version, offset);
  }

  /** As `GroupKeys.lookUp`. */
  lookUp(bytes: Uint8Array, tags: Uint8Array, starts: Int32Array, ends: Int32Array, from: number, to: number): Int32Array {
    return this.keys.lookUp(bytes, tags, starts, ends, from, to);
  }

  /** One by one: their numbers do not rise, and are others after a restart, so what is cut in between could not be found again. */
  *gone(): Iterable<SessionSlot> {
    const { slot } = this;
    if (slot.goneCount === 0) return;
    try {
      for (const session of slot.dirtyOf(SessionKind.gone)) {
        this.leaving[0] = session;
        slot.selected = this.leaving;
        yield slot;
      }
    } finally {
      slot.selected = null;
    }
  }

  *closedBy(streamTimeMs: number): Iterable<SessionSlot> {
    const { slot, schedule, options } = this;
    try {
      // An id that is gone may be there again, in a session that closes now: its delete comes first.
      if (this.nextToClose(streamTimeMs) >= 0) yield* this.gone();
      for (let session = this.nextToClose(streamTimeMs); session >= 0; session = this.nextToClose(streamTimeMs)) {
        this.due[0] = session;
        slot.selected = this.due;
        yield slot;
      }
    } finally {
      slot.selected = null;
      this.nextCloseMs = schedule.endMs + options.graceMs;
    }
    const endMs = Math.max(this.closed.endMs, streamTimeMs - options.graceMs);
    this.closed = { endMs, startMs: Number.POSITIVE_INFINITY, sight: Number.POSITIVE_INFINITY };
  }

  free(slot: SessionSlot): void {
    const { selected } = slot;
    if (selected === null) return;
    if (selected === this.due) this.close(selected[0] as number);
    else slot.settle(selected);
  }

  allSlots(): readonly SessionSlot[] {
    return [this.slot];
  }

  dirtySlots(): readonly SessionSlot[] {
    return [this.slot];
  }

  takeDelta(keepsDirty: boolean): Buffer {
    const { slot, closed } = this;
    // Of those that ended at the same time some are closed already and some are not, and rows may have moved their starts.
    const ended = this.closing === null ? [] : slot.dirtyOf(SessionKind.closed).filter((session) => slot.endOf(session) === closed.endMs);
    return this.payload(keepsDirty, slot.dirtyOf(SessionKind.open), Int32Array.from(ended));
  }

  takeSnapshot(keepsDirty: boolean): Buffer {
    return this.payload(keepsDirty, this.slot.groupsFrom(), new Int32Array(0));
  }

  apply(payload: Buffer, staysDirty: boolean): void {
    const { slot, schedule, keys } = this;
    const read = readSessions(payload, this.stride, slot.objects?.count ?? 0);
    this.closing = read.closing;
    this.closed = read.closed;
    this.sights = read.sights;
    for (let top = schedule.next(); top >= 0 && this.isClosedBy(top, read.closed); top = schedule.next()) {
      schedule.remove(top);
      slot.close(top, SessionKind.closed);
    }
    for (const { text, firstMs, lastMs } of read.removed) {
      const keyId = keys.intern(text, 0, text.length);
      this.removeWithin(keyId, firstMs, lastMs);
      slot.pass(keyId);
    }
    for (const { text, firstMs, lastMs, sight, cells, objects } of read.sessions) {
      const session = this.restore(keys.intern(text, 0, text.length), firstMs, lastMs, sight);
      slot.cells.set(cells, session * this.stride);
      slot.objects?.load(session, objects);
      if (staysDirty && slot.dirtyFlags[session] === 0) slot.markDirty(session);
    }
    this.nextCloseMs = schedule.endMs + this.options.graceMs;
  }

  private newSlot(): SessionSlot {
    const { gapMs, collectors } = this.options;
    return new SessionSlot(this.initial, this.keys, gapMs, collectors.length === 0 ? null : new GroupObjects(collectors));
  }

  /** What is left after a burst needs less room. */
  private moveTogether(): void {
    const { slot: old, keys: oldKeys, options } = this;
    this.keys = new GroupKeys(options.groupParts);
    this.slot = this.newSlot();
    this.schedule = new SessionSchedule(this.slot, options.gapMs);
    let last = NONE;
    for (const session of old.groupsFrom()) {
      const text = oldKeys.textOf(old.keys[session] as number);
      const keyId = this.keys.intern(text, 0, text.length);
      last = this.slot.adopt(old, session, keyId, last >= 0 && this.slot.keys[last] === keyId ? last : NONE);
      this.schedule.add(last);
    }
  }

  /** The session of a row that does not simply go on where its key was last; -1: the row is late. */
  private place(keyId: number, timeMs: number, streamTimeMs: number, version: number, offset: number): number {
    const { slot, options } = this;
    const older = slot.before(keyId, timeMs);
    const newer = older >= 0 ? slot.after(older) : slot.first(keyId);
    const goesOn = older >= 0 && timeMs < slot.endOf(older);
    const comesBefore = newer >= 0 && timeMs > slot.startOf(newer) - options.gapMs;
    if (goesOn) {
      if (comesBefore) this.mergeInto(older, newer, timeMs, version, offset);
      else slot.reach(older, timeMs);
      slot.useLast(older);
      return older;
    }
    if (comesBefore) {
      this.moveStart(newer, timeMs, version, offset);
      slot.useLast(newer);
      return newer;
    }
    if (streamTimeMs >= timeMs + options.gapMs + options.graceMs) {
      if (slot.countOf(keyId) === 0) slot.pass(keyId);
      return NONE;
    }
    return this.open(keyId, older, timeMs, this.sights++);
  }

  private open(keyId: number, older: number, timeMs: number, sight: number): number {
    const { slot, options } = this;
    if (slot.countOf(keyId) >= LIMITS.sessionsOfKeyMax) {
      const message = `more than ${LIMITS.sessionsOfKeyMax} sessions of one group are open (sessionsOfKeyMax)`;
      throw new SluiceError("LIMIT_EXCEEDED", message, { hint: "a shorter GRACE PERIOD closes them sooner" });
    }
    const session = slot.open(keyId, older, timeMs, sight);
    this.schedule.add(session);
    this.nextCloseMs = Math.min(this.nextCloseMs, slot.endOf(session) + options.graceMs);
    return session;
  }

  /** A row has come that reaches both: the later one goes into the earlier one. */
  private mergeInto(older: number, newer: number, timeMs: number, version: number, offset: number): void {
    const { slot, schedule, stride, options } = this;
    options.merge(slot.cells, older * stride, slot.cells, newer * stride);
    slot.objects?.merge(older, slot.objects, newer);
    slot.reach(older, slot.lastOf(newer));
    slot.sights[older] = Math.min(slot.sights[older] as number, slot.sights[newer] as number);
    schedule.remove(newer);
    schedule.rise(older);
    if (options.deletesGone) {
      slot.stamp(newer, version, offset, timeMs);
      if (slot.dirtyFlags[newer] === 0) slot.markDirty(newer);
    }
    slot.close(newer, options.deletesGone ? SessionKind.gone : SessionKind.closed);
  }

  private moveStart(session: number, timeMs: number, version: number, offset: number): void {
    const { slot } = this;
    if (this.options.deletesGone) {
      const gone = slot.addGone(session);
      slot.stamp(gone, version, offset, timeMs);
      slot.markDirty(gone);
    }
    slot.times[session * 2] = timeMs;
    this.schedule.rise(session);
  }

  /** What a stream time closes next; -1: nothing. */
  private nextToClose(streamTimeMs: number): number {
    const session = this.schedule.next();
    return session >= 0 && this.slot.endOf(session) + this.options.graceMs <= streamTimeMs ? session : NONE;
  }

  private close(session: number): void {
    const { slot } = this;
    this.closed = { endMs: slot.endOf(session), startMs: slot.startOf(session), sight: slot.sights[session] as number };
    this.schedule.remove(session);
    slot.close(session, SessionKind.closed);
  }

  private isClosedBy(session: number, { endMs, startMs, sight }: SessionsClosed): boolean {
    const { slot } = this;
    if (slot.endOf(session) !== endMs) return slot.endOf(session) < endMs;
    if (slot.startOf(session) !== startMs) return slot.startOf(session) < startMs;
    return (slot.sights[session] as number) <= sight;
  }

  private restore(keyId: number, firstMs: number, lastMs: number, sight: number): number {
    this.removeWithin(keyId, firstMs, lastMs);
    const session = this.open(keyId, this.slot.before(keyId, firstMs), firstMs, sight);
    this.slot.reach(session, lastMs);
    return session;
  }

  private removeWithin(keyId: number, firstMs: number, lastMs: number): void {
    const { slot, schedule } = this;
    for (;;) {
      const session = slot.before(keyId, lastMs);
      if (session < 0 || slot.lastOf(session) < firstMs) return;
      schedule.remove(session);
      slot.close(session, SessionKind.closed);
    }
  }

  private payload(keepsDirty: boolean, sessions: Int32Array, removed: Int32Array): Buffer {
    const { slot, stride, closing, closed, sights } = this;
    const payload = writeSessions({ slot, keys: this.keys, stride, closing, closed, sights, sessions, removed });
    slot.clean(keepsDirty);
    return payload;
  }
}

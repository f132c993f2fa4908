import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import { Cell } from "../../src/plan/code/task.ts";
import { SessionKind } from "../../src/state/session-slot.ts";
import { SessionState } from "../../src/state/session-state.ts";
import { SeededRandom, seeds } from "../property/random.ts";

const GAP_MS = 100;
const GRACE_MS = 50;
const COUNT = Cell.accumulators;
const WIDTH = COUNT + 1;

const newState = (deletesGone = true): SessionState =>
  new SessionState({
    gapMs: GAP_MS,
    graceMs: GRACE_MS,
    groupParts: 1,
    initialCells: [0],
    collectors: [],
    merge: (cells, at, others, from) => {
      cells[at + COUNT] = must(cells[at + COUNT]) + must(others[from + COUNT]);
    },
    deletesGone,
  });

/** One row, as generated code takes it: its session counts, and remembers where it was. False: it is late. */
function take(state: SessionState, name: string, timeMs: number, streamTimeMs: number, offset: number): boolean {
  state.begin();
  const key = Buffer.from(JSON.stringify(name));
  const session = state.groupAt(state.keys.intern(key, 0, key.length), timeMs, streamTimeMs, offset * 10, offset);
  if (session < 0) return false;
  const { cells } = state.slot;
  cells[session * WIDTH + COUNT] = must(cells[session * WIDTH + COUNT]) + 1;
  state.slot.stamp(session, offset * 10, offset, timeMs);
  if (state.slot.dirtyFlags[session] === 0) state.slot.markDirty(session);
  return true;
}

type Shown = readonly [name: string, firstMs: number, endMs: number, rows: number];

function shown({ keys, slot }: SessionState, session: number): Shown {
  const name = JSON.parse(keys.textOf(must(slot.keys[session])).toString()) as string;
  return [name, slot.startOf(session), slot.endOf(session), slot.cell(session, COUNT)];
}

const contents = (state: SessionState): readonly Shown[] => [...state.slot.groupsFrom()].map((session) => shown(state, session));

/** What leaves when a stream time closes, at most so many. */
function close(state: SessionState, streamTimeMs: number, most = Number.POSITIVE_INFINITY): readonly Shown[] {
  const closed: Shown[] = [];
  for (const slot of state.closedBy(streamTimeMs)) {
    for (const session of slot.groupsFrom()) {
      if (closed.length >= most) {
        state.closing = { startMs: 0, groups: session, ordinal: closed.length };
        return closed;
      }
      if (state.slot.isKind(session, SessionKind.open)) closed.push(shown(state, session));
    }
    state.free(slot);
  }
  state.closing = null;
  return closed;
}

/** The same rule, row by row over plain lists. */
class Naive {
  sessions: { name: string; firstMs: number; lastMs: number; rows: number; sight: number }[] = [];
  private sights = 0;

  take(name: string, timeMs: number, streamTimeMs: number): boolean {
    const reached = this.sessions.filter(
      (session) => session.name === name && timeMs < session.lastMs + GAP_MS && timeMs > session.firstMs - GAP_MS,
    );
    if (reached.length === 0 && streamTimeMs >= timeMs + GAP_MS + GRACE_MS) return false;
    const sight = this.sights;
    if (reached.length === 0) this.sights++;
    this.sessions = this.sessions.filter((session) => !reached.includes(session));
    this.sessions.push({
      name,
      firstMs: Math.min(timeMs, ...reached.map(({ firstMs }) => firstMs)),
      lastMs: Math.max(timeMs, ...reached.map(({ lastMs }) => lastMs)),
      rows: 1 + reached.reduce((sum, { rows }) => sum + rows, 0),
      sight: Math.min(sight, ...reached.map((session) => session.sight)),
    });
    return true;
  }

  close(streamTimeMs: number): readonly Shown[] {
    const isDue = ({ lastMs }: { lastMs: number }): boolean => lastMs + GAP_MS + GRACE_MS <= streamTimeMs;
    const due = this.sessions.filter(isDue).sort((a, b) => a.lastMs - b.lastMs || a.firstMs - b.firstMs || a.sight - b.sight);
    this.sessions = this.sessions.filter((session) => !isDue(session));
    return due.map(({ name, firstMs, lastMs, rows }) => [name, firstMs, lastMs + GAP_MS, rows]);
  }

  get contents(): readonly Shown[] {
    return this.sessions.map(({ name, firstMs, lastMs, rows }) => [name, firstMs, lastMs + GAP_MS, rows]);
  }
}

const sorted = (all: readonly Shown[]): readonly string[] => all.map((one) => JSON.stringify(one)).sort();

describe("session state", () => {
  it("makes sessions longer at both ends, and one of two that a row connects", () => {
    const state = newState();
    for (const timeMs of [1000, 1099, 950]) take(state, "a", timeMs, 1099, 0);
    expect(contents(state)).toEqual([["a", 950, 1199, 3]]);
    take(state, "a", 1200, 1200, 1);
    take(state, "b", 1150, 1200, 2);
    expect(contents(state)).toEqual([
      ["a", 950, 1199, 3],
      ["a", 1200, 1300, 1],
      ["b", 1150, 1250, 1],
    ]);
    take(state, "a", 1150, 1200, 3);
    expect(contents(state)).toEqual([
      ["a", 950, 1300, 5],
      ["b", 1150, 1250, 1],
    ]);
  });

  it("keeps apart what is a whole gap apart", () => {
    const state = newState();
    for (const timeMs of [1000, 1100, 900]) take(state, "a", timeMs, 1040, 0);
    expect(contents(state).map(([, firstMs]) => firstMs)).toEqual([900, 1000, 1100]);
  });

  it("takes a row that is late by itself where it reaches a session that is open", () => {
    const state = newState();
    expect(take(state, "a", 1000, 1000, 0)).toBe(true);
    expect(take(state, "a", 910, 1140, 1)).toBe(true);
    expect(take(state, "b", 910, 1060, 2)).toBe(false);
    expect(take(state, "b", 911, 1060, 3)).toBe(true);
  });

  it("tells which ids are gone, once, also those of sessions that no barrier has told of", () => {
    const state = newState();
    take(state, "a", 1000, 1000, 0);
    take(state, "a", 1150, 1150, 1);
    take(state, "a", 1075, 1150, 2);
    take(state, "a", 990, 1150, 3);
    const told = [...state.slot.dirtyByIndex()].map((session) => [
      ...shown(state, session).slice(1, 2),
      state.slot.cell(session, Cell.offset),
    ]);
    expect(told).toEqual([
      [1150, 2],
      [1000, 3],
      [990, 3],
    ]);
    state.takeDelta(false);
    expect([...state.slot.dirtyByIndex()]).toEqual([]);
    expect(state.slot.count).toBe(1);
  });

  it("forgets them where ids do not hold the start", () => {
    const state = newState(false);
    for (const timeMs of [1000, 1120, 1075, 990]) take(state, "a", timeMs, 1120, timeMs);
    expect([...state.slot.dirtyByIndex()].map((session) => shown(state, session))).toEqual([["a", 990, 1220, 4]]);
  });

  it("closes in order of end, then start, then first sight", () => {
    const state = newState();
    for (const [name, timeMs] of [
      ["late end", 1090],
      ["c", 1050],
      ["b", 1050],
      ["early start", 1060],
      ["early start", 1050],
      ["b", 1060],
      ["c", 1060],
      ["d", 1055],
      ["d", 1060],
    ] as const) {
      take(state, name, timeMs, 1090, 0);
    }
    expect(close(state, 1209)).toEqual([]);
    expect(close(state, 1240).map(([name]) => name)).toEqual(["c", "b", "early start", "d", "late end"]);
    expect(state.groups).toBe(0);
    expect(state.nextCloseMs).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(seeds([], 12))("is what the rule says, in the copy that deltas and snapshots make as well: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const state = newState(random.chance(0.5));
    let copy = newState();
    const naive = new Naive();
    const names = random.pick([3, 30, 3000]);
    const outOfOrderMs = random.pick([20, 150, 400]);
    const grainMs = random.pick([1, 10, 25]);
    let streamTimeMs = 0;
    let [late, merged] = [0, 0];
    for (let step = 0, now = 1000; step < 6000; step++) {
      now += random.below(4);
      const timeMs = Math.floor((now - random.below(outOfOrderMs)) / grainMs) * grainMs;
      const name = `device ${random.below(names)}`;
      streamTimeMs = Math.max(streamTimeMs, timeMs);
      if (streamTimeMs >= state.nextCloseMs) {
        // Barriers cut the closing, and whoever restores goes on with the rest.
        const expected = naive.close(streamTimeMs);
        const made: Shown[] = [];
        while (random.chance(0.3)) {
          made.push(...close(state, streamTimeMs, random.below(4)));
          if (state.closing !== null) copy.apply(state.takeDelta(false), false);
        }
        if (state.closing !== null && random.chance(0.5)) {
          copy.apply(state.takeDelta(false), false);
          expect(copy.closing?.ordinal).toBe(state.closing?.ordinal);
          made.push(...close(copy, streamTimeMs));
          close(state, streamTimeMs);
          copy = newState();
          copy.apply(state.takeSnapshot(false), false);
        } else made.push(...close(state, streamTimeMs));
        expect(made).toEqual(expected);
      } else expect(naive.close(streamTimeMs)).toEqual([]);
      const before = state.groups;
      const taken = take(state, name, timeMs, streamTimeMs, step);
      expect(taken).toBe(naive.take(name, timeMs, streamTimeMs));
      if (!taken) late++;
      if (state.groups < before) merged++;
      if (random.chance(0.01)) copy.apply(state.takeDelta(false), false);
    }
    expect(sorted(contents(state))).toEqual(sorted(naive.contents));
    copy.apply(state.takeDelta(false), false);
    const whole = newState();
    whole.apply(state.takeSnapshot(false), false);
    expect(sorted(contents(copy))).toEqual(sorted(naive.contents));
    expect(sorted(contents(whole))).toEqual(sorted(naive.contents));
    expect(close(copy, Number.MAX_SAFE_INTEGER)).toEqual(naive.close(Number.MAX_SAFE_INTEGER));
    expect(state.slot.count).toBe(state.groups);
    if (outOfOrderMs > 150 && names < 100) expect(Math.min(late, merged)).toBeGreaterThan(0);
  });

  it("keeps nothing of sessions that are closed, nor of keys of late rows", () => {
    const state = newState();
    let bytes = 0;
    for (let step = 0; step < 200_000; step++) {
      const now = step * 10;
      close(state, now);
      take(state, `request ${step}`, now, now, step);
      expect(take(state, `late ${step}`, now - 1000, now, step)).toBe(false);
      if (step % 1000 === 0) state.takeDelta(false);
      if (step === 20_000) bytes = state.byteLength;
    }
    expect(state.groups).toBeLessThanOrEqual((GAP_MS + GRACE_MS) / 10);
    expect(state.keys.count).toBeLessThan(3000);
    expect(state.byteLength).toBeLessThanOrEqual(bytes * 2);
  });

  it("closes all that is left after a cut, wherever it lies", () => {
    const state = newState();
    for (const [name, timeMs] of [
      ["late", 1020],
      ["early", 1000],
      ["middle", 1010],
    ] as const) {
      take(state, name, timeMs, 1020, 0);
    }
    state.closing = { startMs: 0, groups: 2, ordinal: 1 };
    const made: Shown[] = [];
    for (const slot of state.closedBy(1200)) {
      const first = state.closing?.groups ?? 0;
      for (const session of slot.dirtyByIndex().filter((group) => group >= first)) made.push(shown(state, session));
      state.closing = null;
      state.free(slot);
    }
    expect(made.map(([name]) => name)).toEqual(["early", "middle", "late"]);
  });

  it("gives back the room of a burst", () => {
    const state = newState();
    const bytes: number[] = [];
    for (let step = 0; step < 200_000; step++) take(state, `burst ${step}`, 1000, 1000, step);
    take(state, "a", 1050, 1050, 0);
    for (const timeMs of [1200, 1400]) take(state, "b", timeMs, 1050, 0);
    bytes.push(state.byteLength);
    close(state, 1160);
    state.takeDelta(false);
    take(state, "b", 1300, 1160, 1);
    expect(contents(state)).toEqual([
      ["a", 1050, 1150, 1],
      ["b", 1200, 1300, 1],
      ["b", 1300, 1400, 1],
      ["b", 1400, 1500, 1],
    ]);
    expect(state.keys.count).toBe(2);
    expect(state.byteLength * 100).toBeLessThan(must(bytes[0]));
    expect(close(state, 2000).map(([name, firstMs]) => `${name} ${firstMs}`)).toEqual(["a 1050", "b 1200", "b 1300", "b 1400"]);
  });

  it("refuses to hold more sessions of one group than a limit", () => {
    const state = newState();
    for (let n = 0; n < LIMITS.sessionsOfKeyMax; n++) take(state, "a", n * GAP_MS, 0, n);
    expect(() => take(state, "a", -GAP_MS, 0, 0)).toThrow("sessionsOfKeyMax");
  });
});

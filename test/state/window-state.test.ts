import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { windowShape } from "../../src/model/window-shape.ts";
import { Cell } from "../../src/plan/code/task.ts";
import { GroupKeys } from "../../src/state/group-keys.ts";
import type { WindowSlot } from "../../src/state/window-slot.ts";
import { WindowState } from "../../src/state/window-state.ts";
import { SeededRandom, seeds } from "../property/random.ts";

const SIZE_MS = 1000;
const WINDOW = { kind: "tumbling", sizeMs: SIZE_MS, graceMs: 500, offsetMs: 0, timeZone: null } as const;
const WIDTH = Cell.accumulators + 2;

const newState = (): WindowState =>
  new WindowState({ shape: windowShape(WINDOW), graceMs: 500, groupParts: 1, initialCells: [0, Number.NaN] });

const keyOf = (name: string): Buffer => Buffer.from(JSON.stringify(name));

const slotOf = (state: WindowState, timeMs: number): WindowSlot => must(state.slotAt(timeMs, Number.NEGATIVE_INFINITY));

/** One row: its group counts, and remembers where it was. */
function take(state: WindowState, timeMs: number, name: string, offset: number): void {
  const slot = slotOf(state, timeMs);
  const key = keyOf(name);
  const group = slot.groupOf(state.keys.intern(key, 0, key.length));
  const at = group * WIDTH;
  slot.cells[at + Cell.version] = offset * 10;
  slot.cells[at + Cell.offset] = offset;
  slot.cells[at + Cell.time] = timeMs;
  slot.cells[at + Cell.accumulators] = must(slot.cells[at + Cell.accumulators]) + 1;
  if (slot.dirtyFlags[group] === 0) slot.markDirty(group);
}

/** Everything in it, groups in their order. */
function contents(state: WindowState): unknown {
  return state.allSlots().map((slot) => ({
    startMs: slot.startMs,
    groups: Array.from({ length: slot.count }, (_, group) => [
      state.keys.textOf(must(slot.keys[group])).toString(),
      ...slot.cells.subarray(group * WIDTH, (group + 1) * WIDTH),
    ]),
  }));
}

describe("window state", () => {
  it.each(seeds([], 8))("is what its deltas and snapshots make of an empty one, sparse windows and all: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const state = newState();
    const copy = newState();
    const names = random.pick([20, 3000]);
    const namesOf = (slot: WindowSlot): string[] =>
      Array.from({ length: slot.count }, (_, group) => JSON.parse(state.keys.textOf(must(slot.keys[group])).toString()) as string);
    /** Of the window freed last: its keys stay for one more. */
    let leaving: string[] = [];
    let expected = new Map<string, number>();
    for (let step = 0, now = 0; step < 6000; step++) {
      now += random.below(3);
      const timeMs = Math.max(now - random.below(4000), 0);
      const name = `device ${random.below(names)}`;
      take(state, timeMs, name, step);
      const place = `${Math.floor(timeMs / SIZE_MS) * SIZE_MS} ${name}`;
      expected.set(place, (expected.get(place) ?? 0) + 1);
      if (random.chance(0.01)) {
        for (const slot of state.closedBy(now - 4000)) {
          leaving = namesOf(slot);
          state.free(slot);
          expected = new Map([...expected].filter(([key]) => !key.startsWith(`${slot.startMs} `)));
        }
      }
      if (random.chance(0.01)) copy.apply(state.takeDelta(false), false);
    }
    copy.apply(state.takeDelta(false), false);
    const whole = newState();
    whole.apply(state.takeSnapshot(false), false);
    expect(contents(copy)).toEqual(contents(state));
    expect(contents(whole)).toEqual(contents(state));
    const counts = state
      .allSlots()
      .flatMap((slot) => namesOf(slot).map((name, group) => [`${slot.startMs} ${name}`, slot.cell(group, Cell.accumulators)] as const));
    expect(new Map(counts)).toEqual(expected);
    expect(state.keys.count).toBe(new Set([...state.allSlots().flatMap(namesOf), ...leaving]).size);
  });

  it("does not pay in every window for the keys of all of them", () => {
    const state = newState();
    for (let device = 0; device < 50_000; device++) take(state, 0, `device ${device}`, device);
    const one = state.byteLength;
    for (let window = 1; window <= 1000; window++) {
      for (let device = 0; device < 5; device++) take(state, window * SIZE_MS, `device ${(window * 31 + device * 9973) % 50_000}`, window);
    }
    expect(state.openSlots).toBe(1001);
    expect((state.byteLength - one) / 1000).toBeLessThan(4000);
  });

  it("is gone with its windows, but for the numbers of keys", () => {
    const state = newState();
    const closeWith = (window: number, devices: number): number => {
      for (let device = 0; device < devices; device++) take(state, window * SIZE_MS, `device ${window} ${device}`, device);
      for (const slot of state.closedBy((window + 1) * SIZE_MS + WINDOW.graceMs)) state.free(slot);
      return state.byteLength;
    };
    closeWith(0, 1);
    const empty = closeWith(1, 1);
    const largest = closeWith(2, 100_000);
    expect(largest).toBeGreaterThan(empty + 5_000_000);
    closeWith(3, 1);
    expect(closeWith(4, 1)).toBeLessThan(empty + 100_000 * 16);
    closeWith(5, 100_000);
    // The keys of the one before are still there.
    const two = closeWith(6, 100_000);
    expect([closeWith(7, 100_000), closeWith(8, 100_000)]).toEqual([two, two]);
    closeWith(9, 100);
    closeWith(10, 100);
    expect(state.keys.count).toBe(100);
  });

  it("keeps dirty what is not sent yet, also for whoever restores it", () => {
    const state = newState();
    take(state, 0, "a", 1);
    const copy = newState();
    copy.apply(state.takeSnapshot(false), false);
    expect([state.dirtyGroups, copy.dirtyGroups]).toEqual([0, 0]);
    take(state, 0, "b", 2);
    take(state, SIZE_MS, "a", 3);
    copy.apply(state.takeDelta(true), true);
    take(state, 0, "b", 4);
    expect([state.dirtyGroups, copy.dirtyGroups]).toEqual([2, 2]);
    const later = newState();
    later.apply(state.takeSnapshot(false), false);
    expect([state.dirtyGroups, later.dirtyGroups]).toEqual([0, 0]);
    expect(contents(later)).toEqual(contents(state));
    expect(copy.dirtySlots().map((slot) => [...slot.dirtyByIndex()])).toEqual([[1], [0]]);
  });

  it("gives the place where the results of a window were cut to whoever restores it", () => {
    const state = newState();
    take(state, 0, "a", 1);
    state.closing = { startMs: 0, groups: 1, ordinal: 7 };
    const copy = newState();
    copy.apply(state.takeDelta(false), false);
    expect(copy.closing).toEqual({ startMs: 0, groups: 1, ordinal: 7 });
    state.closing = null;
    copy.apply(state.takeDelta(false), false);
    expect(copy.closing).toBeNull();
  });
});

describe("group keys", () => {
  it.each(seeds([], 5))("keep the ids of those in use, whatever goes before and behind them in the table: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const keys = new GroupKeys(1);
    const uses = new Map<string, { id: number; uses: number }>();
    for (let step = 0; step < 20_000; step++) {
      const name = `k${random.below(2000)}`;
      const known = uses.get(name);
      if (known !== undefined && random.chance(0.55)) {
        keys.release(known.id);
        if (--known.uses === 0) uses.delete(name);
        if (random.chance(0.1)) keys.sweep();
        continue;
      }
      const id = keys.intern(keyOf(name), 0, keyOf(name).length);
      if (known !== undefined) expect(id).toBe(known.id);
      keys.retain(id);
      uses.set(name, { id, uses: (known?.uses ?? 0) + 1 });
    }
    expect(keys.count).toBe(uses.size);
    for (const [name, { id }] of uses) expect(keys.textOf(id).toString()).toBe(JSON.stringify(name));
    expect(new Set([...uses.values()].map(({ id }) => id)).size).toBe(uses.size);
  });

  it("forget ids by dictionary when keys go, and when the dictionary begins anew", () => {
    const keys = new GroupKeys(1);
    const dictionary = { epoch: 1, size: 3 };
    const id = keys.intern(keyOf("a"), 0, 3);
    keys.retain(id);
    keys.idsBy(dictionary)[2] = id;
    keys.sweep();
    expect([...keys.idsBy(dictionary).subarray(0, 3)]).toEqual([-1, -1, id]);
    keys.release(id);
    keys.sweep();
    expect([...keys.idsBy(dictionary).subarray(0, 3)]).toEqual([-1, -1, -1]);
    keys.idsBy(dictionary)[1] = 5;
    expect(keys.idsBy({ epoch: 2, size: 2 })[1]).toBe(-1);
    expect(keys.idsBy(null)).toHaveLength(0);
  });
});

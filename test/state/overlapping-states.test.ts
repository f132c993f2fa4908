import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { windowShape } from "../../src/model/window-shape.ts";
import type { MergeCells } from "../../src/plan/code/merge-code.ts";
import { Cell } from "../../src/plan/code/task.ts";
import { CountState } from "../../src/state/count-state.ts";
import type { GroupedState } from "../../src/state/grouped-state.ts";
import { PaneState } from "../../src/state/pane-state.ts";
import { WindowState } from "../../src/state/window-state.ts";
import { SeededRandom, seeds } from "../property/random.ts";

const HOPPING = { kind: "hopping", sizeMs: 1000, advanceMs: 200, graceMs: 300, offsetMs: 0, timeZone: null } as const;
const TUMBLING = { kind: "tumbling", sizeMs: 1000, graceMs: 300, offsetMs: 0, timeZone: null } as const;
/** A group counts its rows. */
const RECORD = { groupParts: 1, initialCells: [0], collectors: [] };
const merge: MergeCells = (cells, at, others, from) => {
  for (const place of [Cell.version, Cell.offset, Cell.time]) {
    cells[at + place] = Math.max(cells[at + place] as number, others[from + place] as number);
  }
  cells[at + Cell.accumulators] = (cells[at + Cell.accumulators] as number) + (others[from + Cell.accumulators] as number);
};
const newPanes = (): PaneState =>
  new PaneState({ shape: windowShape(HOPPING), graceMs: HOPPING.graceMs, ...RECORD }, { merge, distinct: false });
const newTumbling = (): WindowState => new WindowState({ shape: windowShape(TUMBLING), graceMs: TUMBLING.graceMs, ...RECORD });
const newTotals = (): WindowState => new WindowState({ shape: null, graceMs: 0, ...RECORD });
/** A group adds up what rounds: the order shows. */
const newSums = (): PaneState =>
  new PaneState({ shape: windowShape({ ...HOPPING, sizeMs: 9000 }), graceMs: HOPPING.graceMs, ...RECORD }, { merge, distinct: false });
const newCounts = (sizeRows: number, advanceRows: number): CountState => new CountState({ sizeRows, advanceRows, merge, ...RECORD });

type Slot = NonNullable<ReturnType<PaneState["slotAt"]>> | CountState["slot"];

function keyOf(state: GroupedState, name: string): number {
  const text = Buffer.from(JSON.stringify(name));
  return (state as PaneState).keys.intern(text, 0, text.length);
}

function count(slot: Slot, group: number, timeMs: number, offset: number): void {
  const at = group * (Cell.accumulators + 1);
  slot.cells.set([offset * 10, offset, timeMs, (slot.cells[at + Cell.accumulators] as number) + 1], at);
  if (slot.dirtyFlags[group] === 0) slot.markDirty(group);
}

/** Results as text; `which` closes up to a time, or shows what is open, or of that what is dirty. */
function resultsOf(state: GroupedState, which: number | "open" | "dirty"): string[] {
  const results: string[] = [];
  const shown = { open: () => state.allSlots(), dirty: () => state.dirtySlots() };
  for (const slot of typeof which === "string" ? shown[which]() : state.closedBy(which)) {
    for (const group of which === "dirty" ? slot.dirtyByIndex() : slot.groupsFrom(0)) {
      const key = state.keys.textOf(must(slot.keys[group])).toString();
      const bounds = `${slot.startOf(group)}-${slot.endOf(group)} ${slot.rowOf?.(group) ?? ""}`;
      results.push(`${key} ${bounds} ${slot.cell(group, Cell.accumulators)} v${slot.cell(group, Cell.version)}`);
    }
    if (typeof which === "number") state.free(slot);
  }
  return results;
}

describe("the state of hopping windows", () => {
  it.each(seeds([], 6))("is what its deltas make of an empty one, and gives the same results: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const [state, copy] = [newPanes(), newPanes()];
    const expected = new Map<string, number>();
    let closed = 0;
    for (let step = 0, now = 0; step < 3000; step++) {
      now += random.below(4);
      if (now >= state.nextCloseMs) {
        const results = resultsOf(state, now);
        copy.apply(state.takeDelta(false), false);
        closed += results.length;
        for (const result of results) {
          const [name, bounds, , times] = result.split(" ");
          expect(Number(times), result).toBe(expected.get(`${name} ${bounds}`));
          expected.delete(`${name} ${bounds}`);
        }
      }
      const timeMs = Math.max(now - random.below(random.chance(0.1) ? 2000 : 300), 0);
      const slot = state.slotAt(timeMs, now);
      const name = `d${random.below(12)}`;
      const windows = Array.from({ length: 5 }, (_, back) => Math.floor(timeMs / 200) * 200 - back * 200);
      const open = windows.filter((start) => start + 1300 > now);
      expect(slot === null).toBe(open.length === 0);
      if (slot === null) continue;
      count(slot, slot.groupOf(keyOf(state, name)), timeMs, step);
      for (const start of open) {
        const place = `${JSON.stringify(name)} ${start}-${start + 1000}`;
        expected.set(place, (expected.get(place) ?? 0) + 1);
      }
    }
    copy.apply(state.takeDelta(false), false);
    const whole = newPanes();
    whole.apply(state.takeSnapshot(false), false);
    expect(closed).toBeGreaterThan(100);
    const open = resultsOf(state, "open");
    expect(resultsOf(copy, "open")).toEqual(open);
    expect(resultsOf(whole, "open")).toEqual(open);
    expect(copy.nextCloseMs).toBe(state.nextCloseMs);
  });

  it.each(seeds([], 6))("gives the same bits whatever is kept, and of what is dirty the same as of all: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const state = newSums();
    let compared = 0;
    for (let step = 0, now = 0; step < 4000; step++) {
      now += random.below(20);
      const timeMs = Math.max(now - random.below(random.chance(0.2) ? 9000 : 300), 0);
      if (now >= state.nextCloseMs) {
        // What was put together before is not there after a restart.
        const restarted = newSums();
        restarted.apply(state.takeSnapshot(true), true);
        const results = resultsOf(restarted, now);
        expect(resultsOf(state, now)).toEqual(results);
        compared += results.length;
      }
      const slot = state.slotAt(timeMs, now);
      if (slot === null) continue;
      const group = slot.groupOf(keyOf(state, `d${random.below(12)}`));
      const at = group * (Cell.accumulators + 1) + Cell.accumulators;
      slot.cells[at] = (slot.cells[at] as number) + random.next();
      if (slot.dirtyFlags[group] === 0) slot.markDirty(group);
      if (!random.chance(0.01)) continue;
      const all = new Set(resultsOf(state, "open"));
      const dirty = resultsOf(state, "dirty");
      expect(dirty.length).toBeGreaterThan(0);
      expect(dirty.filter((result) => !all.has(result))).toEqual([]);
      state.takeDelta(false);
    }
    expect(compared).toBeGreaterThan(500);
  });

  it.each(seeds([], 6))("has in its deltas what was set aside, and tells of each change once: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const make = random.pick([newPanes, newTumbling, newTotals]);
    const [state, copy] = [make(), make()];
    const changed = new Set<string>();
    let told = 0;
    for (let step = 0, now = 0; step < 3000; step++) {
      now += random.below(4);
      if (now >= state.nextCloseMs) {
        resultsOf(state, now);
        changed.clear();
        state.setAside();
      }
      const timeMs = Math.max(now - random.below(300), 0);
      const slot = state.slotAt(timeMs, now);
      if (slot === null) continue;
      const name = `d${random.below(random.pick([3, 400]))}`;
      count(slot, slot.groupOf(keyOf(state, name)), timeMs, step);
      changed.add(JSON.stringify(name));
      if (random.chance(0.3)) {
        expect(new Set(resultsOf(state, "dirty").map((result) => result.split(" ")[0]))).toEqual(changed);
        told += changed.size;
        changed.clear();
        state.setAside();
        expect(state.dirtyGroups).toBe(0);
      }
      if (!random.chance(0.02)) continue;
      const asideGroups = state.asideGroups;
      const before = copy.groups;
      copy.apply(state.takeDelta(false), false);
      expect(copy.groups - before).toBeLessThanOrEqual(asideGroups + changed.size);
      expect(state.asideGroups).toBe(0);
      changed.clear();
      expect(resultsOf(copy, "open")).toEqual(resultsOf(state, "open"));
    }
    expect(told).toBeGreaterThan(300);
    copy.apply(state.takeDelta(false), false);
    expect(resultsOf(copy, "open")).toEqual(resultsOf(state, "open"));
  });

  it("puts few parts together for a result, however many panes there are", () => {
    const mergesAResult = (panes: number): number => {
      let merges = 0;
      const shape = windowShape({ ...HOPPING, sizeMs: panes * 1000, advanceMs: 1000 });
      const counting: MergeCells = (...given) => {
        merges++;
        merge(...given);
      };
      const state = new PaneState({ shape, graceMs: 0, ...RECORD }, { merge: counting, distinct: false });
      let results = 0;
      for (let second = 0; second < 3 * panes; second++) {
        const found = resultsOf(state, second * 1000);
        if (second >= 2 * panes) results += found.length;
        else merges = 0;
        const slot = must(state.slotAt(second * 1000, second * 1000));
        count(slot, slot.groupOf(keyOf(state, "device")), second * 1000, second);
      }
      expect(results).toBe(panes);
      return merges / results;
    };
    const merges = [16, 64, 256].map(mergesAResult);
    const [first = 0] = merges;
    for (const [at, more] of merges.entries()) expect(more).toBeLessThanOrEqual(first + at * 5);
  });

  it("is gone with its windows", () => {
    const state = newPanes();
    const sizes: number[] = [];
    for (let round = 0; round < 60; round++) {
      for (let device = 0; device < 500; device++) {
        const timeMs = round * 2000 + device;
        resultsOf(state, timeMs);
        const slot = must(state.slotAt(timeMs, timeMs));
        count(slot, slot.groupOf(keyOf(state, `d${round}-${device}`)), timeMs, device);
      }
      sizes.push(state.byteLength);
      expect(state.keys.count).toBeLessThanOrEqual(1000);
    }
    expect(Math.max(...sizes.slice(20))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 20)));
    resultsOf(state, must(state.closingTimeMs));
    expect([state.openSlots, state.groups, state.closingTimeMs]).toEqual([0, 0, null]);
  });
});

describe("the state of windows of rows", () => {
  it.each(seeds([], 6))("is what its deltas make of an empty one, and gives the same results: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const [sizeRows, advanceRows] = random.pick([
      [4, 4],
      [6, 4],
      [7, 1],
      [12, 3],
      [5, 5],
    ] as const);
    const [state, copy] = [newCounts(sizeRows, advanceRows), newCounts(sizeRows, advanceRows)];
    const times = new Map<string, number[]>();
    for (let step = 0; step < 2000; step++) {
      const name = `d${random.below(12)}`;
      const timeMs = random.below(1000);
      const group = state.groupAt(keyOf(state, name), timeMs);
      count(state.slot, group, timeMs, step);
      const rows = [...(times.get(name) ?? []), timeMs];
      times.set(name, rows);
      const first = rows.length - sizeRows;
      const own = rows.slice(first);
      const full = first >= 0 && first % advanceRows === 0;
      const bounds = `${Math.min(...own)}-${Math.max(...own)} ${first}`;
      expect(resultsOf(state, 0)).toEqual(full ? [`${JSON.stringify(name)} ${bounds} ${sizeRows} v${step * 10}`] : []);
      if (random.chance(0.02)) copy.apply(random.chance(0.2) ? state.takeSnapshot(false) : state.takeDelta(false), false);
    }
    copy.apply(state.takeDelta(false), false);
    expect(resultsOf(copy, "open")).toEqual(resultsOf(state, "open"));
    expect(resultsOf(copy, Number.POSITIVE_INFINITY)).toEqual(resultsOf(state, Number.POSITIVE_INFINITY));
    copy.apply(state.takeDelta(false), false);
    expect([resultsOf(copy, "open"), copy.closingTimeMs]).toEqual([[], null]);
    expect([...copy.slot.bases.subarray(0, copy.slot.count)]).toEqual([...state.slot.bases.subarray(0, state.slot.count)]);
  });

  it("keeps no more of a group than its open windows need", () => {
    const state = newCounts(100, 10);
    const take = (rows: number): number => {
      for (let row = 0; row < rows; row++) {
        count(state.slot, state.groupAt(keyOf(state, "device"), row), row, row);
        resultsOf(state, 0);
      }
      return state.byteLength;
    };
    const before = take(1000);
    expect(take(10_000)).toBe(before);
  });

  it("stays dirty where its results are yet to be sent, also after a restart", () => {
    const [state, copy] = [newCounts(3, 3), newCounts(3, 3)];
    for (const name of ["a", "b"]) count(state.slot, state.groupAt(keyOf(state, name), 1), 1, 1);
    copy.apply(state.takeDelta(true), true);
    expect([state.dirtyGroups, copy.dirtyGroups]).toEqual([2, 2]);
    copy.apply(state.takeDelta(false), false);
    expect([state.dirtyGroups, copy.dirtyGroups]).toEqual([0, 0]);
  });
});

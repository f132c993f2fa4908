import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { RowLists } from "../../src/state/row-lists.ts";
import { RowStore } from "../../src/state/row-store.ts";
import { RowExtra, TimeQueue } from "../../src/state/time-queue.ts";
import { SeededRandom, seeds } from "../property/random.ts";

describe("a queue of rows by time", () => {
  it.each(seeds([], 8))("gives the oldest first, of one time that which came first: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const store = new RowStore([], 2);
    const queue = new TimeQueue(store);
    const disorder = random.pick([0, 3, 40]);
    let waiting: { readonly rowId: number; readonly timeMs: number; readonly arrival: number }[] = [];
    for (let arrival = 0; arrival < 3000; arrival++) {
      if (random.chance(0.55)) {
        const rowId = store.add([], 0);
        const timeMs = Math.floor(arrival / 4) - random.below(disorder + 1);
        must(store.extras[RowExtra.timeMs])[rowId] = timeMs;
        must(store.extras[RowExtra.arrival])[rowId] = arrival;
        queue.push(rowId);
        waiting.push({ rowId, timeMs, arrival });
      } else {
        const first = waiting.toSorted((a, b) => a.timeMs - b.timeMs || a.arrival - b.arrival)[0];
        expect(queue.peek()).toBe(first?.rowId ?? -1);
        expect(queue.firstTimeMs).toBe(first?.timeMs ?? Number.POSITIVE_INFINITY);
        if (first === undefined) continue;
        queue.shift();
        store.free(first.rowId);
        store.sweep();
        waiting = waiting.filter((one) => one !== first);
      }
      expect(queue.count).toBe(waiting.length);
    }
    expect([...queue.all()].toSorted((a, b) => a - b)).toEqual(waiting.map(({ rowId }) => rowId).toSorted((a, b) => a - b));
  });
});

describe("lists of rows by key", () => {
  it.each(seeds([], 8))("give the rows of a key in the order of their arrival: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const store = new RowStore([], 2);
    const lists = new RowLists(store, RowExtra.arrival);
    const kept: { readonly key: number; readonly rowId: number; readonly arrival: number }[] = [];
    for (let step = 0; step < 2000; step++) {
      const key = random.below(400);
      if (random.chance(0.6)) {
        const rowId = store.add([], 0);
        const arrival = random.chance(0.9) ? step * 10 : step * 10 - random.below(300) - 0.5;
        must(store.extras[RowExtra.arrival])[rowId] = arrival;
        lists.insert(key, rowId);
        kept.push({ key, rowId, arrival });
      } else if (kept.length > 0) {
        const [gone] = kept.splice(random.below(kept.length), 1);
        lists.remove(must(gone).key, must(gone).rowId);
        store.free(must(gone).rowId);
        store.sweep();
      }
      const found: number[] = [];
      for (let rowId = lists.firstOf(key); rowId >= 0; rowId = lists.after(rowId)) found.push(rowId);
      const expected = kept.filter((one) => one.key === key).toSorted((a, b) => a.arrival - b.arrival);
      expect(found).toEqual(expected.map(({ rowId }) => rowId));
    }
  });
});

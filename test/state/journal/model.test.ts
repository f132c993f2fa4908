import fc from "fast-check";
import { expect, it } from "vitest";
import type { Blob, Note } from "../../../src/state/journal/blob.ts";
import { Journal } from "../../../src/state/journal/journal.ts";
import { parseJournalKey } from "../../../src/state/journal/keys.ts";
import { restore } from "../../../src/state/journal/restore.ts";
import { MemoryStateLog } from "./memory-state-log.ts";
import { blob, farAhead } from "./samples.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const NAMES = ["s", "t", "a|b %"];
const OWNERS = ["a", "b"];

interface Wanted {
  readonly name: number;
  readonly snapshot: boolean;
}

type Step =
  | { readonly do: "blobs"; readonly zombie: number; readonly blobs: readonly Wanted[] }
  | { readonly do: "notes"; readonly zombie: number; readonly count: number }
  | { readonly do: "forget"; readonly zombie: number; readonly back: number }
  | { readonly do: "drop"; readonly zombie: number; readonly name: number }
  | { readonly do: "tear"; readonly entries: number; readonly bytes: number }
  | { readonly do: "claim"; readonly owner: number }
  | { readonly do: "compact"; readonly seed: number };

/** 0: the owner; else one of those before it, as far back. */
const zombie = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) });
const name = fc.nat(NAMES.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("blobs" as const),
      zombie,
      blobs: fc.array(fc.record({ name, snapshot: fc.boolean() }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("notes" as const), zombie, count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const), zombie, back: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("drop" as const), zombie, name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tear" as const), entries: fc.nat(4), bytes: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("claim" as const), owner: fc.nat(OWNERS.length - 1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("compact" as const), seed: fc.nat() }) },
);

/** What one owner takes for the state; that of the owner who holds the partition is what must be durable. */
interface View {
  /** null: it crashed as it began. */
  readonly journal: Journal | null;
  readonly states: Map<string, string[]>;
  /** Statements whose next blob has to be a snapshot. */
  readonly broken: Set<string>;
  notes: number[];
}

class World {
  readonly log: MemoryStateLog;
  /** The owner first, then those before it. */
  private readonly views: View[] = [{ journal: null, states: new Map(), broken: new Set(), notes: [] }];
  private counter = 0;
  private versionMax = 0;

  constructor(mode: "checked" | "unchecked") {
    this.log = new MemoryStateLog(mode);
  }

  async claim(owner: string): Promise<void> {
    const [before] = this.views;
    if (before === undefined) return;
    this.expectSameAfterCompaction();
    const recordsBefore = this.log.records(0).length;
    const journal = await Journal.open(this.log, 0, owner).catch(() => null);
    if (journal === null) {
      const began = this.log.records(0).slice(recordsBefore).length > 1;
      if (began) this.views.unshift({ ...before, journal: null, states: new Map(before.states) });
      return;
    }
    const states = new Map([...journal.restored].map(([name, { payloads }]) => [name, payloads.map(String)]));
    const notes = journal.notes.map((note) => note.offset);
    expect(Object.fromEntries(states)).toEqual(Object.fromEntries(before.states));
    for (const [name, { header, payloads }] of journal.restored) expect(`${name}:${header.cursor}`).toBe(String(payloads.at(-1)));
    // Forgetting is lazy: a restart may bring forgotten notes back, and none else.
    expect(notes).toEqual(expect.arrayContaining(before.notes));
    expect([...journal.damaged]).toEqual([]);
    // A version that was tried and did not land may count or not.
    expect(journal.versionMax).toBeGreaterThanOrEqual(this.versionMax);
    expect(journal.versionMax).toBeLessThanOrEqual(this.counter * 1000);
    this.views.unshift({ journal, states, broken: new Set(), notes });
  }

  /** Law 9 of the runtime. */
  private expectSameAfterCompaction(): void {
    const compacted = new MemoryStateLog("checked");
    compacted.replace(0, this.log.records(0));
    compacted.compact(0, () => true);
    const [before, after] = [this.log, compacted].map((log) => {
      const { statements, useless, ...rest } = restore(log.records(0), 0);
      return {
        ...rest,
        useless: [...useless].sort(),
        statements: [...statements].sort((left, right) => (left.name < right.name ? -1 : 1)),
      };
    });
    expect(after).toEqual(before);
  }

  async run(step: Step): Promise<void> {
    if (step.do === "claim") return this.claim(OWNERS[step.owner] ?? "");
    if (step.do === "tear") {
      this.log.tearNext = step;
      return;
    }
    if (step.do === "compact") {
      let state = step.seed;
      this.log.compact(0, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return state > 2 ** 31;
      });
      return;
    }
    const view = this.views[Math.min(step.zombie, this.views.length - 1)];
    const journal = view?.journal ?? null;
    if (view === undefined || journal === null) return;
    if (step.do === "blobs") await this.appendBlobs(view, journal, step.blobs);
    else if (step.do === "notes") await this.appendNotes(view, journal, step.count);
    else if (step.do === "drop") await this.drop(view, journal, NAMES[step.name] ?? "");
    else await this.forget(view, journal, this.counter - step.back);
  }

  private async appendBlobs(view: View, journal: Journal, wanted: readonly Wanted[]): Promise<void> {
    const known = new Set([...view.states.keys()].filter((name) => !view.broken.has(name)));
    const blobs = wanted.map(({ name: index, snapshot }): Blob => {
      const name = NAMES[index] ?? "";
      const kind = snapshot || !known.has(name) ? "snapshot" : "delta";
      known.add(name);
      const cursor = ++this.counter;
      return blob(name, kind, cursor, `${name}:${cursor}`);
    });
    const landed = await this.landed(() => journal.appendBlobs(blobs));
    for (const [index, { header, payload }] of blobs.entries()) {
      if (index >= landed.entries) break;
      const before = header.kind === "snapshot" ? [] : (view.states.get(header.statement) ?? []);
      view.states.set(header.statement, [...before, String(payload)]);
      this.versionMax = Math.max(this.versionMax, header.clock);
    }
    for (const { header } of blobs) {
      if (landed.failed) view.broken.add(header.statement);
      else view.broken.delete(header.statement);
    }
  }

  private async appendNotes(view: View, journal: Journal, count: number): Promise<void> {
    const notes = Array.from({ length: count }, (): Note => farAhead(++this.counter));
    const landed = await this.landed(() => journal.appendNotes(notes));
    view.notes = [...view.notes, ...notes.slice(0, landed.entries).map((note) => note.offset)];
  }

  private async drop(view: View, journal: Journal, name: string): Promise<void> {
    const landed = await this.landed(() => journal.dropStatement(name));
    view.broken.add(name);
    if (landed.entries > 0 || !landed.failed) view.states.delete(name);
  }

  private async forget(view: View, journal: Journal, offset: number): Promise<void> {
    await this.landed(() => journal.forgetNotes("readings", offset));
    view.notes = view.notes.filter((note) => note >= offset);
  }

  /** How many blobs and notes of the call are whole in the log, whatever it said. */
  private async landed(call: () => Promise<void>): Promise<{ readonly entries: number; readonly failed: boolean }> {
    const before = this.log.records(0).length;
    const failed = await call().then(
      () => false,
      () => true,
    );
    const added = this.log.records(0).slice(before);
    const whole = added.filter(({ key, value }) => value !== null && parseJournalKey(key)?.kind !== "generation" && value.length > 40);
    return { entries: whole.length, failed };
  }
}

for (const mode of ["checked", "unchecked"] as const) {
  it(`gives each owner what the one before it left, whatever happens: ${mode} log, seed ${seed}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        const world = new World(mode);
        await world.claim("a");
        for (const next of steps) await world.run(next);
        world.log.tearNext = null;
        await world.claim("b");
        world.log.compact(0, () => true);
        await world.claim("a");
      }),
      { seed, numRuns: 300 },
    );
  });
}

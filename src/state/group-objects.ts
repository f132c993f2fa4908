import { must } from "../assert.ts";
import type { Collector } from "../functions/collector.ts";
import { valueBytes, valueOfBytes } from "../functions/value-bytes.ts";
import type { Value } from "../model/value.ts";

/** In place of a state whose result will not be right any more, and why. */
class Refused {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** What a state that holds nothing yet is taken for. */
const STATE_BYTES = 64;

/**
 * The states of the aggregates of one window that are objects, beside the cells of its groups: one for each aggregate and group, made when
 * its first row comes.
 */
export class GroupObjects {
  private readonly collectors: readonly Collector[];
  /** By aggregate, then by group. */
  private readonly states: (unknown | undefined)[][];
  /** About what they take, and what of that each group does. */
  byteLength = 0;
  private readonly sizes: number[] = [];

  constructor(collectors: readonly Collector[]) {
    this.collectors = collectors;
    this.states = collectors.map(() => []);
  }

  add(aggregate: number, group: number, ...values: readonly Value[]): void {
    const state = this.state(aggregate, group);
    if (state instanceof Refused) return;
    try {
      this.grow(group, this.collector(aggregate).add(state, ...values));
    } catch (error) {
      this.refuse(aggregate, group, error);
    }
  }

  /** Takes a row back that was taken in; only of collectors that can. */
  retract(aggregate: number, group: number, ...values: readonly Value[]): void {
    const state = this.state(aggregate, group);
    if (state instanceof Refused) return;
    const collector = this.collector(aggregate);
    try {
      this.grow(group, must(collector.retract).call(collector, state, ...values));
    } catch (error) {
      this.refuse(aggregate, group, error);
    }
  }

  /** Takes in what the states of a group hold, of this window or another one: the rows that came after; only of collectors that can. */
  merge(group: number, others: GroupObjects, other: number): void {
    for (const [aggregate, collector] of this.collectors.entries()) {
      const taken = others.column(aggregate)[other];
      if (taken === undefined) continue;
      const state = this.state(aggregate, group);
      if (state instanceof Refused) continue;
      if (taken instanceof Refused) this.column(aggregate)[group] = taken;
      else {
        try {
          this.grow(group, must(collector.merge).call(collector, state, taken));
        } catch (error) {
          this.refuse(aggregate, group, error);
        }
      }
    }
  }

  /** Throws RangeError where there is none. */
  result(aggregate: number, group: number): Value {
    const state = this.column(aggregate)[group];
    if (state instanceof Refused) throw new RangeError(state.why);
    const collector = this.collector(aggregate);
    return collector.result(state ?? collector.create());
  }

  /** The states of a group as bytes; one that there is not yet has none. */
  save(group: number): readonly Uint8Array[] {
    return this.collectors.map((collector, aggregate) => {
      const state = this.column(aggregate)[group];
      if (state === undefined) return new Uint8Array(0);
      return valueBytes(state instanceof Refused ? [state.why] : [null, collector.save(state)]);
    });
  }

  load(group: number, saved: readonly Uint8Array[]): void {
    this.clear(group);
    for (const [aggregate, bytes] of saved.entries()) {
      if (bytes.length === 0) continue;
      const [why, kept] = valueOfBytes(bytes) as readonly [string | null, Value];
      this.column(aggregate)[group] = why === null ? this.collector(aggregate).load(kept) : new Refused(why);
      this.grow(group, STATE_BYTES + bytes.length);
    }
  }

  get count(): number {
    return this.collectors.length;
  }

  /** A group has nothing any more. */
  clear(group: number): void {
    for (const states of this.states) states[group] = undefined;
    this.byteLength -= this.sizes[group] ?? 0;
    this.sizes[group] = 0;
  }

  private grow(group: number, bytes: number): void {
    this.byteLength += bytes;
    this.sizes[group] = (this.sizes[group] ?? 0) + bytes;
  }

  private refuse(aggregate: number, group: number, error: unknown): void {
    if (!(error instanceof RangeError)) throw error;
    this.column(aggregate)[group] = new Refused(error.message);
  }

  private state(aggregate: number, group: number): unknown {
    const column = this.column(aggregate);
    const known = column[group];
    if (known !== undefined) return known;
    const collector = this.collector(aggregate);
    this.grow(group, collector.stateBytes ?? STATE_BYTES);
    const made = collector.create();
    column[group] = made;
    return made;
  }

  private column(aggregate: number): unknown[] {
    return this.states[aggregate] as unknown[];
  }

  private collector(aggregate: number): Collector {
    return this.collectors[aggregate] as Collector;
  }
}

import type { Collector } from "../../functions/collector.ts";
import type { Value } from "../../model/value.ts";
import type { RunningCall, RunningPartition } from "../../plan/code/running-code.ts";
import { GroupKeys } from "../group-keys.ts";
import { GroupObjects } from "../group-objects.ts";
import type { PayloadReader, PayloadWriter } from "../payload.ts";
import { FrameRows, type FrameTask } from "./frame-rows.ts";
import { readKey } from "./join-payload.ts";
import { SideKeys } from "./side-keys.ts";

const KEY_BYTES = 32;

/** What calls of OVER with one PARTITION BY know of the rows of each key. It stays as long as the statement. */
export class RunningKeys {
  readonly sideKeys: SideKeys;
  readonly calls: readonly RunningCall[];
  /** Keys whose state has changed since the last payload. */
  dirty: number[] = [];
  private readonly keys: GroupKeys;
  private readonly objects: GroupObjects;
  private readonly collectors: readonly Collector[];
  /** By key id: how many rows it has had. */
  private counts = new Float64Array(0);
  /** By key id: the greatest time of its rows. */
  private latest = new Float64Array(0);
  private dirtyFlags = new Uint8Array(0);
  /** By call, then by key id; of a call without a frame there are none. */
  private readonly frames: (FrameRows | undefined)[][];
  private frameBytes = 0;
  /** Where rows have to come in the order of their times. */
  private readonly isTimed: boolean;
  private readonly task: FrameTask;
  private readonly place = { call: 0, key: 0 };

  constructor({ keys, keyParts, calls }: RunningPartition) {
    this.keys = new GroupKeys(keyParts);
    this.sideKeys = new SideKeys(keys, this.keys, 0);
    this.calls = calls;
    this.collectors = calls.map(({ collector }) => collector);
    this.objects = new GroupObjects(this.collectors);
    this.frames = calls.map(() => []);
    this.isTimed = calls.some(({ frame }) => frame?.unit === "ms");
    const { objects, place } = this;
    this.task = {
      enter: (given, position) => objects.add(place.call, place.key, ...this.arguments(place.call, given, position)),
      leave: (given, position) => objects.retract(place.call, place.key, ...this.arguments(place.call, given, position)),
    };
  }

  get byteLength(): number {
    const known = this.counts.length * 17 + this.dirty.length * 8;
    return this.keys.byteLength + this.objects.byteLength + this.frameBytes + known + this.keys.count * KEY_BYTES * this.calls.length;
  }

  /** Whether a row comes behind one of its key that was later, and goes by its time. */
  isLate(key: number, timeMs: number): boolean {
    return this.isTimed && key < this.counts.length && (this.counts[key] as number) > 0 && timeMs < (this.latest[key] as number);
  }

  /** Takes a row in. */
  take(key: number, row: number, timeMs: number, values: readonly Value[][]): void {
    this.touch(key);
    const position = (this.counts[key] as number) + 1;
    if (position === 1) this.keys.retain(key);
    if (position === 1 || timeMs > (this.latest[key] as number)) this.latest[key] = timeMs;
    this.counts[key] = position;
    for (let call = 0; call < this.calls.length; call++) {
      const { frame, args } = this.calls[call] as RunningCall;
      if (frame !== null) this.goOn(call, key, row, timeMs, values);
      else if (this.isTaken(call, row, values)) {
        const isPlain = args.length === 1 && this.collectors[call]?.positioned !== true;
        if (isPlain) this.objects.add(call, key, (values[args[0] as number] as Value[])[row] as Value);
        else this.objects.add(call, key, ...this.arguments(call, this.given(call, row, values), position));
      }
    }
  }

  /** Throws RangeError where there is none. */
  result(call: number, key: number): Value {
    return this.objects.result(call, key);
  }

  sweep(): void {
    this.keys.sweep();
  }

  write(writer: PayloadWriter, all: boolean): void {
    const keys = all ? this.known() : this.dirty;
    writer.uint32(keys.length);
    for (const key of keys) {
      this.keys.writePayload(key, writer);
      writer.float64(this.counts[key] as number);
      writer.float64(this.latest[key] as number);
      for (const bytes of this.objects.save(key)) {
        writer.uint32(bytes.length);
        writer.bytes(bytes.length, (target, at) => target.set(bytes, at));
      }
      for (const [call, { frame }] of this.calls.entries()) if (frame !== null) this.frameOf(call, key).write(writer, all);
    }
    this.clean();
  }

  read(reader: PayloadReader): void {
    for (let keys = reader.uint32(); keys > 0; keys--) {
      const key = readKey(reader, this.keys);
      this.touch(key);
      if (this.counts[key] === 0) this.keys.retain(key);
      this.counts[key] = reader.float64();
      this.latest[key] = reader.float64();
      this.objects.load(
        key,
        this.calls.map(() => reader.bytes(reader.uint32())),
      );
      for (const [call, { frame }] of this.calls.entries()) {
        if (frame === null) continue;
        const rows = this.frameOf(call, key);
        this.frameBytes -= rows.byteLength;
        rows.read(reader);
        this.frameBytes += rows.byteLength;
      }
    }
    this.clean();
  }

  private goOn(call: number, key: number, row: number, timeMs: number, values: readonly Value[][]): void {
    const rows = this.frameOf(call, key);
    this.place.call = call;
    this.place.key = key;
    this.frameBytes -= rows.byteLength;
    rows.goOn(timeMs, this.isTaken(call, row, values) ? this.given(call, row, values) : null, this.task);
    this.frameBytes += rows.byteLength;
  }

  private isTaken(call: number, row: number, values: readonly Value[][]): boolean {
    const { args, filter, nullable } = this.calls[call] as RunningCall;
    if (filter >= 0 && (values[filter] as Value[])[row] !== true) return false;
    if (nullable) return true;
    for (const arg of args) if ((values[arg] as Value[])[row] === null) return false;
    return true;
  }

  private given(call: number, row: number, values: readonly Value[][]): readonly Value[] {
    return (this.calls[call] as RunningCall).args.map((arg) => (values[arg] as Value[])[row] as Value);
  }

  private arguments(call: number, given: readonly Value[], position: number): readonly Value[] {
    return this.collectors[call]?.positioned === true ? [...given, position] : given;
  }

  private frameOf(call: number, key: number): FrameRows {
    const frames = this.frames[call] as (FrameRows | undefined)[];
    const known = frames[key];
    if (known !== undefined) return known;
    const { frame } = this.calls[call] as RunningCall;
    if (frame === null) throw new Error("assertion failed: a call without a frame has no rows");
    const made = new FrameRows(frame);
    frames[key] = made;
    this.frameBytes += made.byteLength;
    return made;
  }

  private known(): readonly number[] {
    return [...this.counts.keys()].filter((key) => (this.counts[key] as number) > 0);
  }

  private touch(key: number): void {
    if (key >= this.counts.length) this.grow();
    if (this.dirtyFlags[key] === 1) return;
    this.dirtyFlags[key] = 1;
    this.dirty.push(key);
  }

  private grow(): void {
    const { capacity } = this.keys;
    const [counts, latest, flags] = [new Float64Array(capacity), new Float64Array(capacity), new Uint8Array(capacity)];
    counts.set(this.counts);
    latest.set(this.latest);
    flags.set(this.dirtyFlags);
    Object.assign(this, { counts, latest, dirtyFlags: flags });
  }

  private clean(): void {
    for (const key of this.dirty) this.dirtyFlags[key] = 0;
    this.dirty = [];
  }
}

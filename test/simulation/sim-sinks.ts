import { partitionOfRow } from "../../src/adapters/partition-of-row.ts";
import { SluiceError } from "../../src/errors.ts";
import { type ChangeBatch, documentOf, documentTextOf, idOf, keyOf, Operation } from "../../src/model/change.ts";
import { OriginHeaderWriter } from "../../src/model/origin-header.ts";
import { type ChangeError, type Origin, Outcome, type RouteTarget, type Sink, type WriteResult } from "../../src/ports/sink.ts";
import type { SimBroker } from "./sim-broker.ts";
import type { SimEnvironment, SimProcess } from "./sim-process.ts";
import type { SimIndexes, SimTables } from "./sim-stores.ts";
import { takesLetters } from "./statement-parts.ts";

/** What the world wants to know of writes. */
export interface WriteWatch {
  begun(write: Write): void;
  /** Every change of it is settled. */
  settled(write: Write): void;
  /** A store is given a version of an id; text null: a delete. */
  put(target: string, id: string, version: number, text: string | null): void;
}

export interface Write {
  readonly process: SimProcess;
  readonly origin: Origin;
  readonly target: string;
  /** The lowest offset that caused one of the changes; Infinity: none is known to. */
  readonly causeOffset: number;
}

export interface SinkWorld {
  readonly env: SimEnvironment;
  readonly broker: SimBroker;
  readonly indexes: SimIndexes;
  readonly tables: SimTables;
  readonly watch: WriteWatch;
}

/** Writes the changes of one route into the simulated store of its kind. */
export class SimSink implements Sink {
  readonly overlaps: boolean;
  readonly spreads = true;
  private readonly world: SinkWorld;
  private readonly process: SimProcess;
  private readonly target: RouteTarget;
  private sent = 0;
  /** By source partition: what arrives after a later one is refused. */
  private readonly arrived = new Map<number, number>();

  constructor(world: SinkWorld, process: SimProcess, target: RouteTarget) {
    this.world = world;
    this.process = process;
    this.target = target;
    this.overlaps = target.kind !== "table";
  }

  async write(batch: ChangeBatch, origin: Origin, signal: AbortSignal): Promise<WriteResult> {
    const { watch } = this.world;
    const number = ++this.sent;
    const write = { process: this.process, origin, target: this.target.name, causeOffset: lowestCause(batch, this.target) };
    watch.begun(write);
    // What is on its way is as it was when it was sent, whatever becomes of the sender's memory.
    const copy = copyOf(batch);
    const result = await this.process.request("write", this.target.name, () => this.apply(copy, origin, number), { signal });
    if (!result.outcomes.includes(Outcome.retry)) watch.settled(write);
    return result;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private apply(batch: ChangeBatch, origin: Origin, number: number): WriteResult {
    const { env } = this.world;
    env.trace.add(env.time.nowMs, `${this.target.name} takes ${origin.generation}/${origin.partition}: ${textOf(batch)}`);
    const outcomes = new Uint8Array(batch.count);
    const errors = new Map<number, ChangeError>();
    if (this.target.kind === "topic") this.append(batch, origin, number, outcomes);
    else {
      const throttles = env.faults.throttles;
      for (let row = 0; row < batch.count; row++) {
        const isThrottled = throttles && env.random.chance(0.5);
        outcomes[row] = isThrottled ? Outcome.retry : this.put(batch, row);
        if (isThrottled) errors.set(row, { code: "CHANGE_UNAVAILABLE", message: "429, too many requests" });
        if (outcomes[row] === Outcome.rejected) errors.set(row, { code: "CHANGE_REJECTED", message: "400, the mapping does not fit" });
      }
    }
    return { outcomes, errors, retryAfterMs: errors.size > 0 && env.random.chance(0.3) ? 50 : null };
  }

  private put(batch: ChangeBatch, row: number): number {
    const { indexes, tables, watch } = this.world;
    const name = batch.targets?.[row] ?? this.target.name;
    const id = idOf(batch, row);
    if (isRefused(id) && !takesLetters(name)) return Outcome.rejected;
    const version = batch.versions[row] as number;
    const isDelete = batch.operations[row] === Operation.delete;
    watch.put(name, id, version, isDelete ? null : saidAlways(name, documentTextOf(batch, row)));
    if (this.target.kind === "index") {
      return indexes.put(name, id, version, isDelete ? null : documentTextOf(batch, row)) ? Outcome.written : Outcome.superseded;
    }
    if (isDelete) tables.delete(name, id, version);
    else if (this.target.mode === "upsert") tables.update(name, id, version, cellsOf(documentTextOf(batch, row), []));
    else tables.insert(name, id, version, cellsOf(documentTextOf(batch, row), this.target.columns));
    return Outcome.written;
  }

  /** All of it, or what came before it broke off; one after the other for each partition, as an idempotent producer does. */
  private append(batch: ChangeBatch, origin: Origin, number: number, outcomes: Uint8Array): void {
    const { env, broker } = this.world;
    if ((this.arrived.get(origin.partition) ?? 0) > number) throw new SluiceError("CONNECTION_FAILED", "later ones are there already");
    this.arrived.set(origin.partition, number);
    const headers = new OriginHeaderWriter(origin, this.target.topicReading);
    const kept = env.faults.tears ? env.random.below(batch.count + 1) : batch.count;
    for (let row = 0; row < kept; row++) {
      const topic = broker.create(batch.targets?.[row] ?? this.target.name, this.target.partitions ?? 1);
      const key = keyOf(batch, row);
      const partition = partitionOfRow(batch, row, topic.partitions.length);
      headers.write(batch.versions[row] as number, batch.causeOffsets[row] as number, batch.causeOrdinals[row] as number);
      topic.partition(partition).append({
        timestampMs: batch.timestampsMs[row] as number,
        key: key === null ? null : Buffer.from(key),
        value: batch.operations[row] === Operation.delete ? null : Buffer.from(documentOf(batch, row)),
        headers: Buffer.from(headers.block.subarray(0, headers.length)),
      });
      if (env.faults.tears) topic.partition(partition).leaveHole(1);
    }
    if (kept < batch.count) throw new SluiceError("CONNECTION_FAILED", "the append broke off");
    outcomes.fill(Outcome.written);
  }
}

/** What every try of a version says: which try it was, a dead letter says too. */
function saidAlways(name: string, text: string): string {
  return takesLetters(name) ? text.replace(/"attempts":\d+,/, "") : text;
}

/** Ids that targets refuse, in every version; dead letters of them are taken. */
export function isRefused(id: string): boolean {
  return id.includes("refused");
}

/** A topic between the two stages of a statement that is repartitioned. */
export function isInternal(topic: string): boolean {
  return topic.startsWith("sluice.") && !topic.endsWith(".state");
}

function cellsOf(text: string, columns: readonly { readonly name: string }[]): ReadonlyMap<string, string | null> {
  const row = JSON.parse(text) as Record<string, unknown>;
  const names = columns.length === 0 ? Object.keys(row) : columns.map(({ name }) => name);
  return new Map(names.map((name) => [name, row[name] === null || row[name] === undefined ? null : JSON.stringify(row[name])]));
}

/** How far a stage of what is repartitioned has come is told to all partitions: there a place says which. */
function lowestCause({ causeOffsets, keyStarts, count }: ChangeBatch, { name }: RouteTarget): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (let row = 0; row < count; row++) {
    if ((keyStarts[row] as number) >= 0 || !isInternal(name)) lowest = Math.min(lowest, causeOffsets[row] as number);
  }
  return lowest;
}

function textOf(batch: ChangeBatch): string {
  return batch.count === 0 ? "nothing" : `${batch.count}, ${idOf(batch, 0)}@${batch.versions[0]}`;
}

function copyOf(batch: ChangeBatch): ChangeBatch {
  const { count } = batch;
  return {
    count,
    operations: batch.operations.slice(0, count),
    versions: batch.versions.slice(0, count),
    timestampsMs: batch.timestampsMs.slice(0, count),
    causeOffsets: batch.causeOffsets.slice(0, count),
    causeOrdinals: batch.causeOrdinals.slice(0, count),
    targets: batch.targets === null ? null : [...batch.targets],
    bytes: Buffer.from(batch.bytes),
    documentStarts: batch.documentStarts.slice(0, count),
    documentEnds: batch.documentEnds.slice(0, count),
    idStarts: batch.idStarts.slice(0, count),
    idEnds: batch.idEnds.slice(0, count),
    keyStarts: batch.keyStarts.slice(0, count),
    keyEnds: batch.keyEnds.slice(0, count),
  };
}

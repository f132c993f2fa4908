import { SluiceError } from "../../src/errors.ts";
import type { Claim, StateEntry, StateLog, StateRecord } from "../../src/ports/state-log.ts";
import type { SimEnvironment, SimProcess } from "./sim-process.ts";

/** `checked`: an append and the check of its claim are one; `open`: whoever writes, writes, and readers tell. */
export type StateLogKind = "checked" | "open";

/** One partition of one pipeline's log. */
export class SimStatePartition {
  records: StateRecord[] = [];
  /** Position of the last claim. */
  claimed = 0;
  readonly number: number;
  private last = 0;

  constructor(number: number) {
    this.number = number;
  }

  /** The position of the first one. */
  append(entries: readonly StateEntry[]): number {
    const first = this.last + 1;
    for (const { key, value } of entries) this.records.push({ position: ++this.last, key, value });
    return first;
  }

  claim(owner: string): number {
    this.append([{ key: `claim|${owner}`, value: Buffer.alloc(0) }]);
    this.claimed = this.last;
    return this.last;
  }

  /** What the cleaner leaves: of each key the last record, and tombstones for a while. */
  compacted(keepsTombstones: boolean): StateRecord[] {
    const last = new Map(this.records.map((record) => [record.key, record.position]));
    return this.records.filter(({ key, position, value }) => last.get(key) === position && (keepsTombstones || value !== null));
  }
}

/** What the world wants to know of appends. */
export interface StateLogWatch {
  appended(place: AppendPlace, entries: readonly StateEntry[]): void;
}

export interface AppendPlace {
  readonly process: SimProcess;
  readonly pipeline: string;
  readonly partition: number;
  readonly generation: number;
  /** Of the first entry. */
  readonly position: number;
  /** There is a later claim, of somebody who may or may not begin. */
  readonly isFenced: boolean;
}

/** The state logs of all pipelines. */
export class SimStateLogs {
  readonly kind: StateLogKind;
  readonly partitions = new Map<string, SimStatePartition>();
  private readonly env: SimEnvironment;
  private readonly watch: StateLogWatch;

  constructor(kind: StateLogKind, env: SimEnvironment, watch: StateLogWatch) {
    this.kind = kind;
    this.env = env;
    this.watch = watch;
  }

  partition(pipeline: string, number: number): SimStatePartition {
    const name = `${pipeline} ${number}`;
    const partition = this.partitions.get(name) ?? new SimStatePartition(number);
    this.partitions.set(name, partition);
    return partition;
  }

  logOf(pipeline: string, process: SimProcess): StateLog {
    const log = new SimStateLog(this, this.env, this.watch, pipeline, process);
    if (this.kind === "checked") return { claim: log.claim, append: log.append, close: log.close };
    return { claim: log.claim, append: log.append, confirm: log.confirm, close: log.close };
  }
}

class SimStateLog {
  private readonly logs: SimStateLogs;
  private readonly env: SimEnvironment;
  private readonly watch: StateLogWatch;
  private readonly pipeline: string;
  private readonly process: SimProcess;
  /** Appends of which nothing was heard are refused once later ones are there, as those of an idempotent producer. */
  private sent = 0;
  private readonly arrived = new Map<number, number>();

  constructor(logs: SimStateLogs, env: SimEnvironment, watch: StateLogWatch, pipeline: string, process: SimProcess) {
    this.logs = logs;
    this.env = env;
    this.watch = watch;
    this.pipeline = pipeline;
    this.process = process;
  }

  claim = (partition: number, owner: string): Promise<Claim> => {
    const log = this.logs.partition(this.pipeline, partition);
    return this.process.request("claim", `${this.pipeline} ${partition}`, () => {
      const records = [...log.records];
      return { generation: log.claim(owner), records };
    });
  };

  append = async (partition: number, generation: number, entries: readonly StateEntry[]): Promise<void> => {
    const { faults, trace, time } = this.env;
    const log = this.logs.partition(this.pipeline, partition);
    const number = ++this.sent;
    const what = `${this.pipeline} ${partition} ${entries[0]?.key ?? "nothing"}…${entries.length}`;
    await this.process.request("append", what, () => {
      if ((this.arrived.get(partition) ?? 0) > number) throw new SluiceError("CONNECTION_FAILED", "later ones are there already");
      this.arrived.set(partition, number);
      const isFenced = log.claimed !== generation;
      if (this.logs.kind === "checked" && isFenced) throw fenced(partition, generation, log.claimed);
      const isTorn = this.logs.kind === "open" && faults.tears;
      const kept = isTorn ? entries.slice(0, this.env.random.below(entries.length)) : entries;
      const position = log.append(kept);
      if (this.logs.kind === "open" && faults.doubles) log.append(kept);
      const { pipeline, process } = this;
      this.watch.appended({ process, pipeline, partition, generation, position, isFenced }, kept);
      if (isTorn) {
        trace.add(time.nowMs, `${what} is TORN after ${kept.length}`);
        throw new SluiceError("CONNECTION_FAILED", "the append broke off");
      }
      if (isFenced) throw fenced(partition, generation, log.claimed);
    });
  };

  confirm = async (partition: number, generation: number): Promise<void> => {
    const log = this.logs.partition(this.pipeline, partition);
    await this.process.request("ask", `${this.pipeline} ${partition}`, () => {
      if (log.claimed !== generation) throw fenced(partition, generation, log.claimed);
    });
  };

  close = (): Promise<void> => Promise.resolve();
}

function fenced(partition: number, generation: number, by: number): SluiceError {
  return new SluiceError("STATE_FENCED", `partition ${partition} was claimed by ${by} after ${generation}`);
}

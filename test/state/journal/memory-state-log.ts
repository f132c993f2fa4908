import { SluiceError } from "../../../src/errors.ts";
import type { Claim, StateEntry, StateLog, StateRecord } from "../../../src/ports/state-log.ts";

/** What stays of the next append when the power goes: whole entries, then so many bytes of the next value. */
export interface Tear {
  readonly entries: number;
  readonly bytes: number;
}

/**
 * The state log in memory. `checked`: an append looks for later claims itself, as in a database.
 * `unchecked`: as in Kafka, where an owner that lost the partition can still write, and only `confirm` reads on.
 */
export class MemoryStateLog implements StateLog {
  readonly confirm?: (partition: number, generation: number) => Promise<void>;
  /** Entries of each append, for tests that look at what was written when. */
  readonly appends: (readonly StateEntry[])[] = [];
  /** Called before an append takes effect; what it throws is what the append rejects with. */
  beforeAppend: (entries: readonly StateEntry[]) => void | Promise<void> = () => undefined;
  tearNext: Tear | null = null;
  private readonly checked: boolean;
  private readonly partitions = new Map<number, StateRecord[]>();
  private readonly claims = new Map<number, number>();
  private position = 0;

  constructor(mode: "checked" | "unchecked") {
    this.checked = mode === "checked";
    if (!this.checked) this.confirm = async (partition, generation) => this.refuseFenced(partition, generation);
  }

  async claim(partition: number, owner: string): Promise<Claim> {
    await Promise.resolve();
    const records = [...this.records(partition)];
    const generation = this.push(partition, `claim|${owner}`, Buffer.from(owner));
    this.claims.set(partition, generation);
    return { generation, records };
  }

  async append(partition: number, generation: number, entries: readonly StateEntry[]): Promise<void> {
    await this.beforeAppend(entries);
    if (this.checked) this.refuseFenced(partition, generation);
    const tear = this.tearNext;
    this.tearNext = null;
    this.appends.push(entries);
    for (const entry of tear === null ? entries : entries.slice(0, tear.entries)) this.push(partition, entry.key, entry.value);
    if (tear === null) return;
    const torn = entries[tear.entries];
    const value = torn?.value ?? null;
    if (torn !== undefined && value !== null && tear.bytes > 0) this.push(partition, torn.key, value.subarray(0, tear.bytes));
    throw new Error("the power is gone");
  }

  async close(): Promise<void> {}

  records(partition: number): StateRecord[] {
    const records = this.partitions.get(partition) ?? [];
    this.partitions.set(partition, records);
    return records;
  }

  /** Exactly these, instead of what there was. */
  replace(partition: number, records: readonly StateRecord[]): void {
    this.partitions.set(partition, [...records]);
  }

  /**
   * As a cleaner may do at any time: a record that a later one of its key supersedes goes, or stays; so does a tombstone
   * with nothing before it.
   */
  compact(partition: number, goes: () => boolean): void {
    const last = new Map(this.records(partition).map((record) => [record.key, record.position]));
    const kept = this.records(partition).filter((record) => last.get(record.key) === record.position || !goes());
    const seen = new Set<string>();
    this.replace(
      partition,
      kept.filter(({ key, value }) => {
        const first = !seen.has(key);
        seen.add(key);
        return !(first && value === null && goes());
      }),
    );
  }

  private refuseFenced(partition: number, generation: number): void {
    if ((this.claims.get(partition) ?? -1) > generation)
      throw new SluiceError("STATE_FENCED", "a later claim exists", { coordinates: { partition } });
  }

  private push(partition: number, key: string, value: Buffer | null): number {
    const position = this.position++;
    this.records(partition).push({ position, key, value: value === null ? null : Buffer.from(value) });
    return position;
  }
}

/** One record of the state log, in log order. */
export interface StateRecord {
  /** Place in the log; rises. A claim's position is its generation. */
  readonly position: number;
  readonly key: string;
  /** null: tombstone. */
  readonly value: Buffer | null;
}

export interface StateEntry {
  readonly key: string;
  readonly value: Buffer | null;
}

export interface Claim {
  /** The position of our claim; every later record of ours carries it in its key. */
  readonly generation: number;
  /** Everything in the partition before the claim, other claims included (their keys begin with `claim|`). */
  readonly records: readonly StateRecord[];
}

/** What state logs hold, for whoever looks at it, or removes it, without owning a partition. */
export interface KeptState {
  /** The records of a pipeline's log by partition, those of owners at work as far as they are durable; null: it has no log. */
  read(pipeline: string): Promise<readonly (readonly StateRecord[])[] | null>;
  /** The pipeline begins anew; an owner that is at work is fenced. False: it had no log. */
  drop(pipeline: string): Promise<boolean>;
}

/**
 * The log of one pipeline's state: partition n holds blobs, notes and claims of source partitions n (`runtime.md` §3).
 * Compacted by key: a record may disappear once a later one has the same key, or a tombstone; never otherwise.
 */
export interface StateLog {
  /** Appends `claim|<owner>` durably, then reads everything up to it. */
  claim(partition: number, owner: string): Promise<Claim>;
  /**
   * Appends the entries as one unit where the store can do that, durably and in order.
   * Rejects with STATE_FENCED when a later claim is known to exist (embedded: checked in the same transaction).
   * `transactionOf`: a statement whose rows written since the last such append become visible with the entries, in one transaction.
   */
  append(partition: number, generation: number, entries: readonly StateEntry[], transactionOf?: string): Promise<void>;
  /**
   * Resolves once all that was appended under the generation is known to lie before any later claim (Kafka: read on up to the end);
   * rejects with STATE_FENCED if a later claim exists. Rare: needed before tombstones, since those of an owner that lost the partition
   * would erase what the next one rests on. Left out where `append` checks the claim in the same transaction.
   */
  confirm?(partition: number, generation: number): Promise<void>;
  close(): Promise<void>;
}

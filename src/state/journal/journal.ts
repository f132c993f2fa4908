import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { StateEntry, StateLog } from "../../ports/state-log.ts";
import type { Blob, BlobHeader, Note } from "./blob.ts";
import type { PlacedBlob } from "./chain.ts";
import { Chain } from "./chain.ts";
import { generationEntry, noteEntry } from "./json-records.ts";
import type { NoteRecord, Restored, StatementRecords } from "./restore.ts";
import { compareNotes, restore } from "./restore.ts";

export interface RestoredStatement {
  readonly header: BlobHeader;
  /** Snapshot payload first, then deltas in order. */
  readonly payloads: readonly Buffer[];
  /** Its last blob is that of an orderly stop, and no owner has begun since: all that was ever sent is in it. */
  readonly drained: boolean;
}

/**
 * What the owner of a pipeline's source partitions n keeps in partition n of the state log: blobs of its statements, and notes.
 * Appends go out one after the other, in the order of the calls. All methods reject with STATE_FENCED once another owner is known.
 */
export class Journal {
  readonly generation: number;
  /** Statements whose restored state is older than their last whole blob, because records were damaged or lost. */
  readonly damaged: ReadonlySet<string>;
  private readonly restoredStatements = new Map<string, RestoredStatement>();
  private readonly log: StateLog;
  private readonly partition: number;
  private readonly chains = new Map<string, Chain>();
  private noteRecords: readonly NoteRecord[];
  private noteSequence = 0;
  private generationSequence = 0;
  private highestVersion: number;
  /** Keys that wait for their tombstones. */
  private useless: string[];
  private fencedBy: SluiceError | null = null;
  private queue: Promise<void> = Promise.resolve();

  private constructor(log: StateLog, partition: number, generation: number, restored: Restored) {
    this.log = log;
    this.partition = partition;
    this.generation = generation;
    for (const statement of restored.statements) {
      this.chains.set(statement.name, new Chain(statement.name, generation, statement));
      const state = restoredState(statement, restored.generation);
      if (state !== null) this.restoredStatements.set(statement.name, state);
    }
    this.damaged = new Set(restored.statements.filter((statement) => statement.damaged).map((statement) => statement.name));
    this.noteRecords = restored.notes;
    this.highestVersion = restored.versionMax;
    this.useless = [...restored.useless];
  }

  /** Claims the partition and restores what earlier owners left. Rejects with STATE_CORRUPT for records of a later format. */
  static async open(log: StateLog, partition: number, owner: string): Promise<Journal> {
    const { generation, records } = await log.claim(partition, owner);
    const journal = new Journal(log, partition, generation, restore(records, partition));
    // Before anything else is done: from here on every reader knows that this generation holds the partition since its claim.
    await journal.append([journal.nextGenerationEntry()]);
    return journal;
  }

  /** By statement name: what earlier owners left. */
  get restored(): ReadonlyMap<string, RestoredStatement> {
    return this.restoredStatements;
  }

  /** Empties `restored`, once the states were taken over: its payloads may be most of the memory. */
  releaseRestored(): void {
    this.restoredStatements.clear();
    this.noteRecords = this.noteRecords.map(({ key, note }) => ({ key, note: asKept(note) }));
  }

  /** By topic and offset, then in the order written: all that may still matter, with those appended by this owner. */
  get notes(): readonly Note[] {
    return this.noteRecords.map((record) => record.note);
  }

  /** Highest version in any blob or note, also of other generations and of statements that are gone; 0 if none. */
  get versionMax(): number {
    return this.highestVersion;
  }

  /**
   * One append for all, more if they are large. Durable when it resolves; a snapshot's older blobs are erased after
   * that, some calls later perhaps.
   * If it rejects, each of these statements can only go on with a snapshot, or with a journal opened anew.
   */
  appendBlobs(blobs: readonly Blob[]): Promise<void> {
    const placed = blobs.map((blob) => {
      this.sawVersion(blob.header.clock);
      return this.chain(blob.header.statement).place(blob);
    });
    return this.enqueue(async () => {
      await this.appendPlaced(placed);
      await this.erase(LIMITS.stateUselessRecordsMax);
    });
  }

  /** Durable when it resolves. If it rejects, the notes may be there or not: append the same ones again, or open anew. */
  appendNotes(notes: readonly Note[]): Promise<void> {
    const entries: StateEntry[] = [];
    const records: NoteRecord[] = [];
    for (const note of notes) {
      if (note.kind === "base") this.sawVersion(note.base);
      const entry = noteEntry(this.generation, this.noteSequence++, note);
      entries.push(entry);
      records.push({ key: entry.key, note: asKept(note) });
    }
    return this.enqueue(async () => {
      await this.append(entries);
      // Stable: of notes at one place the one written first stays first.
      this.noteRecords = [...this.noteRecords, ...records].sort((left, right) => compareNotes(left.note, right.note));
    });
  }

  /** Rejects with STATE_FENCED where somebody else has claimed the partition, also if nothing is to be written. */
  confirm(): Promise<void> {
    return this.enqueue(async () => {
      try {
        await this.log.confirm?.(this.partition, this.generation);
      } catch (failure) {
        this.noteFence(failure);
        throw failure;
      }
    });
  }

  /** Notes of `topic` below `offset`, the lowest durable cursor of all statements on it, are not needed any more. */
  forgetNotes(topic: string, offset: number): Promise<void> {
    return this.dropNotes((note) => note.topic === topic && note.offset < offset);
  }

  /** Notes that are not needed any more, say because a later one at their place says it all. */
  dropNotes(isNeedless: (note: Note) => boolean): Promise<void> {
    return this.enqueue(async () => {
      const isPast = ({ note }: NoteRecord) => isNeedless(note);
      this.useless.push(...this.noteRecords.filter(isPast).map((record) => record.key));
      this.noteRecords = this.noteRecords.filter((record) => !isPast(record));
      await this.erase(LIMITS.stateUselessRecordsMax);
    });
  }

  /** Forgets a statement's state, durably when it resolves; its next blob must be a snapshot. */
  dropStatement(statement: string): Promise<void> {
    const chain = this.chains.get(statement);
    if (chain === undefined) return Promise.resolve();
    // Tombstones alone could fall behind another owner's claim and break the chain it goes on with; one record either counts or not.
    const placed = chain.placeDrop();
    return this.enqueue(async () => {
      await this.appendPlaced([placed]);
      await this.erase(0);
    });
  }

  private chain(statement: string): Chain {
    const chain = this.chains.get(statement) ?? new Chain(statement, this.generation, null);
    this.chains.set(statement, chain);
    return chain;
  }

  private async appendPlaced(placed: readonly PlacedBlob[]): Promise<void> {
    try {
      const broken = placed.find(({ link }) => link.failure !== null);
      if (broken !== undefined) throw broken.link.failure;
      for (const entries of slices(placed.filter((blob) => !blob.isTransactional))) await this.append(entries);
      for (const { chain, encoded } of placed.filter((blob) => blob.isTransactional))
        await this.append([...encoded.entries()], chain.statement);
    } catch (failure) {
      for (const blob of placed) blob.chain.failed(blob, failure);
      throw failure;
    }
    for (const blob of placed) this.useless.push(...blob.chain.appended(blob));
  }

  /**
   * Tombstones for the useless records, once there are `least` of them. The highest version is written first, since it may be in one
   * of those. If it fails the records wait for the next time, since what the caller wanted is durable already; not so if another owner
   * shows up.
   */
  private async erase(least: number): Promise<void> {
    if (this.useless.length < least) return;
    const keys = this.useless;
    this.useless = [];
    const version = this.nextGenerationEntry();
    try {
      await this.log.confirm?.(this.partition, this.generation);
      await this.append([version, ...keys.map((key) => ({ key, value: null }))]);
      this.useless.push(version.key);
    } catch (failure) {
      this.noteFence(failure);
      this.useless = [...keys, version.key];
      if (this.fencedBy !== null) throw this.fencedBy;
    }
  }

  private async append(entries: readonly StateEntry[], transactionOf?: string): Promise<void> {
    if (this.fencedBy !== null) throw this.fencedBy;
    if (entries.length === 0) return;
    try {
      await this.log.append(this.partition, this.generation, entries, transactionOf);
    } catch (failure) {
      this.noteFence(failure);
      throw failure;
    }
  }

  private noteFence(failure: unknown): void {
    if (failure instanceof SluiceError && failure.code === "STATE_FENCED") this.fencedBy = failure;
  }

  private nextGenerationEntry(): StateEntry {
    return generationEntry(this.generation, this.generationSequence++, this.highestVersion);
  }

  private sawVersion(version: number): void {
    if (version > this.highestVersion) this.highestVersion = version;
  }

  /** In the order of the calls; one that fails does not hold up the next. */
  private enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => undefined);
    return done;
  }
}

/** Without what nobody asks the journal for any more, and may be large. */
function asKept(note: Note): Note {
  return note.kind === "lookup" ? { ...note, answers: [] } : note;
}

function restoredState({ chain, damaged }: StatementRecords, lastGeneration: number): RestoredStatement | null {
  const tip = chain.at(-1);
  const header = tip?.header ?? null;
  if (tip === undefined || header === null) return null;
  const drained = header.drained && !damaged && tip.id.generation === lastGeneration;
  return { header, payloads: chain.map((blob) => blob.payload), drained };
}

/** All records of the blobs in order, in parts of about `LIMITS.stateAppendBytesMax`. */
function* slices(placed: readonly PlacedBlob[]): Iterable<readonly StateEntry[]> {
  let slice: StateEntry[] = [];
  let bytes = 0;
  for (const { encoded } of placed) {
    for (const entry of encoded.entries()) {
      slice.push(entry);
      bytes += entry.value?.length ?? 0;
      if (bytes < LIMITS.stateAppendBytesMax) continue;
      yield slice;
      slice = [];
      bytes = 0;
    }
  }
  yield slice;
}

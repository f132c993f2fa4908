import { must } from "../../src/assert.ts";
import type { StateEntry } from "../../src/ports/state-log.ts";
import type { Note } from "../../src/state/journal/blob.ts";
import { type ChainedBlob, type Chunk, joinChunks, readChunk } from "../../src/state/journal/blob-chunks.ts";
import { readNote } from "../../src/state/journal/json-records.ts";
import { parseJournalKey } from "../../src/state/journal/keys.ts";
import { unseal } from "../../src/state/journal/seal.ts";
import type { SimBroker } from "./sim-broker.ts";
import type { Write, WriteWatch } from "./sim-sinks.ts";
import type { AppendPlace, StateLogWatch } from "./sim-state-log.ts";
import { takesLetters } from "./statement-parts.ts";
import type { Workload } from "./workload.ts";

/** Looks at every write and every checkpoint, and collects what is against the laws of `runtime.md` §8. */
export class Watch implements StateLogWatch, WriteWatch {
  readonly violations: string[] = [];
  /** What is closed at the cursor was caused before it, and leaves in parts, a checkpoint after each. */
  isClosing = false;
  /** By pipeline, statement and partition: the cursor of the last checkpoint. */
  private readonly durable = new Map<string, number>();
  /** Those behind a claim: they count as long as nobody began with it. */
  private readonly doubtful: { readonly place: AppendPlace; readonly name: string; readonly cursor: number }[] = [];
  private readonly notes: { readonly place: AppendPlace; readonly note: Note }[] = [];
  /** By pipeline and partition: the generations that have begun. */
  private readonly began = new Map<string, number[]>();
  private readonly broker: SimBroker;
  private readonly spaced: ReadonlySet<string>;
  private readonly joined: ReadonlySet<string>;
  /** Of each origin and target: the lowest cause of what is not settled. */
  private readonly unsettled = new Map<string, Write>();
  /** By origin: the cursor of its own last checkpoint. */
  private readonly reached = new Map<string, number>();
  /** Of stores, by target, version and id: the same version of an id means the same, whoever writes it. */
  private readonly contents = new Map<string, string | null>();
  private readonly chunks = new Map<string, Map<number, Chunk>>();

  constructor(broker: SimBroker, workloads: readonly Pick<Workload, "statement" | "isSpaced" | "isJoined">[]) {
    this.broker = broker;
    this.spaced = new Set(workloads.filter(({ isSpaced }) => isSpaced === true).map(({ statement }) => statement));
    this.joined = new Set(workloads.filter(({ isJoined }) => isJoined === true).map(({ statement }) => statement));
  }

  begun(write: Write): void {
    const { process, origin, causeOffset, target } = write;
    const own = ownName(process.name, origin);
    const reached = this.reached.get(own) ?? 0;
    if (causeOffset < reached && !this.isClosing && this.isInOrder(write))
      this.tell(`${own} writes to ${target} what offset ${causeOffset} caused, after its checkpoint at ${reached}`);
    this.unsettled.set(`${own} ${target}`, write);
  }

  settled({ process, origin, target }: Write): void {
    this.unsettled.delete(`${ownName(process.name, origin)} ${target}`);
  }

  put(target: string, id: string, version: number, text: string | null): void {
    const place = `${target} ${version} ${id}`;
    const before = this.contents.get(place);
    if (before === undefined) this.contents.set(place, text);
    else if (before !== text) this.tell(`${target} is given ${text} as version ${version} of ${id}, which was ${before}`);
  }

  appended(place: AppendPlace, entries: readonly StateEntry[]): void {
    for (const { key, value } of entries) {
      const parsed = parseJournalKey(key);
      if (parsed === null || value === null) continue;
      const body = unseal(value, key, place.partition);
      if (body === null) {
        this.tell(`${key} is not sealed`);
        continue;
      }
      if (parsed.kind === "note") this.notes.push({ place, note: readNote(body) });
      if (parsed.kind === "generation" && parsed.sequence === 0) this.begin(place);
      if (parsed.kind !== "blob") continue;
      const name = `${place.pipeline} ${place.partition} ${parsed.statement} ${parsed.id.generation} ${parsed.id.sequence}`;
      const chunks = this.chunks.get(name) ?? new Map<number, Chunk>();
      this.chunks.set(name, chunks.set(parsed.chunk, readChunk(body)));
      const blob = joinChunks(parsed.id, chunks);
      if (blob === null) continue;
      this.chunks.delete(name);
      this.checkpoint(place, blob);
    }
  }

  /** By topic, partition and offset: records whose timestamps a note refuses that counts. */
  refused(pipeline: string): ReadonlySet<string> {
    const found = new Set<string>();
    for (const { place, note } of this.notes) {
      if (place.pipeline !== pipeline || note.kind !== "far-ahead" || this.isIgnored(place)) continue;
      for (const { offset } of this.broker.topic(note.topic).partition(place.partition).records) {
        const isIn = note.ranges.some(([first, last]) => offset >= first && offset <= last);
        if (isIn) found.add(`${note.topic} ${place.partition} ${offset}`);
      }
    }
    return found;
  }

  /** A higher generation had claimed the partition before that was written, and began. */
  private isIgnored({ pipeline, partition, generation, position }: AppendPlace): boolean {
    const began = this.began.get(`${pipeline} ${partition}`) ?? [];
    return began.some((other) => other > generation && other <= position);
  }

  /** What it writes leaves before the checkpoint that covers its cause, which is a place in the log that checkpoints tell of. */
  private isInOrder({ origin: { statement }, target }: Write): boolean {
    // Dead letters of a join tell the places of records in their own topics.
    return !this.spaced.has(statement) && !(this.joined.has(statement) && takesLetters(target));
  }

  private begin(place: AppendPlace): void {
    if (this.isIgnored(place)) return;
    const name = `${place.pipeline} ${place.partition}`;
    this.began.set(name, [...(this.began.get(name) ?? []), place.generation]);
  }

  /** Where a restart would go on in an input. */
  cursorOf(pipeline: string, statement: string, partition: number, input: number): number {
    const name = `${pipeline} ${statement} ${partition} ${input}`;
    const others = this.doubtful.filter((one) => one.name === name && !this.isIgnored(one.place));
    return Math.max(this.durable.get(name) ?? 0, ...others.map(({ cursor }) => cursor));
  }

  private checkpoint(place: AppendPlace, { header }: ChainedBlob): void {
    if (header === null) return;
    const { statement, counters } = header;
    const { partition, generation, pipeline } = place;
    const name = `${pipeline} ${statement} ${partition}`;
    const inputs = header.inputs ?? [header];
    // One that reads a stage has a log of its own, but its results have their place in the topic. Those of a join are caused in the merge.
    const { cursor } = inputs.length === 1 ? must(inputs[0]) : header;
    if (place.isFenced) {
      for (const [input, { cursor: at }] of inputs.entries()) this.doubtful.push({ place, name: `${name} ${input}`, cursor: at });
      return;
    }
    const own = ownName(place.process.name, { statement, partition, generation });
    this.reached.set(own, cursor);
    for (const write of this.unsettled.values()) {
      if (this.isClosing || !this.isInOrder(write) || ownName(write.process.name, write.origin) !== own || write.causeOffset >= cursor)
        continue;
      this.tell(`${own} has a checkpoint at ${cursor}, and ${write.target} has not acknowledged what offset ${write.causeOffset} caused`);
    }
    for (const [input, { topic, cursor: at }] of inputs.entries()) {
      const before = this.durable.get(`${name} ${input}`) ?? 0;
      if (at < before) this.tell(`${name}: the checkpoint went back in ${topic} from ${before} to ${at}`);
      this.durable.set(`${name} ${input}`, at);
    }
    this.count(
      name,
      counters,
      inputs.reduce((sum, { topic, cursor: at }) => sum + this.recordsBefore(topic, partition, at), 0),
    );
  }

  private count(name: string, counters: Readonly<Record<string, number>>, records: number): void {
    const of = (counter: string): number => counters[counter] ?? 0;
    const taken = of("applied") + of("filtered") + of("late") + of("deadLettered");
    if (of("in") !== taken) this.tell(`${name}: in ${of("in")}, but ${taken} in all: ${JSON.stringify(counters)}`);
    if (of("in") !== records) this.tell(`${name}: in ${of("in")}, but the log has ${records} records before the cursor`);
    const ended = of("written") + of("superseded") + of("rejected");
    if (of("sent") !== ended) this.tell(`${name}: sent ${of("sent")}, but ${ended} in all: ${JSON.stringify(counters)}`);
  }

  private recordsBefore(topic: string, partition: number, cursor: number): number {
    const { records } = this.broker.topic(topic).partition(partition);
    return records.reduce((count, { offset }) => (offset < cursor ? count + 1 : count), 0);
  }

  private tell(violation: string): void {
    if (this.violations.length < 20) this.violations.push(violation);
  }
}

function ownName(process: string, origin: { readonly statement: string; readonly partition: number; readonly generation: number }): string {
  return `${process} ${origin.statement} of partition ${origin.partition}, generation ${origin.generation}`;
}

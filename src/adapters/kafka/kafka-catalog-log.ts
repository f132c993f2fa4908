import { randomUUID } from "node:crypto";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { nextTickMs } from "../../next-tick-ms.ts";
import type { CatalogChange, CatalogContent, CatalogDamage, CatalogEntry, CatalogListener, CatalogLog } from "../../ports/catalog-log.ts";
import type { RawRecord } from "../../ports/source.ts";
import type { StateRecord } from "../../ports/state-log.ts";
import { readLine, writeLine } from "../catalog-lines.ts";
import type { Cluster } from "./cluster.ts";
import { compressionBy } from "./compress.ts";
import type { FetchQueue } from "./fetch-queue.ts";
import { compactedSettings, stateRecords } from "./kafka-state-log.ts";
import { PartitionProducer } from "./partition-producer.ts";
import { KafkaPartitionReader } from "./partition-reader.ts";
import type { ProduceQueue } from "./produce-queue.ts";
import { outgoingRecords } from "./raw-records.ts";
import { describeTopic, logBounds, makeTopic } from "./topics.ts";

const PARTITION = 0;

/** Versions of the catalog that stay: should the last one be damaged, the one before is there. */
const VERSIONS_KEPT = 10;

/** A change of ours that was sent, until it is read back. */
interface Sent {
  readonly key: string;
  readonly change: CatalogChange;
  readonly settled: PromiseWithResolvers<void>;
}

/** A record of the topic that is still there. */
interface Version {
  readonly key: string;
  /** Whether it was a version of the catalog, and not one that came too late, or no catalog at all. */
  readonly isValid: boolean;
}

/**
 * A catalog that several servers share, in a compacted topic of one partition. Each change is one record that holds the whole
 * catalog, with a generation one higher than the version that it was made of. Where two are made of the same version, the
 * log's order decides: the first one counts, and whoever wrote the other learns that from reading it back.
 */
export class KafkaCatalogLog implements CatalogLog {
  private readonly cluster: Cluster;
  private readonly topic: string;
  private readonly producer: PartitionProducer;
  private readonly reader: KafkaPartitionReader;
  private readonly closing = new AbortController();
  private readonly damages: CatalogDamage[] = [];
  private versions: Version[] = [];
  private entries: ReadonlyMap<string, string> = new Map();
  private generation = 0;
  private offset = 0;
  private listener: CatalogListener | null = null;
  private sent: Sent | null = null;
  private following: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, fetches: FetchQueue, produces: ProduceQueue, topic: string) {
    this.cluster = cluster;
    this.topic = topic;
    this.producer = new PartitionProducer(cluster, produces, topic, PARTITION, { compression: compressionBy("zstd") });
    this.reader = new KafkaPartitionReader(cluster, fetches, topic, PARTITION);
  }

  /** Makes the topic where it is missing. Also rejects with TARGET_MISMATCH where it is not compacted, and with CONNECTION_FAILED. */
  async open(listener: CatalogListener): Promise<CatalogContent> {
    await this.prepareTopic();
    const { startOffset, endOffset } = await logBounds(this.cluster, this.topic, PARTITION);
    this.offset = startOffset;
    while (this.offset < endOffset) await this.readOn();
    this.listener = listener;
    this.following = this.follow();
    return { generation: this.generation, entries: this.entries, damages: [...this.damages] };
  }

  async append(change: CatalogChange): Promise<void> {
    if (this.closing.signal.aborted) throw this.unusable("the catalog is not followed any more");
    const key = `${change.generation}|${randomUUID()}`;
    const value = writeLine({ generation: change.generation, entries: asEntries(changed(this.entries, change.entries)) });
    const timestampMs = this.cluster.clock.now();
    const records: RawRecord[] = [{ key: Buffer.from(key), value: Buffer.from(value), timestampMs }];
    for (const { key: stale } of this.stale()) records.push({ key: Buffer.from(stale), value: null, timestampMs });
    const settled = Promise.withResolvers<void>();
    settled.promise.catch(() => {});
    this.sent = { key, change, settled };
    try {
      await Promise.race([this.send(records).then(() => this.patience()), settled.promise]);
    } finally {
      this.sent = null;
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.following;
    await this.reader.close();
  }

  private async prepareTopic(): Promise<void> {
    const { cluster, topic } = this;
    const settings = { ...compactedSettings(cluster.settings.replication), "max.message.bytes": String(LIMITS.catalogBytesMax) };
    if ((await describeTopic(cluster, topic)) === null) await makeTopic(cluster, topic, { partitions: 1, settings });
    if ((await describeTopic(cluster, topic))?.compacted !== false) return;
    throw new SluiceError("TARGET_MISMATCH", `topic ${topic} is not compacted, but a catalog must not be deleted by age`, {
      hint: `kafka-configs --alter --entity-type topics --entity-name ${topic} --add-config cleanup.policy=compact`,
    });
  }

  private async send(records: readonly RawRecord[]): Promise<void> {
    try {
      const { rejected, unknown } = await this.producer.send(outgoingRecords(records));
      const [refusal] = rejected.values();
      if (refusal !== undefined) throw new SluiceError("LIMIT_EXCEEDED", `${this.topic} does not take a catalog so large: ${refusal}`);
      if (unknown !== null) throw this.unknown(unknown.error.message);
    } catch (error) {
      if (error instanceof SluiceError && (error.retryable || error.code === "LIMIT_EXCEEDED")) throw error;
      throw this.unusable((error as Error).message, error);
    }
  }

  /** What was written has to be read back; while the brokers are away that may take longer than anybody waits. */
  private async patience(): Promise<never> {
    const { requestTimeoutMs } = this.cluster.settings;
    await this.cluster.clock.sleep(requestTimeoutMs, this.closing.signal);
    throw this.unknown(`it was not read back within ${requestTimeoutMs} ms`);
  }

  private async follow(): Promise<void> {
    const { signal } = this.closing;
    try {
      while (!signal.aborted) await this.readOn();
    } catch (error) {
      if (signal.aborted) return;
      this.closing.abort();
      const failure = this.unusable((error as Error).message, error);
      this.sent?.settled.reject(failure);
      this.listener?.onFailed(failure);
    }
  }

  private async readOn(): Promise<void> {
    const { signal } = this.closing;
    const waitMs = nextTickMs(this.cluster.clock.monotonic(), LIMITS.restMs);
    const wanted = { offset: this.offset, maxBytes: LIMITS.fetchBytesMax, waitMs, signal };
    const { batches, nextOffset } = await this.reader.fetch(wanted);
    for (const slices of batches) for (const record of stateRecords(slices, Number.POSITIVE_INFINITY)) this.take(record);
    this.offset = nextOffset;
  }

  private take({ key, value, position }: StateRecord): void {
    this.versions = this.versions.filter((version) => version.key !== key);
    if (value === null) return;
    const read = readLine(value.toString().trimEnd());
    const isValid = typeof read !== "string" && read.generation > this.generation;
    this.versions.push({ key, isValid });
    if (typeof read === "string") this.tellDamage(position, read);
    else if (isValid) this.change(key, read);
    if (this.sent?.key !== key) return;
    if (isValid) this.sent.settled.resolve();
    else this.sent.settled.reject(new SluiceError("CATALOG_CHANGED", "another server has changed the catalog meanwhile"));
  }

  private change(key: string, { generation, entries }: CatalogChange): void {
    const before = this.entries;
    this.entries = changed(new Map(), entries);
    this.generation = generation;
    this.listener?.onChange(this.sent?.key === key ? this.sent.change : { generation, entries: difference(before, this.entries) });
  }

  private tellDamage(offset: number, problem: string): void {
    const place = `${this.topic}-${PARTITION}, offset ${offset}`;
    if (this.listener === null) this.damages.push({ place, problem, keptAs: place });
    else this.cluster.trouble(`${place} ${problem}`);
  }

  /** What lies before the versions that stay. */
  private stale(): readonly Version[] {
    const valid = this.versions.filter(({ isValid }) => isValid);
    const first = valid.at(-VERSIONS_KEPT);
    return first === undefined ? [] : this.versions.slice(0, this.versions.indexOf(first));
  }

  private unknown(why: string): SluiceError {
    const hint = "read the catalog again: if the change was made, it shows soon";
    return new SluiceError("CONNECTION_FAILED", `whether ${this.topic} has taken the change is not known: ${why}`, { hint });
  }

  private unusable(why: string, cause?: unknown): SluiceError {
    return new SluiceError("STORE_UNUSABLE", `the catalog in ${this.topic}: ${why}`, { cause });
  }
}

function changed(before: ReadonlyMap<string, string>, entries: readonly CatalogEntry[]): ReadonlyMap<string, string> {
  const after = new Map(before);
  for (const { key, value } of entries) {
    if (value === null) after.delete(key);
    else after.set(key, value);
  }
  return after;
}

function asEntries(entries: ReadonlyMap<string, string>): readonly CatalogEntry[] {
  return [...entries].map(([key, value]) => ({ key, value }));
}

function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly CatalogEntry[] {
  const gone = [...before.keys()].filter((key) => !after.has(key)).map((key) => ({ key, value: null }));
  return [...gone, ...asEntries(after).filter(({ key, value }) => before.get(key) !== value)];
}

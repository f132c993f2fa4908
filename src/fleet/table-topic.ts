import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { readOriginHeader } from "../model/origin-header.ts";
import { decodeHeaders } from "../model/record-headers.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import type { RawRecord, Source } from "../ports/source.ts";
import { readPartition } from "../project/read-partition.ts";
import { textOrBase64 } from "../runtime/routes/bytes-as-text.ts";
import { recordBytes } from "../runtime/routes/dead-letter.ts";

/** What is known of one key. */
interface Row {
  /** Of the record that comes last. */
  lastVersion: number;
  /** The record of the highest version. */
  newest: RawRecord;
  newestVersion: number;
}

/** Looks that are had at what others write in the meantime. */
const LOOKS_MAX = 10;

/**
 * A topic that is a table: of each key the record that comes last holds. To write an older version of a row into it, one has to know that
 * there is no newer one, and that none came in between.
 */
export class TableTopic {
  private readonly source: Source;
  private readonly topic: string;
  /** As `textOrBase64` gives them. */
  private readonly keys: ReadonlySet<string>;
  private readonly rows = new Map<string, Row>();
  /** By partition: where the next look begins. */
  private readonly reached = new Map<number, number>();

  constructor(source: Source, topic: string, keys: ReadonlySet<string>) {
    this.source = source;
    this.topic = topic;
    this.keys = keys;
  }

  /** null: there is no record of that key. */
  versionOf(key: string): number | null {
    return this.rows.get(key)?.newestVersion ?? null;
  }

  /** Reads on to the end. Rejects with CHANGE_UNAVAILABLE where that takes too long: nobody could say then what comes last. */
  async look(): Promise<void> {
    const { source, topic } = this;
    const signal = AbortSignal.timeout(LIMITS.deadLettersMsMax);
    const partitions = (await source.describeTopic(topic))?.partitions ?? 0;
    for (let partition = 0; partition < partitions; partition++) {
      const { startOffset, endOffset: to } = await source.bounds(topic, partition);
      const from = Math.max(startOffset, this.reached.get(partition) ?? 0);
      for await (const slices of readPartition(source, topic, partition, { from, to, signal })) this.take(slices);
      this.reached.set(partition, to);
      if (signal.aborted) throw new SluiceError("CHANGE_UNAVAILABLE", `${topic} is too long to be looked through for newer results`);
    }
  }

  /** Where older rows have been written behind newer ones that came meanwhile, the newer ones are written again. */
  async mend(): Promise<void> {
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      await this.look();
      const covered = [...this.rows.values()].filter(({ lastVersion, newestVersion }) => lastVersion < newestVersion);
      if (covered.length === 0) return;
      await this.source.append(
        this.topic,
        covered.map(({ newest }) => newest),
      );
    }
    throw new SluiceError(
      "CHANGE_UNAVAILABLE",
      `${this.topic} is written to all the time: what holds of the results sent again is not certain`,
    );
  }

  private take(slices: RecordSlices): void {
    const { headerStarts, headerEnds, timestampsMs, count, partition, bytes } = slices;
    for (let row = 0; row < count; row++) {
      const record = recordBytes(slices, row);
      const key = textOrBase64(record.key);
      if (key === null || record.headers === null || !this.keys.has(key)) continue;
      const place = readOriginHeader(bytes, headerStarts[row] as number, headerEnds[row] as number)?.place;
      if (place?.kind !== "version") continue;
      const { version } = place;
      const known = this.rows.get(key);
      if (known !== undefined) known.lastVersion = version;
      if (known !== undefined && known.newestVersion > version) continue;
      const headers = decodeHeaders(record.headers, 0, record.headers.length);
      const copy = { key: Buffer.from(record.key as Buffer), value: record.value === null ? null : Buffer.from(record.value) };
      const newest = { ...copy, headers, timestampMs: timestampsMs[row] as number, partition };
      this.rows.set(key, { lastVersion: version, newest, newestVersion: version });
    }
  }
}

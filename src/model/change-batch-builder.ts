import { assert } from "../assert.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type ChangeBatch, documentOf, keyOf, Operation } from "./change.ts";

const ROWS_FIRST = 256;

/** Fixed part of a change in memory, beside its bytes; as `changeBatchBytes` counts it. */
const ROW_BYTES = 64;

/**
 * Collects changes into a `ChangeBatch`. For each change: write its document to `writer`, then, where the record has a
 * key, call `beginKey` and write the key, then `addUpsert` or `addDelete`.
 */
export class ChangeBatchBuilder {
  readonly writer: ByteWriter;
  private rows = 0;
  private operations = new Uint8Array(ROWS_FIRST);
  private versions = new Float64Array(ROWS_FIRST);
  private timestampsMs = new Float64Array(ROWS_FIRST);
  private causeOffsets = new Float64Array(ROWS_FIRST);
  private causeOrdinals = new Int32Array(ROWS_FIRST);
  private documentStarts = new Int32Array(ROWS_FIRST);
  private documentEnds = new Int32Array(ROWS_FIRST);
  private keyStarts = new Int32Array(ROWS_FIRST);
  private keyEnds = new Int32Array(ROWS_FIRST);
  private ids: string[] = [];
  private targets: string[] = [];
  private changeStart = 0;
  private keyStart = -1;

  constructor(initialBytes = 16_384) {
    this.writer = new ByteWriter(initialBytes);
  }

  get count(): number {
    return this.rows;
  }

  /** What `changeBatchBytes` will say of the batch. */
  get byteLength(): number {
    return this.writer.length + this.rows * ROW_BYTES;
  }

  /** The document is whole; what is written from here to the next `add…` is the record key. */
  beginKey(): void {
    this.keyStart = this.writer.length;
  }

  /** Drops what was written since the last change. */
  discard(): void {
    this.writer.truncate(this.changeStart);
    this.keyStart = -1;
  }

  /** `target` as in `ChangeBatch.targets`: given for all changes of a batch or for none (null). */
  addUpsert(id: string, version: number, timestampMs: number, causeOffset: number, causeOrdinal: number, target: string | null): void {
    this.add(Operation.upsert, id, version, timestampMs, causeOffset, causeOrdinal, target);
  }

  addDelete(id: string, version: number, timestampMs: number, causeOffset: number, causeOrdinal: number, target: string | null): void {
    this.add(Operation.delete, id, version, timestampMs, causeOffset, causeOrdinal, target);
  }

  /** Row `row` of another batch, to send a part of it again. */
  addCopy(batch: ChangeBatch, row: number): void {
    this.writer.bytes(documentOf(batch, row));
    const key = keyOf(batch, row);
    if (key !== null) {
      this.beginKey();
      this.writer.bytes(key);
    }
    this.add(
      batch.operations[row] as number,
      batch.ids[row] as string,
      batch.versions[row] as number,
      batch.timestampsMs[row] as number,
      batch.causeOffsets[row] as number,
      batch.causeOrdinals[row] as number,
      batch.targets === null ? null : (batch.targets[row] as string),
    );
  }

  /** The batch; the builder is empty afterwards. */
  build(): ChangeBatch {
    const count = this.rows;
    const { ids, targets } = this;
    assert(targets.length === 0 || targets.length === count, "all changes of a batch name their target or none does");
    const batch: ChangeBatch = {
      count,
      operations: this.operations.slice(0, count),
      versions: this.versions.slice(0, count),
      timestampsMs: this.timestampsMs.slice(0, count),
      causeOffsets: this.causeOffsets.slice(0, count),
      causeOrdinals: this.causeOrdinals.slice(0, count),
      ids,
      targets: targets.length === 0 ? null : targets,
      bytes: this.writer.take(),
      documentStarts: this.documentStarts.slice(0, count),
      documentEnds: this.documentEnds.slice(0, count),
      keyStarts: this.keyStarts.slice(0, count),
      keyEnds: this.keyEnds.slice(0, count),
    };
    this.reset();
    return batch;
  }

  reset(): void {
    this.rows = 0;
    this.ids = [];
    this.targets = [];
    this.writer.reset();
    this.changeStart = 0;
    this.keyStart = -1;
  }

  private add(
    operation: number,
    id: string,
    version: number,
    timestampMs: number,
    causeOffset: number,
    causeOrdinal: number,
    target: string | null,
  ): void {
    if (this.rows === this.operations.length) this.grow();
    const row = this.rows++;
    const end = this.writer.length;
    const hasKey = this.keyStart >= 0;
    this.operations[row] = operation;
    this.versions[row] = version;
    this.timestampsMs[row] = timestampMs;
    this.causeOffsets[row] = causeOffset;
    this.causeOrdinals[row] = causeOrdinal;
    this.ids.push(id);
    if (target !== null) this.targets.push(target);
    this.documentStarts[row] = this.changeStart;
    this.documentEnds[row] = hasKey ? this.keyStart : end;
    this.keyStarts[row] = this.keyStart;
    this.keyEnds[row] = hasKey ? end : -1;
    this.changeStart = end;
    this.keyStart = -1;
  }

  private grow(): void {
    const rows = this.operations.length * 2;
    this.operations = grown(this.operations, new Uint8Array(rows));
    this.versions = grown(this.versions, new Float64Array(rows));
    this.timestampsMs = grown(this.timestampsMs, new Float64Array(rows));
    this.causeOffsets = grown(this.causeOffsets, new Float64Array(rows));
    this.causeOrdinals = grown(this.causeOrdinals, new Int32Array(rows));
    this.documentStarts = grown(this.documentStarts, new Int32Array(rows));
    this.documentEnds = grown(this.documentEnds, new Int32Array(rows));
    this.keyStarts = grown(this.keyStarts, new Int32Array(rows));
    this.keyEnds = grown(this.keyEnds, new Int32Array(rows));
  }
}

function grown<T extends Uint8Array | Float64Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

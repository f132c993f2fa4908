import { assert } from "../assert.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type ChangeBatch, Operation } from "./change.ts";

const ROWS_FIRST = 256;

/** Fixed part of a change in memory, beside its bytes; as `changeBatchBytes` counts it. */
const ROW_BYTES = 64;

/**
 * Collects changes into a `ChangeBatch`. For each change: write its document to `writer`, call `beginId` and write the id;
 * where the record has a key, call `beginKey` and write the key, or `useIdAsKey`; then `addUpsert` or `addDelete`.
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
  private idStarts = new Int32Array(ROWS_FIRST);
  private idEnds = new Int32Array(ROWS_FIRST);
  private keyStarts = new Int32Array(ROWS_FIRST);
  private keyEnds = new Int32Array(ROWS_FIRST);
  private targets: string[] = [];
  private changeStart = 0;
  private idStart = -1;
  private idEnd = -1;
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

  /** The document is whole; what is written from here is the id. */
  beginId(): void {
    this.idStart = this.writer.length;
  }

  /** The id is whole; what is written from here to the next `add…` is the record key. */
  beginKey(): void {
    this.idEnd = this.writer.length;
    this.keyStart = this.idEnd;
  }

  /** The id is whole, and the record key is the same. */
  useIdAsKey(): void {
    this.idEnd = this.writer.length;
    this.keyStart = this.idStart;
  }

  /** Drops what was written since the last change. */
  discard(): void {
    this.writer.truncate(this.changeStart);
    this.forgetParts();
  }

  /** `target` as in `ChangeBatch.targets`: given for all changes of a batch or for none (null). */
  addUpsert(version: number, timestampMs: number, causeOffset: number, causeOrdinal: number, target: string | null): void {
    this.add(Operation.upsert, version, timestampMs, causeOffset, causeOrdinal, target);
  }

  addDelete(version: number, timestampMs: number, causeOffset: number, causeOrdinal: number, target: string | null): void {
    this.add(Operation.delete, version, timestampMs, causeOffset, causeOrdinal, target);
  }

  /** Row `row` of another batch, to send a part of it again. */
  addCopy(batch: ChangeBatch, row: number): void {
    const { bytes } = batch;
    const keyStart = batch.keyStarts[row] as number;
    this.writer.bytes(bytes, batch.documentStarts[row], batch.documentEnds[row]);
    this.beginId();
    this.writer.bytes(bytes, batch.idStarts[row], batch.idEnds[row]);
    if (keyStart >= 0 && keyStart === batch.idStarts[row]) this.useIdAsKey();
    else if (keyStart >= 0) {
      this.beginKey();
      this.writer.bytes(bytes, keyStart, batch.keyEnds[row]);
    }
    this.add(
      batch.operations[row] as number,
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
    const { targets } = this;
    assert(targets.length === 0 || targets.length === count, "all changes of a batch name their target or none does");
    const batch: ChangeBatch = {
      count,
      operations: this.operations.slice(0, count),
      versions: this.versions.slice(0, count),
      timestampsMs: this.timestampsMs.slice(0, count),
      causeOffsets: this.causeOffsets.slice(0, count),
      causeOrdinals: this.causeOrdinals.slice(0, count),
      targets: targets.length === 0 ? null : targets,
      bytes: this.writer.take(),
      documentStarts: this.documentStarts.slice(0, count),
      documentEnds: this.documentEnds.slice(0, count),
      idStarts: this.idStarts.slice(0, count),
      idEnds: this.idEnds.slice(0, count),
      keyStarts: this.keyStarts.slice(0, count),
      keyEnds: this.keyEnds.slice(0, count),
    };
    this.reset();
    return batch;
  }

  reset(): void {
    this.rows = 0;
    this.targets = [];
    this.writer.reset();
    this.changeStart = 0;
    this.forgetParts();
  }

  private forgetParts(): void {
    this.idStart = -1;
    this.idEnd = -1;
    this.keyStart = -1;
  }

  private add(
    operation: number,
    version: number,
    timestampMs: number,
    causeOffset: number,
    causeOrdinal: number,
    target: string | null,
  ): void {
    if (this.rows === this.operations.length) this.grow();
    const row = this.rows++;
    const end = this.writer.length;
    const { keyStart } = this;
    const hasKey = keyStart >= 0;
    assert(this.idStart >= 0, "every change has an id");
    this.operations[row] = operation;
    this.versions[row] = version;
    this.timestampsMs[row] = timestampMs;
    this.causeOffsets[row] = causeOffset;
    this.causeOrdinals[row] = causeOrdinal;
    if (target !== null) this.targets.push(target);
    this.documentStarts[row] = this.changeStart;
    this.documentEnds[row] = this.idStart;
    this.idStarts[row] = this.idStart;
    this.idEnds[row] = hasKey ? this.idEnd : end;
    this.keyStarts[row] = keyStart;
    this.keyEnds[row] = hasKey ? end : -1;
    this.changeStart = end;
    this.forgetParts();
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
    this.idStarts = grown(this.idStarts, new Int32Array(rows));
    this.idEnds = grown(this.idEnds, new Int32Array(rows));
    this.keyStarts = grown(this.keyStarts, new Int32Array(rows));
    this.keyEnds = grown(this.keyEnds, new Int32Array(rows));
  }
}

function grown<T extends Uint8Array | Float64Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

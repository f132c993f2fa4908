import { assert } from "../assert.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type ChangeBatch, Operation } from "./change.ts";

/** Most statements of many make few changes at a time. */
const ROWS_FIRST = 32;

/** Fixed part of a change in memory, beside its bytes; as `changeBatchBytes` counts it. */
const ROW_BYTES = 64;

/** A batch that fills less of the builder than one part in so many, or is smaller than this, is copied out of it. */
const HANDED_OVER_PART = 4;
const HANDED_OVER_BYTES_MIN = 64 << 10;

type ChangeColumns = Pick<
  ChangeBatch,
  | "operations"
  | "versions"
  | "timestampsMs"
  | "causeOffsets"
  | "causeOrdinals"
  | "documentStarts"
  | "documentEnds"
  | "idStarts"
  | "idEnds"
  | "keyStarts"
  | "keyEnds"
>;

/**
 * Collects changes into a `ChangeBatch`. For each change: write its document to `writer`, call `beginId` and write the id;
 * where the record has a key, call `beginKey` and write the key, or `useIdAsKey`; then `addUpsert` or `addDelete`.
 */
export class ChangeBatchBuilder {
  readonly writer: ByteWriter;
  private rows = 0;
  private columns = makeColumns(ROWS_FIRST, null);
  private capacity = ROWS_FIRST;
  /** What a batch has come back with. */
  private spare: { readonly columns: ChangeColumns; readonly bytes: Buffer } | null = null;
  private targets: string[] = [];
  private changeStart = 0;
  private idStart = -1;
  private idEnd = -1;
  private keyStart = -1;

  constructor(initialBytes = 4096) {
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

  /** Drops the changes from that row on, and what was written since. */
  causeOffsetAt(row: number): number {
    return this.columns.causeOffsets[row] as number;
  }

  versionAt(row: number): number {
    return this.columns.versions[row] as number;
  }

  discardFrom(row: number): void {
    if (row < this.rows) {
      this.changeStart = this.columns.documentStarts[row] as number;
      this.rows = row;
      this.targets.length = Math.min(this.targets.length, row);
    }
    this.discard();
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
    const { rows: count, targets, writer } = this;
    assert(targets.length === 0 || targets.length === count, "all changes of a batch name their target or none does");
    const isHandedOver = writer.length >= HANDED_OVER_BYTES_MIN && writer.length * HANDED_OVER_PART >= writer.capacity;
    const columns = isHandedOver ? this.columns : makeColumns(count, this.columns);
    const bytes = isHandedOver ? writer.handOver(this.spare?.bytes ?? null) : writer.take();
    if (isHandedOver) {
      this.columns = this.spare?.columns ?? makeColumns(this.capacity, null);
      this.capacity = this.columns.versions.length;
      this.spare = null;
    }
    this.reset();
    return { count, ...columns, targets: targets.length === 0 ? null : targets, bytes };
  }

  /** Takes back what a batch of this builder was made of: nobody looks at the batch any more. */
  takeBack(batch: ChangeBatch): void {
    if (batch.bytes.length < HANDED_OVER_BYTES_MIN) return;
    const { count: _count, targets: _targets, bytes, ...columns } = batch;
    this.spare = { columns, bytes };
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
    if (this.rows === this.capacity) this.grow();
    const { columns, keyStart } = this;
    const row = this.rows++;
    const end = this.writer.length;
    const hasKey = keyStart >= 0;
    assert(this.idStart >= 0, "every change has an id");
    columns.operations[row] = operation;
    columns.versions[row] = version;
    columns.timestampsMs[row] = timestampMs;
    columns.causeOffsets[row] = causeOffset;
    columns.causeOrdinals[row] = causeOrdinal;
    if (target !== null) this.targets.push(target);
    columns.documentStarts[row] = this.changeStart;
    columns.documentEnds[row] = this.idStart;
    columns.idStarts[row] = this.idStart;
    columns.idEnds[row] = hasKey ? this.idEnd : end;
    columns.keyStarts[row] = keyStart;
    columns.keyEnds[row] = hasKey ? end : -1;
    this.changeStart = end;
    this.forgetParts();
  }

  private grow(): void {
    this.capacity *= 2;
    this.columns = makeColumns(this.capacity, this.columns);
  }
}

/** Columns for so many rows, which begin as those given. */
function makeColumns(rows: number, old: ChangeColumns | null): ChangeColumns {
  return {
    operations: begunWith(new Uint8Array(rows), old?.operations),
    versions: begunWith(new Float64Array(rows), old?.versions),
    timestampsMs: begunWith(new Float64Array(rows), old?.timestampsMs),
    causeOffsets: begunWith(new Float64Array(rows), old?.causeOffsets),
    causeOrdinals: begunWith(new Int32Array(rows), old?.causeOrdinals),
    documentStarts: begunWith(new Int32Array(rows), old?.documentStarts),
    documentEnds: begunWith(new Int32Array(rows), old?.documentEnds),
    idStarts: begunWith(new Int32Array(rows), old?.idStarts),
    idEnds: begunWith(new Int32Array(rows), old?.idEnds),
    keyStarts: begunWith(new Int32Array(rows), old?.keyStarts),
    keyEnds: begunWith(new Int32Array(rows), old?.keyEnds),
  };
}

function begunWith<T extends Uint8Array | Float64Array | Int32Array>(column: T, old: T | undefined): T {
  if (old !== undefined) column.set(old.length > column.length ? old.subarray(0, column.length) : old);
  return column;
}

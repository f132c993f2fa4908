import { TruncatedError, VarintReader, varintSize, writeVarint } from "./varint.ts";

/** A record header; Kafka allows a null value. */
export type RecordHeader = readonly [name: string, value: Buffer | null];

/** Headers as they stand in a record of a record batch v2: count, then length-prefixed names and values, as varints. */
export function encodeHeaders(headers: readonly RecordHeader[]): Buffer {
  const names = headers.map(([name]) => Buffer.from(name));
  let size = varintSize(headers.length);
  headers.forEach(([, value], i) => {
    const nameBytes = (names[i] as Buffer).length;
    size += varintSize(nameBytes) + nameBytes + varintSize(value?.length ?? -1) + (value?.length ?? 0);
  });
  const block = Buffer.allocUnsafe(size);
  let at = writeVarint(block, 0, headers.length);
  headers.forEach(([, value], i) => {
    const name = names[i] as Buffer;
    at = writeVarint(block, at, name.length);
    at += name.copy(block, at);
    at = writeVarint(block, at, value?.length ?? -1);
    if (value !== null) at += value.copy(block, at);
  });
  return block;
}

/** The headers of a block at `[start, end)`, as copies; a start of -1 is no headers. */
export function decodeHeaders(bytes: Buffer, start: number, end: number): RecordHeader[] {
  if (start < 0) return [];
  const reader = new VarintReader(bytes, start, end);
  const headers: RecordHeader[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const nameStart = reader.skip(reader.varint());
    const name = bytes.toString("utf8", nameStart, reader.at);
    const valueLength = reader.varint();
    const valueStart = valueLength < 0 ? -1 : reader.skip(valueLength);
    headers.push([name, valueStart < 0 ? null : Buffer.from(bytes.subarray(valueStart, reader.at))]);
  }
  return headers;
}

/** Moves the reader past a header block, which shows that the block is whole. */
export function skipHeaders(reader: VarintReader): void {
  const count = reader.varint();
  if (count < 0) throw new TruncatedError(`${count} headers at byte ${reader.at}`);
  for (let left = count; left > 0; left--) {
    reader.skip(reader.varint());
    const valueLength = reader.varint();
    if (valueLength >= 0) reader.skip(valueLength);
  }
}

/** Looks for one header in block after block without making anything of the others. The last one of that name counts. */
export class HeaderFinder {
  /** Where the value found last lies; -1 for a null value. */
  valueStart = -1;
  valueEnd = -1;
  private readonly name: Buffer;
  private readonly reader = new VarintReader(new Uint8Array(0), 0, 0);

  constructor(name: string) {
    this.name = Buffer.from(name);
  }

  /** Whether the block at `[start, end)` has the header; `valueStart` and `valueEnd` then say where. */
  find(bytes: Buffer, start: number, end: number): boolean {
    if (start < 0) return false;
    const { reader, name } = this;
    reader.reset(bytes, start, end);
    let found = false;
    for (let left = reader.varint(); left > 0; left--) {
      const nameStart = reader.skip(reader.varint());
      const isIt = reader.at - nameStart === name.length && name.compare(bytes, nameStart, reader.at) === 0;
      const valueLength = reader.varint();
      const valueStart = valueLength < 0 ? -1 : reader.skip(valueLength);
      if (!isIt) continue;
      found = true;
      this.valueStart = valueStart;
      this.valueEnd = valueStart < 0 ? -1 : reader.at;
    }
    return found;
  }
}

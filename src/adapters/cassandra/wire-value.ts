import { Encoder, types } from "cassandra-driver";
import type { NativeType } from "./cql-type.ts";

const HALF = 2 ** 32;

/** A whole number as 64 bits, highest byte first. */
export function int64Bytes(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  if (typeof value === "bigint") {
    bytes.writeBigInt64BE(value);
    return bytes;
  }
  const high = Math.floor(value / HALF);
  bytes.writeInt32BE(high, 0);
  bytes.writeUInt32BE(value - high * HALF, 4);
  return bytes;
}

/** A type as the driver describes it. */
export interface DriverType {
  readonly code: types.dataTypes;
  readonly info?: DriverType | readonly DriverType[] | { readonly fields: readonly { readonly name: string; readonly type: DriverType }[] };
}

declare module "cassandra-driver" {
  /** The driver exports it, but its type descriptions lack it. */
  class Encoder {
    constructor(protocolVersion: number, options: object);
    /** Bytes are passed on as they are. */
    encode(value: unknown, type: DriverType): Buffer;
    decode(bytes: Buffer, type: DriverType): unknown;
  }
}

/** What the driver reads values as, and takes for them. */
export const ENCODING = { useBigIntAsLong: true, useBigIntAsVarint: true, map: Map };

/** Values look the same in all versions of the protocol that Cassandra 4 and later speak. */
const ENCODER = new Encoder(types.protocolVersion.v4, { encoding: ENCODING });

/** The bytes of what a JSON value of the type was converted to; other values throw. */
export function serializer(name: NativeType): (value: unknown) => Buffer {
  if (name === "timestamp" || name === "bigint") return int64Bytes as (value: unknown) => Buffer;
  const type = { code: types.dataTypes[name] };
  return (value) => ENCODER.encode(value, type);
}

/** A tuple or a value of a user-defined type; null and undefined: no value. */
export function joinCells(cells: readonly (Buffer | null | undefined)[]): Buffer {
  return lengthsAndBytes(cells, 0);
}

/** `count`: of the elements or entries. */
export function joinElements(cells: readonly Buffer[], count: number): Buffer {
  const bytes = lengthsAndBytes(cells, 4);
  bytes.writeInt32BE(count, 0);
  return bytes;
}

function lengthsAndBytes(cells: readonly (Buffer | null | undefined)[], headBytes: number): Buffer {
  let sizeBytes = headBytes + 4 * cells.length;
  for (const cell of cells) sizeBytes += cell?.length ?? 0;
  const bytes = Buffer.allocUnsafe(sizeBytes);
  let at = headBytes;
  for (const cell of cells) {
    at = bytes.writeInt32BE(cell?.length ?? -1, at);
    if (cell) at += cell.copy(bytes, at);
  }
  return bytes;
}

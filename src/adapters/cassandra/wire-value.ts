import { Encoder, types } from "cassandra-driver";
import type { CqlType } from "./cql-type.ts";

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

/** The bytes of what `toCql` made for the type; other values throw. */
export function serializer(type: CqlType): (value: unknown) => Buffer {
  if (type.kind === "native" && (type.name === "timestamp" || type.name === "bigint")) return int64Bytes as (value: unknown) => Buffer;
  const driverType = driverTypeOf(type);
  return (value) => ENCODER.encode(value, driverType);
}

function driverTypeOf(type: CqlType): DriverType {
  const { dataTypes } = types;
  switch (type.kind) {
    case "native":
      return { code: dataTypes[type.name] };
    case "list":
    case "set":
      return { code: dataTypes[type.kind], info: driverTypeOf(type.element) };
    case "map":
      return { code: dataTypes.map, info: [driverTypeOf(type.key), driverTypeOf(type.value)] };
    default:
      // Values of these are bytes already.
      return { code: dataTypes.custom };
  }
}

/** A tuple or a value of a user-defined type; null and undefined: no value. */
export function joinCells(cells: readonly (Buffer | null | undefined)[]): Buffer {
  let sizeBytes = 4 * cells.length;
  for (const cell of cells) sizeBytes += cell?.length ?? 0;
  const bytes = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  for (const cell of cells) {
    at = bytes.writeInt32BE(cell?.length ?? -1, at);
    if (cell) at += cell.copy(bytes, at);
  }
  return bytes;
}

import { isUtf8 } from "node:buffer";
import { must } from "../../../assert.ts";
import { exactNumber } from "../../../model/exact-number.ts";
import { columnsOfLayout, type Layout } from "../../../model/format.ts";
import { type DataType, typeName } from "../../../model/type.ts";
import type { Value } from "../../../model/value.ts";
import { FormatError } from "./format-error.ts";
import type { LayoutCodec } from "./layout-codec.ts";

/** One of Kafka's own serializers. */
interface Serializer {
  /** null: as many as there are. */
  readonly bytes: number | null;
  readonly read: (bytes: Buffer, start: number, end: number) => Value;
  readonly write: (value: never) => Buffer;
}

const SERIALIZERS: Partial<Record<DataType["kind"], Serializer>> = {
  int: {
    bytes: 4,
    read: (bytes, start) => bytes.readInt32BE(start),
    write: (value: number) => {
      const bytes = Buffer.allocUnsafe(4);
      bytes.writeInt32BE(value);
      return bytes;
    },
  },
  bigint: {
    bytes: 8,
    read: (bytes, start) => exactNumber(bytes.readBigInt64BE(start)),
    write: (value: number | bigint) => {
      const bytes = Buffer.allocUnsafe(8);
      bytes.writeBigInt64BE(BigInt(value));
      return bytes;
    },
  },
  double: {
    bytes: 8,
    read: (bytes, start) => finite(bytes.readDoubleBE(start)),
    write: (value: number) => {
      const bytes = Buffer.allocUnsafe(8);
      bytes.writeDoubleBE(value);
      return bytes;
    },
  },
  string: {
    bytes: null,
    read: (bytes, start, end) => {
      if (!isUtf8(bytes.subarray(start, end))) throw new FormatError("the text is not valid UTF-8");
      return bytes.toString("utf8", start, end);
    },
    write: (value: string) => Buffer.from(value),
  },
  bytes: {
    bytes: null,
    read: (bytes, start, end) => bytes.subarray(start, end),
    write: (value: Uint8Array) => Buffer.from(value),
  },
};

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new FormatError(`${value} is no number of DOUBLE's range`);
  return value;
}

/** `kafka`, `string` and `bytes`: one value, as Kafka's serializer of its type writes it. NULL is no value at all. */
export function primitiveCodec(layout: Layout): LayoutCodec {
  const { type } = must(columnsOfLayout(layout)[0]);
  const { bytes: size, read, write } = must(SERIALIZERS[type.kind]);
  return {
    read(bytes, start, end) {
      if (size !== null && end - start !== size) throw new FormatError(`${typeName(type)} has ${size} bytes, here are ${end - start}`);
      return [read(bytes, start, end)];
    },
    write: ([value = null]) => (value === null ? null : write(value as never)),
  };
}

import type { CqlType, NativeType } from "./cql-type.ts";

/** Which of two values of a type, as their bytes, comes first; 0: they are the same. */
export type CqlOrder = (a: Buffer, b: Buffer) => number;

/** The order that Cassandra keeps the elements of sets and the keys of maps in. */
export function cqlOrder(type: CqlType): CqlOrder {
  switch (type.kind) {
    case "native":
      return NATIVE[type.name] ?? Buffer.compare;
    case "list":
    case "set":
      return oneByOne([cqlOrder(type.element)], 4);
    case "map":
      return oneByOne([cqlOrder(type.key), cqlOrder(type.value)], 4);
    case "tuple":
      return oneByOne(type.elements.map(cqlOrder), 0);
    case "udt":
      return oneByOne(
        type.fields.map((field) => cqlOrder(field.type)),
        0,
      );
    default:
      return Buffer.compare;
  }
}

const signed: CqlOrder = (a, b) => a.readInt8(0) - b.readInt8(0) || Buffer.compare(a, b);

/** By their bytes: what is not here. */
const NATIVE: Partial<Record<NativeType, CqlOrder>> = {
  tinyint: signed,
  smallint: signed,
  int: signed,
  bigint: signed,
  timestamp: signed,
  varint: (a, b) => sign(integerOf(a) - integerOf(b)),
  decimal: (a, b) => {
    const scales = [a.readInt32BE(0), b.readInt32BE(0)] as const;
    const scale = Math.max(...scales);
    const [unscaledA, unscaledB] = [integerOf(a.subarray(4)), integerOf(b.subarray(4))];
    return sign(unscaledA * 10n ** BigInt(scale - scales[0]) - unscaledB * 10n ** BigInt(scale - scales[1]));
  },
  // Neither NaN nor -0 is written.
  double: (a, b) => Math.sign(a.readDoubleBE(0) - b.readDoubleBE(0)),
  float: (a, b) => Math.sign(a.readFloatBE(0) - b.readFloatBE(0)),
  uuid: (a, b) => versionOf(a) - versionOf(b) || (versionOf(a) === 1 && Buffer.compare(timeOf(a), timeOf(b))) || Buffer.compare(a, b),
  timeuuid: (a, b) => Buffer.compare(timeOf(a), timeOf(b)) || Buffer.compare(signedBytes(a.subarray(8)), signedBytes(b.subarray(8))),
};

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function integerOf(bytes: Buffer): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`));
}

function versionOf(uuid: Buffer): number {
  return uuid.readUInt8(6) >> 4;
}

/** The parts of a UUID's time, highest first. */
function timeOf(uuid: Buffer): Buffer {
  return Buffer.concat([uuid.subarray(6, 8), uuid.subarray(4, 6), uuid.subarray(0, 4)]);
}

function signedBytes(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0x80));
}

/** Of values that are made of others, from byte `head` on, which follow `orders` in turn: the first that differ decide; null is first. */
function oneByOne(orders: readonly CqlOrder[], head: number): CqlOrder {
  return (a, b) => {
    let [atA, atB] = [head, head];
    for (let index = 0; atA < a.length && atB < b.length; index++) {
      const [lengthA, lengthB] = [a.readInt32BE(atA), b.readInt32BE(atB)];
      const [endA, endB] = [atA + 4 + Math.max(0, lengthA), atB + 4 + Math.max(0, lengthB)];
      if (lengthA < 0 !== lengthB < 0) return lengthA < 0 ? -1 : 1;
      const order = orders[index % orders.length] as CqlOrder;
      const decided = lengthA < 0 ? 0 : order(a.subarray(atA + 4, endA), b.subarray(atB + 4, endB));
      if (decided !== 0) return decided;
      [atA, atB] = [endA, endB];
    }
    return a.length - atA - (b.length - atB);
  };
}

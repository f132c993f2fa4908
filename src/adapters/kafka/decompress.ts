import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { lz4Decompress, snappyDecompress } from "@platformatic/wasm-utils";
import { unreachable } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import type { CodecName } from "../codecs/record-batch-format.ts";

/** Java's snappy writes blocks of its own, each with its length, behind a header of 16 bytes. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

const BOUND = { maxOutputLength: LIMITS.decompressedBytesMax };

/** The records of a compressed record batch. Throws where the bytes are broken, or would be more than `decompressedBytesMax`. */
export function decompress(codec: CodecName, compressed: Buffer): Buffer {
  switch (codec) {
    case "none":
      return compressed;
    case "gzip":
      return gunzipSync(compressed, BOUND);
    case "snappy":
      return compressed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC) ? decompressXerial(compressed) : decompressSnappy(compressed);
    case "lz4":
      return bounded(byWasm(lz4Decompress, compressed));
    case "zstd":
      return zstdDecompressSync(compressed, BOUND);
    default:
      return unreachable(codec);
  }
}

/** Looks at the length that stands in front first: the library would make room for whatever it says, and keep it. */
function decompressSnappy(compressed: Buffer): Buffer {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = compressed[i] ?? 0;
    length += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) break;
  }
  refuseMore(length);
  return byWasm(snappyDecompress, compressed);
}

function decompressXerial(compressed: Buffer): Buffer {
  const blocks: Buffer[] = [];
  let length = 0;
  for (let at = XERIAL_HEADER_BYTES; at < compressed.length; ) {
    const end = at + 4 + compressed.readUInt32BE(at);
    if (end > compressed.length) throw new RangeError("a snappy block ends beyond the data");
    const block = decompressSnappy(compressed.subarray(at + 4, end));
    length += block.length;
    refuseMore(length);
    blocks.push(block);
    at = end;
  }
  return Buffer.concat(blocks);
}

/** Of broken data the library only says that it came where it should not. */
function byWasm(undo: (compressed: Buffer) => Buffer, compressed: Buffer): Buffer {
  try {
    return undo(compressed);
  } catch (error) {
    throw new RangeError("the compressed data is broken", { cause: error });
  }
}

function bounded(bytes: Buffer): Buffer {
  refuseMore(bytes.length);
  return bytes;
}

function refuseMore(length: number): void {
  const { decompressedBytesMax } = LIMITS;
  if (length > decompressedBytesMax) throw new RangeError(`${length} bytes when decompressed, more than ${decompressedBytesMax}`);
}

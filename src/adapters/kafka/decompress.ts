import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { lz4Decompress, snappyDecompress } from "@platformatic/wasm-utils";
import { unreachable } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import type { CodecName } from "../codecs/record-batch-format.ts";

/** Java's snappy writes blocks of its own, each with its length, behind a header of 16 bytes. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

const BOUND = { maxOutputLength: LIMITS.decompressedBytesMax };

/** The records of a compressed record batch. Throws where the bytes are broken. */
export function decompress(codec: CodecName, compressed: Buffer): Buffer {
  switch (codec) {
    case "none":
      return compressed;
    case "gzip":
      return gunzipSync(compressed, BOUND);
    case "snappy":
      return compressed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC) ? decompressXerial(compressed) : snappyDecompress(compressed);
    case "lz4":
      return lz4Decompress(compressed);
    case "zstd":
      return zstdDecompressSync(compressed, BOUND);
    default:
      return unreachable(codec);
  }
}

function decompressXerial(compressed: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < compressed.length; ) {
    const end = at + 4 + compressed.readUInt32BE(at);
    if (end > compressed.length) throw new RangeError("a snappy block ends beyond the data");
    blocks.push(snappyDecompress(compressed.subarray(at + 4, end)));
    at = end;
  }
  return Buffer.concat(blocks);
}

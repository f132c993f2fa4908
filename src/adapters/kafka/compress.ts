import { gzipSync, zstdCompressSync } from "node:zlib";
import { lz4Compress, snappyCompress } from "@platformatic/wasm-utils";
import type { CodecName } from "../codecs/record-batch-format.ts";
import type { Compression } from "../codecs/record-batch-writer.ts";

const COMPRESS: Readonly<Record<Exclude<CodecName, "none">, Compression["compress"]>> = {
  gzip: (records) => gzipSync(records),
  snappy: snappyCompress,
  lz4: lz4Compress,
  zstd: (records) => zstdCompressSync(records),
};

/** How record batches are compressed; null: not at all. */
export function compressionBy(codec: CodecName): Compression | null {
  return codec === "none" ? null : { codec, compress: COMPRESS[codec] };
}

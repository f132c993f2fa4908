import { createRequire } from "node:module";
import { crc32c as portable } from "@platformatic/wasm-utils";

type Checksum = (bytes: Uint8Array) => number;

/** Below, the way into native code and back takes longer than WebAssembly does for all of it. */
const NATIVE_BYTES_MIN = 256;

/** The processor's own instructions, in an optional package with a build for each platform; null where it has none. */
function loadNative(): Checksum | null {
  try {
    return (createRequire(import.meta.url)("@node-rs/crc32") as { readonly crc32c: Checksum }).crc32c;
  } catch {
    return null;
  }
}

const native = loadNative() ?? portable;

/** The checksum of Kafka's record batches (Castagnoli), unsigned. */
export function crc32c(bytes: Uint8Array): number {
  return bytes.length < NATIVE_BYTES_MIN ? portable(bytes) : native(bytes);
}

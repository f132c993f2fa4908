import { crc32 } from "node:zlib";
import { SluiceError } from "../../errors.ts";

/** Rises with every change that an older program cannot read. */
export const JOURNAL_FORMAT_VERSION = 1;
/** Format version (1 byte), CRC32 of version and rest (4 bytes): this much stays the same in all formats to come. */
export const SEAL_BYTES = 5;

/** A record value: the parts, behind format version and checksum. */
export function seal(...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat([Buffer.alloc(SEAL_BYTES), ...parts]);
  value[0] = JOURNAL_FORMAT_VERSION;
  value.writeUInt32BE(checksum(value), 1);
  return value;
}

/**
 * What was sealed; null if the value is torn or damaged.
 * Throws STATE_CORRUPT for a whole value of a later format: to skip it would be to fall back to older state unasked.
 */
export function unseal(value: Buffer, key: string, partition: number): Buffer | null {
  if (value.length <= SEAL_BYTES) return null;
  if (checksum(value) !== value.readUInt32BE(1)) return null;
  const version = value.readUInt8(0);
  if (version <= JOURNAL_FORMAT_VERSION) return value.subarray(SEAL_BYTES);
  throw new SluiceError(
    "STATE_CORRUPT",
    `the state log's record ${JSON.stringify(key)} has format version ${version}; known are versions up to ${JOURNAL_FORMAT_VERSION}`,
    { hint: "A newer version of Sluice wrote this state; run that version or a later one.", coordinates: { partition } },
  );
}

/** With the version in it, damage to that byte is not taken for a later format. */
function checksum(value: Buffer): number {
  return crc32(value.subarray(SEAL_BYTES), crc32(value.subarray(0, 1)));
}

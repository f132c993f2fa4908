/** Positions of the fixed fields of a Kafka record batch, version 2 (magic byte 2), in bytes from its start. */
export const BatchField = {
  baseOffset: 0,
  /** Counted from `leaderEpoch` on. */
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  /** CRC-32C of everything from `attributes` to the end. */
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

export const BATCH_HEADER_BYTES = 61;

/** Bits of the attributes. */
export const Attribute = {
  codec: 0x07,
  /** All records have the batch's max timestamp (`message.timestamp.type=LogAppendTime`). */
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;

/** Compression codecs by the number in the attributes. */
export const CODEC_NAMES = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

export type CodecName = (typeof CODEC_NAMES)[number];

export const NO_PRODUCER = -1;

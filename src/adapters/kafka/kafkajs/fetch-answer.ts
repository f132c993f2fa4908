import type { FetchedPartition } from "../protocol/broker-connection.ts";
import { Decoder, type KafkajsDecoder } from "./internals.ts";

/** Reads the answer to Fetch, version 11, leaving record batches as they are; the library would unpack them into objects. */
export function readFetchAnswer(payload: Buffer): FetchAnswer {
  const decoder = new Decoder(payload);
  const clientSideThrottleTime = decoder.readInt32();
  const errorCode = decoder.readInt16();
  decoder.readInt32();
  const partitions = decoder.readArray((each) => {
    const topic = each.readString();
    return each.readArray(() => readPartition(each, topic));
  });
  return { clientSideThrottleTime, errorCode, partitions: partitions.flat() };
}

export interface FetchAnswer {
  /** The library pauses the connection for so long. */
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly partitions: readonly Omit<FetchedPartition, "release">[];
}

function readPartition(decoder: KafkajsDecoder, topic: string): Omit<FetchedPartition, "release"> {
  const partition = decoder.readInt32();
  const errorCode = decoder.readInt16();
  decoder.readInt64();
  const lastStableOffset = Number(decoder.readInt64());
  const startOffset = Number(decoder.readInt64());
  const abortedTransactions = decoder.readArray(() => ({
    producerId: Number(decoder.readInt64()),
    firstOffset: Number(decoder.readInt64()),
  }));
  decoder.readInt32();
  const bytes = decoder.readBytes() ?? Buffer.alloc(0);
  return { topic, partition, errorCode, startOffset, lastStableOffset, abortedTransactions, bytes };
}

import type { fetchV13 as FetchV13, Reader } from "@platformatic/kafka";
import type { FetchedPartition } from "../protocol/broker-connection.ts";
import { createAPI, fetchV13 } from "./library.ts";

/** As the topic is named by its id here, without the name. */
export interface FetchedById extends Omit<FetchedPartition, "topic" | "release"> {
  readonly topicId: string;
}

export interface FetchAnswer {
  readonly errorCode: number;
  readonly partitions: readonly FetchedById[];
}

/** Fetch, version 13, with our own reading of the answer: the library's would unpack every record into objects. */
export const fetchApi = createAPI<FetchV13.FetchRequest, FetchAnswer>(1, fetchV13.api.version, fetchV13.createRequest, parseAnswer);

function parseAnswer(_correlation: number, _key: number, _version: number, reader: Reader): FetchAnswer {
  const INT32_BYTES = 4;
  reader.skip(INT32_BYTES);
  const errorCode = reader.readInt16();
  reader.skip(INT32_BYTES);
  const partitions = reader.readArray(() => {
    const topicId = reader.readUUID();
    return reader.readArray(() => readPartition(reader, topicId));
  });
  return { errorCode, partitions: partitions.flat() };
}

function readPartition(reader: Reader, topicId: string): FetchedById {
  const partition = reader.readInt32();
  const errorCode = reader.readInt16();
  reader.readInt64();
  const lastStableOffset = Number(reader.readInt64());
  const startOffset = Number(reader.readInt64());
  const abortedTransactions = reader.readArray(() => ({
    producerId: Number(reader.readInt64()),
    firstOffset: Number(reader.readInt64()),
  }));
  reader.readInt32();
  return { topicId, partition, errorCode, startOffset, lastStableOffset, abortedTransactions, bytes: readRecords(reader) };
}

/** The bytes where they were received. */
function readRecords(reader: Reader): Buffer {
  const length = reader.readUnsignedVarInt() - 1;
  if (length <= 0) return Buffer.alloc(0);
  const bytes = reader.buffer.slice(reader.position, reader.position + length);
  reader.skip(length);
  return bytes;
}

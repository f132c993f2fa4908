import type { Writer as LibraryWriter, produceV9 as ProduceV9 } from "@platformatic/kafka";
import type { ProducedBatch } from "../protocol/broker-connection.ts";
import { createAPI, produceV9, Writer } from "./library.ts";

const ACKS_ALL = -1;

/** Produce, version 9, with record batches that are encoded already. */
export const produceApi = createAPI<
  [batches: readonly ProducedBatch[], timeoutMs: number, transactionalId: string | null],
  ProduceV9.ProduceResponse
>(0, produceV9.api.version, createRequest, produceV9.parseResponse);

function createRequest(batches: readonly ProducedBatch[], timeoutMs: number, transactionalId: string | null): LibraryWriter {
  const topics = Object.entries(Object.groupBy(batches, (batch) => batch.topic));
  return Writer.create()
    .appendString(transactionalId)
    .appendInt16(ACKS_ALL)
    .appendInt32(timeoutMs)
    .appendArray(topics, (writer, [topic, ofTopic]) => {
      writer.appendString(topic).appendArray([...(ofTopic ?? [])], (each, batch) => {
        each.appendInt32(batch.partition).appendBytes(batch.bytes);
      });
    })
    .appendTaggedFields();
}

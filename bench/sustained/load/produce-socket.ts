import { connect, type Socket } from "node:net";
import { produceV9, Reader, ResponseError, Writer } from "@platformatic/kafka";
import { expectNone } from "../../../src/adapters/kafka/protocol/error-code.ts";
import { must } from "../../../src/assert.ts";

const PRODUCE = 0;
const ACKS_ALL = -1;
const TIMEOUT_MS = 30_000;
const INT32_BYTES = 4;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Produce requests, version 9, with one record batch for each partition of a topic. The batches go to the socket as they lie:
 * a client that joins them into one buffer first spends more on that, and on the garbage, than everything else costs.
 * Requests follow each other without waiting, and the broker answers them in order.
 */
export class ProduceSocket {
  private readonly socket: Socket;
  private readonly topic: string;
  private readonly waiting: Waiting[] = [];
  private received: Buffer = Buffer.alloc(0);
  private correlation = 0;

  private constructor(socket: Socket, topic: string) {
    this.socket = socket;
    this.topic = topic;
    socket.on("data", (bytes) => this.take(bytes));
    socket.on("close", () => this.fail(new Error("the broker closed the generator's connection")));
    socket.on("error", (error) => this.fail(error));
  }

  static open({ host, port }: { readonly host: string; readonly port: number }, topic: string): Promise<ProduceSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true }, () => {
        socket.off("error", reject);
        resolve(new ProduceSocket(socket, topic));
      });
      socket.once("error", reject);
    });
  }

  /** The batch of partition n is the nth. Resolves when all are acknowledged; their bytes must not change until then. */
  send(batches: readonly Buffer[]): Promise<void> {
    const frames = batches.map(
      (batch, partition) =>
        Writer.create()
          .appendInt32(partition)
          .appendUnsignedVarInt(batch.length + 1).buffer,
    );
    const head = this.head(batches.length);
    const size = [head, ...frames, ...batches].reduce((sum, { length }) => sum + length, 0) - INT32_BYTES + batches.length + TAIL.length;
    head.writeInt32BE(size);
    this.socket.cork();
    this.socket.write(head);
    for (const [partition, batch] of batches.entries()) {
      this.socket.write(must(frames[partition]));
      this.socket.write(batch);
      this.socket.write(NO_TAGS);
    }
    this.socket.write(TAIL);
    this.socket.uncork();
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Everything before the first partition; its first four bytes are for the size of the request. */
  private head(partitions: number): Buffer {
    const header = Writer.create()
      .appendInt32(0)
      .appendInt16(PRODUCE)
      .appendInt16(produceV9.api.version)
      .appendInt32(++this.correlation);
    header.appendString("bench-generator", false).appendUnsignedVarInt(0);
    header.appendString(null).appendInt16(ACKS_ALL).appendInt32(TIMEOUT_MS);
    header
      .appendUnsignedVarInt(1 + 1)
      .appendString(this.topic)
      .appendUnsignedVarInt(partitions + 1);
    return Buffer.from(header.buffer);
  }

  private take(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
    while (this.received.length >= INT32_BYTES) {
      const end = INT32_BYTES + this.received.readInt32BE();
      if (this.received.length < end) return;
      this.answer(this.received.subarray(INT32_BYTES, end));
      this.received = this.received.subarray(end);
    }
  }

  private answer(bytes: Buffer): void {
    const { resolve, reject } = must(this.waiting.shift(), "request of the answer");
    try {
      for (const { index, errorCode, errorMessage } of partitionsOf(bytes)) {
        expectNone(errorCode, `write to ${this.topic}-${index}`, errorMessage ?? null);
      }
      resolve();
    } catch (error) {
      reject(error);
    }
  }

  private fail(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

const NO_TAGS = Buffer.from([0]);
/** No tags of the topic, and none of the request. */
const TAIL = Buffer.from([0, 0]);

/** The library throws answers that have error codes in them. */
function partitionsOf(bytes: Buffer): readonly produceV9.ProduceResponsePartition[] {
  const reader = Reader.from(bytes);
  const correlation = reader.readInt32();
  reader.readUnsignedVarInt();
  const parse = (): produceV9.ProduceResponse => {
    try {
      return produceV9.parseResponse(correlation, PRODUCE, produceV9.api.version, reader);
    } catch (error) {
      if (error instanceof ResponseError) return (error as ResponseError & { readonly response: produceV9.ProduceResponse }).response;
      throw error;
    }
  };
  return parse().responses.flatMap(({ partitionResponses }) => partitionResponses);
}

import { createRequire } from "node:module";

/**
 * The parts of kafkajs below its consumer and producer. Those cannot read a partition at an offset without a group, wait for
 * partitions to be given up, or pass record batches on as bytes; the layers below can. kafkajs 2.2.4 is its last release.
 */
const require = createRequire(import.meta.url);

export interface KafkajsProtocol {
  readonly request: { readonly apiKey: number; readonly apiVersion: number; readonly apiName: string; encode(): Promise<unknown> };
  readonly response: { decode(payload: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
  readonly requestTimeout?: number;
}

type Definition = { readonly versions: readonly string[] };
type MakeRequest = (args: Readonly<Record<string, unknown>>) => KafkajsProtocol;

interface KafkajsConnection {
  isConnected(): boolean;
  rejectRequests(error: Error): void;
  disconnect(): Promise<unknown>;
  readonly socket?: { destroy(): void };
}

export interface KafkajsConnectionPool {
  readonly pool: readonly KafkajsConnection[];
  getConnection(index?: number): Promise<KafkajsConnection>;
  send(protocol: KafkajsProtocol): Promise<unknown>;
}

interface KafkajsBroker {
  connect(): Promise<void>;
  lookupRequest(apiKey: number, definition: Definition): MakeRequest;
}

export interface KafkajsEncoder {
  writeInt16(value: number): this;
  writeInt32(value: number): this;
  writeString(value: string | null): this;
  writeBytes(value: Buffer): this;
  writeArray(values: readonly KafkajsEncoder[]): this;
}

export interface KafkajsDecoder {
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readString(): string;
  readBytes(): Buffer | null;
  readArray<T>(read: (decoder: KafkajsDecoder) => T): T[];
}

interface AnswerBuffer {
  chunks: readonly Buffer[];
  readonly bytesBuffered: number;
  processData(frame: Buffer): void;
}

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

export const ConnectionPool = require("kafkajs/src/network/connectionPool") as new (
  options: Readonly<Record<string, unknown>>,
) => KafkajsConnectionPool;
export const Broker = require("kafkajs/src/broker") as new (options: Readonly<Record<string, unknown>>) => KafkajsBroker;
export const Encoder = require("kafkajs/src/protocol/encoder") as new () => KafkajsEncoder;
export const Decoder = require("kafkajs/src/protocol/decoder") as new (bytes: Buffer) => KafkajsDecoder;
export const { requests } = require("kafkajs/src/protocol/requests") as { readonly requests: Readonly<Record<string, Definition>> };
export const apiKeys = require("kafkajs/src/protocol/requests/apiKeys") as Readonly<Record<string, number>>;
const { createLogger } = require("kafkajs/src/loggers") as {
  createLogger(options: { readonly level: number; logCreator(): () => void }): unknown;
};

/** What the library would print, its callers get as errors. */
export const silentLogger = createLogger({ level: 0, logCreator: () => () => undefined });

/**
 * The library looks every millisecond whether a throttled connection may go on, for ever and on every connection: 3.5 % of a
 * core when idle, and a TimeoutNegativeWarning. There is nothing to look for unless requests wait.
 */
const { prototype: queue } = require("kafkajs/src/network/requestQueue") as { readonly prototype: RequestQueue };
const schedule = queue.scheduleCheckPendingRequests;
queue.scheduleCheckPendingRequests = function (this: RequestQueue): void {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
};

/** Of each answer nothing is left; the library keeps that as an empty buffer, and copies the next answer to put it behind. */
const { prototype: answers } = require("kafkajs/src/network/connection") as { readonly prototype: AnswerBuffer };
const { processData } = answers;
answers.processData = function (this: AnswerBuffer, frame: Buffer): void {
  if (this.bytesBuffered === 0) this.chunks = [];
  processData.call(this, frame);
};

import type { Socket } from "node:net";
import type { API, Connection, Writer as LibraryWriter } from "@platformatic/kafka";
import type { BrokerAddress } from "../protocol/broker-connection.ts";
import { openFrameSocket } from "../protocol/frame-socket.ts";
import type { ReceivePool } from "../protocol/receive-pool.ts";
import type { KafkaSettings } from "../settings.ts";
import { AuthenticationError, NetworkError, Reader, ResponseError, TimeoutError, UnexpectedCorrelationIdError, Writer } from "./library.ts";

const CONNECT_MS_MAX = 10_000;

/** A session is renewed, by a new connection, before the broker ends it. */
const SESSION_SHARE = 0.8;

const LENGTH_BYTES = 4;
const CORRELATION_BYTES = 4;

/** Below this it is cheaper to put a request's pieces together. */
const COPIED_BYTES_MAX = 16 << 10;

interface Waiting {
  readonly correlationId: number;
  readonly timer: NodeJS.Timeout;
  answer(frame: Buffer): void;
  fail(error: Error): void;
}

/**
 * Sends the library's requests as its own `Connection` does, but receives answers where they stay. The library's allocates 64 kB
 * for each piece that comes from the socket and copies the pieces together: a gigabyte read would be two to be collected.
 */
export class FrameConnection {
  private readonly socket: Socket;
  private readonly clientId: string;
  private readonly requestTimeoutMs: number;
  /** A broker answers in the order of the requests. */
  private readonly waiting: Waiting[] = [];
  private correlationId = 0;
  private isClosed = false;
  private sessionTimer: NodeJS.Timeout | null = null;

  private constructor(socket: Socket, clientId: string, requestTimeoutMs: number) {
    this.socket = socket;
    this.clientId = clientId;
    this.requestTimeoutMs = requestTimeoutMs;
    socket.on("data", (frame: Buffer) => this.receive(frame));
    socket.on("error", (error) => this.fail(new NetworkError(`Connection failed: ${error.message}`, { cause: error })));
    socket.on("close", () => this.fail(new NetworkError("Connection closed")));
  }

  /** Rejects with errors of the library. */
  static async open(
    address: BrokerAddress,
    settings: KafkaSettings,
    requestTimeoutMs: number,
    pool: ReceivePool,
  ): Promise<FrameConnection> {
    const socket = openFrameSocket(address, settings.tls, pool);
    const connection = new FrameConnection(socket, settings.clientId, requestTimeoutMs);
    await untilConnected(socket, settings.tls === null ? "connect" : "secureConnect", Math.min(requestTimeoutMs, CONNECT_MS_MAX));
    try {
      if (settings.sasl !== null) await connection.authenticate(settings.sasl);
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  get closed(): boolean {
    return this.isClosed || this.socket.destroyed;
  }

  /** What is under way rejects. */
  close(): void {
    this.fail(new NetworkError("Connection closed"));
  }

  call<Arguments extends unknown[], Result>(api: API<Arguments, Result>, ...args: Arguments): Promise<Result> {
    return api.async(this.forLibrary(), ...args);
  }

  /** What the library's requests call; the same contract as its own. */
  send: Connection["send"] = (apiKey, apiVersion, createPayload, parse, requestHasTags, answerHasTags, callback) => {
    if (this.closed) {
      callback(new NetworkError("Connection closed"), null as never);
      return;
    }
    this.correlationId = (this.correlationId + 1) & 0x7fffffff;
    const { correlationId } = this;
    const request = Writer.create()
      .appendInt16(apiKey)
      .appendInt16(apiVersion)
      .appendInt32(correlationId)
      .appendString(this.clientId, false);
    if (requestHasTags) request.appendTaggedFields();
    this.write(request.appendFrom(createPayload() as LibraryWriter).prependLength());
    const timer = setTimeout(() => this.fail(new TimeoutError("Request timed out", { canRetry: true })), this.requestTimeoutMs);
    this.waiting.push({
      correlationId,
      timer,
      fail: (error) => callback(error, null as never),
      answer(frame) {
        const reader = Reader.from(frame.subarray(LENGTH_BYTES + CORRELATION_BYTES));
        let failure: Error | null = null;
        let result = null as never;
        try {
          if (answerHasTags) reader.readTaggedFields();
          result = parse(correlationId, apiKey, apiVersion, reader) as never;
        } catch (error) {
          failure = error as Error;
        }
        callback(failure, result);
      },
    });
  };

  /** Record batches go from where they were encoded: as one buffer with the rest, each would be copied to be collected. */
  private write(request: LibraryWriter): void {
    if (request.length < COPIED_BYTES_MAX) {
      this.socket.write(request.buffer);
      return;
    }
    this.socket.cork();
    for (const piece of request.buffers) this.socket.write(piece);
    this.socket.uncork();
  }

  private receive(frame: Buffer): void {
    const waiting = this.waiting.shift();
    const correlationId = frame.length < LENGTH_BYTES + CORRELATION_BYTES ? null : frame.readInt32BE(LENGTH_BYTES);
    if (waiting === undefined || correlationId !== waiting.correlationId) {
      const error = new UnexpectedCorrelationIdError(`An answer to request ${correlationId}, which was not sent`);
      waiting?.fail(error);
      this.fail(error);
      return;
    }
    clearTimeout(waiting.timer);
    waiting.answer(frame);
    if (this.isClosed && this.waiting.length === 0) this.socket.destroy();
  }

  private fail(error: Error): void {
    this.isClosed = true;
    if (this.sessionTimer !== null) clearTimeout(this.sessionTimer);
    for (const waiting of this.waiting.splice(0)) {
      clearTimeout(waiting.timer);
      waiting.fail(error);
    }
    this.socket.destroy();
  }

  private async authenticate({ mechanism, username, password }: NonNullable<KafkaSettings["sasl"]>): Promise<void> {
    // All of the library: its ways to log in know all of its requests.
    const { saslAuthenticateV2, saslHandshakeV1, saslPlain, saslScramSha } = await import("@platformatic/kafka");
    try {
      await this.call(saslHandshakeV1.api, mechanism);
      const library = this.forLibrary();
      const { sessionLifetimeMs } = await (mechanism === "PLAIN"
        ? saslPlain.authenticate(saslAuthenticateV2.api, library, username, password)
        : saslScramSha.authenticate(
            saslAuthenticateV2.api,
            library,
            mechanism === "SCRAM-SHA-256" ? "SHA-256" : "SHA-512",
            username,
            password,
          ));
      if (sessionLifetimeMs > 0n) this.endSessionAfter(Number(sessionLifetimeMs) * SESSION_SHARE);
    } catch (error) {
      const cause = error instanceof AuthenticationError ? error.cause : error;
      if (cause instanceof NetworkError || cause instanceof TimeoutError) throw cause;
      if (!(cause instanceof ResponseError)) throw error;
      throw new AuthenticationError(`${mechanism} authentication failed`, { cause: cause.errors[0] ?? cause });
    }
  }

  /** Takes no more requests then, and closes with the last answer. */
  private endSessionAfter(ms: number): void {
    const LONGEST_TIMER_MS = 2 ** 31 - 1;
    this.sessionTimer = setTimeout(
      () => {
        this.isClosed = true;
        if (this.waiting.length === 0) this.socket.destroy();
      },
      Math.min(ms, LONGEST_TIMER_MS),
    );
    this.sessionTimer.unref();
  }

  /** The library's requests use nothing of a connection but `send`. */
  private forLibrary(): Connection {
    return this as unknown as Connection;
  }
}

async function untilConnected(socket: Socket, event: "connect" | "secureConnect", timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => socket.destroy(new TimeoutError(`No connection within ${timeoutMs} ms`)), timeoutMs);
  socket.once(event, () => resolve());
  socket.once("error", reject);
  socket.once("close", () => reject(new NetworkError("Connection closed")));
  await promise.finally(() => clearTimeout(timer));
}

import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

export const NDJSON = "application/x-ndjson";
export const SSE = "text/event-stream";

/**
 * Answers with what the generator gives, piece by piece: it is asked for the next piece once the client has taken the ones
 * before. Its signal is aborted when the client goes, or when the server drains.
 */
export function sendStream(
  reply: FastifyReply,
  type: typeof NDJSON | typeof SSE,
  draining: AbortSignal,
  generate: (signal: AbortSignal) => AsyncIterable<string>,
): void {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const pieces = Readable.from(generate(AbortSignal.any([gone.signal, draining])), { highWaterMark: 1 });
  // Proxies would collect what is to be seen at once.
  reply.type(type).header("cache-control", "no-store").header("x-accel-buffering", "no").send(pieces);
}

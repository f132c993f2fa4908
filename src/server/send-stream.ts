import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { LIMITS } from "../limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { ServerContext } from "./server-context.ts";

export const NDJSON = "application/x-ndjson";
export const SSE = "text/event-stream";

/**
 * Answers with what the generator gives, piece by piece: it is asked for the next piece once the client has taken the ones
 * before, and a client that takes nothing for long is cut off. The generator's signal is aborted when the client goes, or
 * when the server drains.
 */
export function sendStream(
  reply: FastifyReply,
  type: typeof NDJSON | typeof SSE,
  { draining, env: { clock } }: Pick<ServerContext, "draining" | "env">,
  generate: (signal: AbortSignal) => AsyncIterable<string>,
): void {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const cutOff = (): void => {
    reply.log.warn(`its client has taken nothing for ${LIMITS.streamStalledMsMax / 1000} s and is cut off`);
    reply.raw.destroy();
  };
  const pieces = untilStalled(generate(AbortSignal.any([gone.signal, draining])), clock, cutOff);
  // Proxies would collect what is to be seen at once.
  reply.type(type).header("cache-control", "no-store").header("x-accel-buffering", "no");
  reply.send(Readable.from(pieces, { highWaterMark: 1 }));
}

/** Texts together, as far as one is not large by itself: what a client does not take is no larger than a piece. */
export function* inPieces(texts: Iterable<string>): Generator<string, void> {
  let piece = "";
  for (const text of texts) {
    piece += text;
    if (piece.length < LIMITS.streamPieceCharacters) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

async function* untilStalled(pieces: AsyncIterable<string>, clock: Clock, cutOff: () => void): AsyncGenerator<string, void> {
  for await (const piece of pieces) {
    const taken = new AbortController();
    void clock.sleep(LIMITS.streamStalledMsMax, taken.signal).then(() => {
      if (!taken.signal.aborted) cutOff();
    });
    try {
      yield piece;
    } finally {
      taken.abort();
    }
  }
}

import { createParser } from "eventsource-parser";

export interface ServerEvent {
  /** To go on behind it; null: it has none. */
  readonly id: string | null;
  readonly kind: string;
  /** Of JSON. */
  readonly data: unknown;
}

/** The events of a body that is a stream of server-sent events. */
export async function* serverEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent, void> {
  const decoder = new TextDecoder();
  const ready: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => ready.push({ id: id ?? null, kind: event ?? "message", data: JSON.parse(data) as unknown }),
  });
  for await (const piece of body) {
    parser.feed(decoder.decode(piece, { stream: true }));
    yield* ready.splice(0);
  }
}

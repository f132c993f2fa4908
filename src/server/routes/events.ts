import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { EventLog, NumberedEvent } from "../../fleet/event-log.ts";
import type { Clock } from "../../ports/clock.ts";
import { SSE, sendStream } from "../send-stream.ts";
import type { ServerContext } from "../server-context.ts";

/** A comment of so few bytes keeps proxies from closing what is quiet. */
const HEARTBEAT_MS = 15_000;

const Resume = Type.Object({
  "last-event-id": Type.Optional(
    Type.String({ pattern: "^[0-9]{1,15}$", description: "The last event that was seen; the kept ones behind it come first." }),
  ),
});

export const eventRoutes =
  ({ fleet, env, draining }: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const schema = {
      operationId: "streamEvents",
      summary: "What happens to pipelines, as server-sent events",
      headers: Resume,
      produces: [SSE],
      response: {
        200: Type.String({ description: "`event:` is the kind, `data:` JSON. `gap` says how many events are not kept any more." }),
      },
    };
    scope.get("/events", { schema }, (request, reply) => {
      const seen = request.headers["last-event-id"];
      const from = seen === undefined ? fleet.events.last : Number(seen);
      sendStream(reply, SSE, draining, (signal) => serverSent(fleet.events, from, env.clock, signal));
    });
  };

/** A reader that falls behind what is kept is told how much it missed; nothing is queued for it. */
async function* serverSent(events: EventLog, from: number, clock: Clock, signal: AbortSignal): AsyncGenerator<string> {
  let seen = from;
  yield `retry: 2000\n\n`;
  while (!signal.aborted) {
    const { missed, next } = events.after(seen);
    if (missed > 0) yield `event: gap\ndata: ${JSON.stringify({ missed })}\n\n`;
    for (const event of next) {
      yield written(event);
      seen = event.id;
    }
    if (next.length > 0) continue;
    const isQuiet = !(await events.changed(clock, HEARTBEAT_MS, signal));
    if (isQuiet && !signal.aborted) yield ": quiet\n\n";
  }
}

function written({ id, at, event: { kind, ...rest } }: NumberedEvent): string {
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ at, ...rest })}\n\n`;
}

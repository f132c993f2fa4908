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

const Chosen = Type.Object({
  pipeline: Type.Optional(Type.String({ description: "Only of this one." })),
  from: Type.Optional(Type.Literal("earliest", { description: "Those that are kept come first. Left out: from now on." })),
  follow: Type.Boolean({ default: true, description: "Goes on after those that are kept." }),
});

export const eventRoutes =
  ({ fleet, env, draining }: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const schema = {
      operationId: "streamEvents",
      summary: "What happens to pipelines, as server-sent events",
      headers: Resume,
      querystring: Chosen,
      produces: [SSE],
      response: {
        200: Type.String({ description: "`event:` is the kind, `data:` JSON. `gap` says how many events are not kept any more." }),
      },
    };
    scope.get("/events", { schema }, (request, reply) => {
      const { pipeline = null, from, follow } = request.query;
      const seen = request.headers["last-event-id"];
      const after = seen !== undefined ? Number(seen) : from === "earliest" ? fleet.events.first - 1 : fleet.events.last;
      sendStream(reply, SSE, { draining, env }, (signal) => serverSent(fleet.events, { after, pipeline, follow }, env.clock, signal));
    });
  };

/** A reader that falls behind what is kept is told how much it missed; nothing is queued for it. */
async function* serverSent(
  events: EventLog,
  { after, pipeline, follow }: { readonly after: number; readonly pipeline: string | null; readonly follow: boolean },
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let seen = after;
  yield `retry: 2000\n\n`;
  while (!signal.aborted) {
    const { missed, next } = events.after(seen);
    if (missed > 0) yield `event: gap\ndata: ${JSON.stringify({ missed })}\n\n`;
    for (const numbered of next) {
      if (pipeline === null || numbered.event.pipeline === pipeline) yield written(numbered);
      seen = numbered.id;
    }
    if (next.length > 0) continue;
    if (!follow) return;
    const isQuiet = !(await events.changed(clock, HEARTBEAT_MS, signal));
    if (isQuiet && !signal.aborted) yield ": quiet\n\n";
  }
}

function written({ id, at, event: { kind, ...rest } }: NumberedEvent): string {
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ at, ...rest })}\n\n`;
}

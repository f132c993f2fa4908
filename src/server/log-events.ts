import type { FastifyBaseLogger } from "fastify";
import type { EventLog, FleetEvent } from "../fleet/event-log.ts";
import type { Clock } from "../ports/clock.ts";

/** How long nobody looks whether it is over. */
const PATIENCE_MS = 60_000;

/** Writes what happens to pipelines into the log, with `pipeline` and `statement`, until the signal is aborted and all is written. */
export async function logEvents(events: EventLog, logger: FastifyBaseLogger, clock: Clock, signal: AbortSignal): Promise<void> {
  let seen = events.last;
  while (true) {
    const { missed, next } = events.after(seen);
    if (missed > 0) logger.warn({ missed }, "events came faster than they were logged");
    for (const { event } of next) log(logger, event);
    seen = events.last;
    if (signal.aborted) return;
    await events.changed(clock, PATIENCE_MS, signal);
  }
}

function log(logger: FastifyBaseLogger, event: FleetEvent): void {
  const { kind, pipeline } = event;
  switch (kind) {
    case "deployed":
    case "changed":
    case "dropped":
      logger.info({ pipeline, by: event.by, generation: event.generation }, kind);
      break;
    case "state":
      logger[event.state === "failed" ? "error" : "info"]({ pipeline, state: event.state }, `is ${event.state}`);
      break;
    case "trouble":
      logger.warn({ pipeline, subject: event.subject }, event.message);
      break;
    case "notice":
      logger.info({ pipeline, statement: event.statement }, event.message);
      break;
    case "failed":
    case "statement-failed":
    case "skipped":
    case "late": {
      const { message, stack, ...error } = event.error;
      const known = Object.fromEntries(Object.entries(error).filter(([, value]) => value !== null));
      // Of what is outside, a stack says nothing.
      const where = error.code === "INTERNAL" ? { stack } : {};
      logger[kind === "skipped" || kind === "late" ? "warn" : "error"]({ pipeline, ...known, ...where }, `${kind}: ${message}`);
    }
  }
}

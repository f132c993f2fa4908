import { SluiceError } from "../errors.ts";
import { Outbox, type OutboxOptions } from "./outbox.ts";
import type { StatementCounters } from "./protocol.ts";
import { sendingOf } from "./sending.ts";
import type { StatementTaskOptions } from "./task-options.ts";

/** The outbox of a task, which goes on counting where it was. */
export function newTaskOutbox(
  options: StatementTaskOptions,
  counters: StatementCounters,
  told: Pick<OutboxOptions, "onFailed" | "onDurable">,
): Outbox {
  const { plan, topic, pipeline, partition, generation, route, deadLetterRoute, lateRoute, checkpoints, events } = options;
  const { name: statement } = plan.statement;
  const { sent, written, superseded, rejected } = counters;
  const onSkipped: OutboxOptions["onSkipped"] = (offset, { code, message }) => {
    events.skipped(statement, new SluiceError(code, message, { coordinates: { statement, topic, partition, offset } }));
  };
  const origin = { pipeline, statement, partition, generation };
  return new Outbox(
    { sending: sendingOf(plan), origin, topic, route, deadLetterRoute, lateRoute, checkpoints, onSkipped, ...told },
    { sent, written, superseded, rejected },
  );
}

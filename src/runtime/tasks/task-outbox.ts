import { SluiceError } from "../../errors.ts";
import { isTransactional, writtenName } from "../../plan/pipeline-plan.ts";
import type { StatementCounters } from "../protocol.ts";
import { Outbox, type OutboxOptions } from "../routes/outbox.ts";
import { sendingOf } from "../routes/sending.ts";
import { sentTo } from "./kept-change.ts";
import type { StatementTaskOptions } from "./task-options.ts";

/** The outbox of a task, which goes on counting where it was. */
export function newTaskOutbox(
  options: StatementTaskOptions,
  counters: StatementCounters,
  told: Pick<OutboxOptions, "onFailed" | "onDurable" | "letters" | "budget">,
): Outbox {
  const {
    plan,
    topic,
    pipeline,
    partition,
    generation,
    route,
    deadLetterRoute,
    lateRoute,
    recordsAt = null,
    checkpoints,
    events,
  } = options;
  const { name } = plan.statement;
  const statement = writtenName(plan);
  const { sent, written, superseded, rejected } = counters;
  const onSkipped: OutboxOptions["onSkipped"] = (offset, { code, message }) => {
    events.skipped(statement, new SluiceError(code, message, { coordinates: { statement, topic, partition, offset } }));
  };
  const origin = { pipeline, statement: name, partition, generation };
  return new Outbox(
    {
      sending: sendingOf(plan),
      origin,
      statement,
      topic,
      route,
      deadLetterRoute,
      lateRoute,
      sentTo: { target: sentTo(plan, "target"), late: sentTo(plan, "late") },
      recordsAt,
      checkpoints,
      isTransactional: isTransactional(plan),
      onSkipped,
      ...told,
    },
    { sent, written, superseded, rejected },
  );
}

import { Type } from "typebox";
import { Value } from "typebox/value";
import { COUNTER_NAMES } from "../runtime/counters.ts";
import { STATEMENT_STATES } from "../runtime/protocol.ts";
import { PIPELINE_STATES } from "./pipeline-status.ts";
import type { ServerStatus } from "./shared-status.ts";

/** Raised with a change that an older release would take for something else; what only comes to it needs no other one. */
const FORMAT = 1;

const Text = Type.Union([Type.String(), Type.Null()]);
const Amount = Type.Union([Type.Number(), Type.Null()]);

const Report = {
  code: Type.String(),
  message: Type.String(),
  hint: Text,
  statement: Text,
  topic: Text,
  partition: Amount,
  offset: Amount,
  stack: Text,
};
const Failures = Type.Array(Type.Object({ ...Report, at: Type.String() }));
const Counter = Type.Number();
const Counters = Type.Object(
  Object.fromEntries(COUNTER_NAMES.map((name) => [name, Counter])) as Record<(typeof COUNTER_NAMES)[number], typeof Counter>,
);
const TaskState = Type.Enum([...STATEMENT_STATES]);

const Partition = Type.Object({
  topic: Type.String(),
  partition: Type.Number(),
  state: TaskState,
  generation: Type.Number(),
  position: Type.Number(),
  durable: Type.Number(),
  lag: Type.Number(),
  counters: Counters,
  recordTimeMs: Amount,
  streamTimeMs: Amount,
  stateBytes: Type.Number(),
  error: Type.Union([Type.Object(Report), Type.Null()]),
});

const StatementStatus = Type.Object({
  name: Type.String(),
  target: Type.String(),
  state: TaskState,
  counters: Counters,
  lag: Type.Number(),
  partitions: Type.Array(Partition),
});

const PipelineRecord = Type.Object({
  format: Type.Literal(FORMAT),
  generation: Type.Number(),
  status: Type.Object({
    state: Type.Enum([...PIPELINE_STATES]),
    since: Type.String(),
    waitingFor: Type.Array(Type.String()),
    messages: Type.Number(),
    bytes: Type.Number(),
    messagesPerSecond: Type.Number(),
    statements: Type.Array(StatementStatus),
    failures: Failures,
    skipped: Failures,
    late: Failures,
    troubles: Type.Record(Type.String(), Type.String()),
    unavailable: Type.Array(Type.String()),
    restarts: Type.Number(),
  }),
});

type ToldRecord = Omit<ServerStatus, "server">;

/** As it is told to other servers; equal texts are equal standings. */
export function writeRecord({ generation, status }: ToldRecord): string {
  const { state, since, waitingFor, messages, bytes, messagesPerSecond, failures, skipped, late, troubles, unavailable, restarts } = status;
  const statements = status.statements.map(({ name, target, state, counters, lag, partitions }) => {
    return { name, target, state, counters, lag, partitions };
  });
  const totals = { messages, bytes, messagesPerSecond };
  const told = { state, since, waitingFor, ...totals, statements, failures, skipped, late, troubles, unavailable, restarts };
  return JSON.stringify({ format: FORMAT, generation, status: told });
}

/** What another server has told; a text says why it cannot be taken. */
export function readRecord(text: string): ToldRecord | string {
  const value = parsed(text);
  if (Value.Check(PipelineRecord, value)) return { generation: value.generation, status: value.status as ToldRecord["status"] };
  const format = (value as { readonly format?: unknown } | null | undefined)?.format;
  return typeof format === "number" && format !== FORMAT ? `has the format ${format}, not ${FORMAT}` : "is no record of a pipeline";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

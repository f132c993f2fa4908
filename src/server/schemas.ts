import { type Static, type TSchema, Type } from "typebox";
import { PIPELINE_STATES } from "../fleet/pipeline-status.ts";
import { COUNTER_NAMES } from "../runtime/counters.ts";
import { STATEMENT_STATES } from "../runtime/protocol.ts";

/** What requests and answers look like; OpenAPI shows them by their names. */

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Time = Type.String({ format: "date-time", description: "ISO 8601, UTC." });

export const Diagnostic = Type.Object(
  {
    severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
    code: Type.String(),
    message: Type.String(),
    hint: Nullable(Type.String()),
    line: Type.Integer({ minimum: 1 }),
    column: Type.Integer({ minimum: 1 }),
    endLine: Type.Integer({ minimum: 1 }),
    endColumn: Type.Integer({ minimum: 1 }),
  },
  { $id: "Diagnostic" },
);

export const ErrorReport = Type.Object({
  code: Type.String(),
  message: Type.String(),
  hint: Nullable(Type.String()),
  statement: Nullable(Type.String()),
  topic: Nullable(Type.String()),
  partition: Nullable(Type.Integer()),
  offset: Nullable(Type.Integer()),
  stack: Nullable(Type.String()),
});

const Failure = Type.Object({
  at: Time,
  ...ErrorReport.properties,
  server: Type.Optional(Type.String({ description: "On which of the servers that share the catalog." })),
});

export const Count = Type.Integer({ minimum: 0 });

export const StatementState = Type.String({ enum: [...STATEMENT_STATES] });

const StatementStatus = Type.Object({
  name: Type.String(),
  target: Type.String(),
  state: StatementState,
  lag: Type.Integer({ minimum: 0, description: "Records between its position and the ends of its topic's partitions." }),
  lagSeconds: Nullable(Type.Number({ minimum: 0, description: "Age of the last record taken, where it is furthest behind." })),
  watermarkDelaySeconds: Nullable(
    Type.Number({ minimum: 0, description: "How far event time is behind the clock; null: it goes by none." }),
  ),
  counters: Type.Object(
    Object.fromEntries(COUNTER_NAMES.map((name) => [name, Count])) as Record<(typeof COUNTER_NAMES)[number], typeof Count>,
    {
      description:
        "Since the beginning of its state: in = applied + filtered + late + deadLettered, sent = written + superseded + rejected.",
    },
  ),
});

export const PlanNode = Type.Object(
  { step: Type.String(), detail: Type.String(), inputs: Type.Array(Type.Ref("PlanNode"), { description: "What it gets its rows from." }) },
  { $id: "PlanNode" },
);

const PipelineState = Type.String({ enum: [...PIPELINE_STATES] });

export const PipelineStatus = Type.Object(
  {
    state: PipelineState,
    since: Time,
    waitingFor: Type.Array(Type.String(), { description: "Source topics that do not exist yet." }),
    messages: Count,
    bytes: Count,
    messagesPerSecond: Count,
    statements: Type.Array(StatementStatus),
    failures: Type.Array(Failure),
    skipped: Type.Array(Failure),
    late: Type.Array(Failure, { description: "Records that came when all their windows were closed: samples." }),
    unavailable: Type.Array(Type.String(), { description: "Statements whose target does not take what is sent to it." }),
    troubles: Type.Record(Type.String(), Type.String(), { description: "What is being retried, by subject." }),
    diagnostics: Type.Array(Type.Ref("Diagnostic")),
    restarts: Count,
    servers: Type.Array(Type.Object({ server: Type.String(), state: PipelineState, since: Time }), {
      description: "Those that share the catalog, each of which runs it on some of its partitions; empty: there is but one.",
    }),
  },
  { $id: "PipelineStatus" },
);

export const Labels = Type.Record(Type.String({ minLength: 1, maxLength: 63 }), Type.String({ maxLength: 255 }), { maxProperties: 64 });

export const DesiredState = Type.Union([Type.Literal("running"), Type.Literal("paused")]);

export const Pipeline = Type.Object(
  {
    name: Type.String(),
    text: Type.String({ description: "SQL, as submitted." }),
    version: Type.String({ description: "Of the canonical text: equal versions are the same statements." }),
    labels: Labels,
    desired: DesiredState,
    generation: Type.Integer({ description: "Of the catalog, at the pipeline's last change; its ETag." }),
    changedAt: Time,
    changedBy: Type.String(),
    status: Type.Ref("PipelineStatus"),
  },
  { $id: "Pipeline" },
);
export type PipelineStatus = Given<Omit<Static<typeof PipelineStatus>, "diagnostics"> & { diagnostics: Static<typeof Diagnostic>[] }>;
export type Pipeline = Given<Omit<Static<typeof Pipeline>, "status">> & { readonly status: PipelineStatus };

/** As it is given away: nobody changes it. */
type Given<T> = T extends (infer Item)[] ? readonly Given<Item>[] : T extends object ? { readonly [Key in keyof T]: Given<T[Key]> } : T;

import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import { CHANGE_CLASSES } from "../../fleet/classify-change.ts";
import type { ChangePlan } from "../../fleet/plan-changes.ts";
import type { PlanRequest } from "../../fleet/plan-request.ts";
import { applyRequest, planRequest } from "../../fleet/version-control.ts";
import { LIMITS } from "../../limits.ts";
import { PIPELINE_NAME, PIPELINE_NAME_LENGTH_MAX } from "../../project/pipeline-files.ts";
import { DesiredState, Labels, Nullable } from "../schemas.ts";
import type { ServerContext } from "../server-context.ts";

const closed = { additionalProperties: false };
const Name = Type.String({ pattern: PIPELINE_NAME.source, maxLength: PIPELINE_NAME_LENGTH_MAX });
const Begin = Type.Union([Type.Literal("here"), Type.Literal("earliest")]);

const Wanted = Type.Object(
  {
    name: Name,
    sql: Type.String(),
    labels: Type.Optional(Labels),
    onChange: Type.Optional(Type.Union([Begin, Type.Null()], { description: "Where statements begin whose state does not fit." })),
    protected: Type.Optional(Type.Boolean({ description: "A plan that would drop it is refused." })),
  },
  closed,
);

const request = {
  owner: Type.String({ pattern: "^[\\w./-]{1,200}$", description: "Pipelines of another owner, or of none, are left alone." }),
  pipelines: Type.Array(Wanted, { description: "All that there are to be." }),
  begin: Type.Optional(
    Type.Record(Type.String({ maxLength: 500 }), Begin, {
      description: "Where statements begin whose state does not fit: by pipeline/statement, by statement or by pipeline.",
    }),
  ),
  targets: Type.Optional(Type.Array(Name, { description: "The pipelines that it is about; all where it is left out." })),
  allow: Type.Optional(Type.Array(Type.Literal("destructive"))),
  strict: Type.Optional(Type.Boolean({ description: "Source topics must exist." })),
};

const EXAMPLE = {
  owner: "shop",
  pipelines: [{ name: "hot", sql: "INSERT INTO hot SELECT * FROM readings WHERE temperature > 28 PK id;", labels: { team: "sensors" } }],
};

const PlanBody = Type.Object(request, { ...closed, examples: [EXAMPLE] });
const ApplyBody = Type.Object(
  {
    ...request,
    digest: Type.Optional(Type.String({ description: "Of the plan that is agreed to: refused where it would be another one by now." })),
  },
  { ...closed, examples: [EXAMPLE] },
);

const words = (...all: readonly string[]) => Type.String({ enum: [...all] });

const StatementChange = Type.Object({
  statement: Type.String(),
  class: words(...CHANGE_CLASSES),
  positions: words("kept", "dropped", "earliest", "latest", "time", "undecided"),
  state: words("kept", "dropped", "none", "undecided"),
  choices: Type.Array(Begin),
  why: Type.String(),
});

const Live = Type.Object({ generation: Type.Integer(), changedAt: Type.String(), changedBy: Type.String(), desired: DesiredState });

export const PlanAnswer = Type.Object(
  {
    generation: Type.Integer({ description: "Of the catalog that it was made for." }),
    digest: Type.String({ description: "Of all pipelines as they are and of all that would be done." }),
    owner: Type.String(),
    class: words(...CHANGE_CLASSES),
    changes: Type.Array(
      Type.Object({
        pipeline: Type.String(),
        action: words("create", "update", "drop", "none"),
        class: words(...CHANGE_CLASSES),
        statements: Type.Array(StatementChange),
        notes: Type.Array(Type.String()),
        restarts: Type.Boolean({ description: "Whether it stops and starts." }),
        diff: Type.String({ description: "Unified, from what runs to what was sent, of the formatted texts." }),
        refusal: Nullable(Type.String({ description: "Why it cannot be applied." })),
        live: Nullable(Live),
      }),
      { description: "In the order in which they are done." },
    ),
    unmanaged: Type.Array(Type.Object({ pipeline: Type.String(), owner: Nullable(Type.String()) })),
  },
  { $id: "Plan" },
);

/** What would change, and changing it: all or nothing. */
export const planRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const bodyLimit = LIMITS.planBytesMax;

    const plan = {
      operationId: "planChanges",
      summary: "What would change if these were the pipelines of their owner, and what becomes of positions and state",
      body: PlanBody,
      response: { 200: Type.Ref("Plan") },
    };
    scope.post("/plan", { schema: plan, bodyLimit, config: { role: "viewer" } }, async ({ body }) => {
      return answer(await planRequest(context, wantedBy(body), { strict: body.strict ?? false }));
    });

    const apply = {
      operationId: "applyChanges",
      summary: "Makes these the pipelines of their owner: all of it, or nothing where anything is refused",
      body: ApplyBody,
      response: { 200: Type.Ref("Plan"), 409: Type.Ref("Problem") },
    };
    scope.post("/apply", { schema: apply, bodyLimit }, async ({ body, principal }) => {
      const { strict = false, digest = null } = body;
      return answer(await applyRequest(context, wantedBy(body), { by: principal.name, digest, strict }));
    });
  };

/** What a client sends. */
export type PlanBody = Static<typeof PlanBody>;

/** What it asks for. */
export function wantedBy({ owner, pipelines, begin = {}, targets, allow = [] }: PlanBody): PlanRequest {
  return {
    owner,
    pipelines: pipelines.map(({ name, sql, labels = {}, onChange = null, protected: isProtected = false }) => {
      return { name, text: sql, labels, onChange, isProtected };
    }),
    begin,
    targets: targets ?? null,
    allow,
  };
}

function answer({ apply: _, ...plan }: ChangePlan): Static<typeof PlanAnswer> {
  return plan as unknown as Static<typeof PlanAnswer>;
}

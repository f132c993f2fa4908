import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import type { SharedFailure, SharedStatus } from "../../fleet/shared-status.ts";
import { explainPipeline } from "../../plan/explain.ts";
import type { ErrorReport as Report } from "../../runtime/protocol.ts";
import { existing, PipelineParams, planned } from "../pipeline-resource.ts";
import { Count, ErrorReport, Nullable, StatementState } from "../schemas.ts";
import type { ServerContext } from "../server-context.ts";

export const Task = Type.Object({
  statement: Type.String(),
  topic: Type.String(),
  partition: Count,
  state: StatementState,
  position: Nullable(Type.Integer({ description: "The next offset that it takes; null: it could not begin." })),
  durable: Nullable(Type.Integer({ description: "Where it would go on after a crash." })),
  lag: Nullable(Count),
  lastError: Nullable(ErrorReport),
  server: Nullable(Type.String({ description: "Which of the servers that share the catalog has it; null: there is but one." })),
});

export type Task = Static<typeof Task>;

const FAULTS = { 400: Type.Ref("Problem"), 404: Type.Ref("Problem") };

/** How a pipeline stands in detail, and what it does. */
export const pipelineInsightRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const params = PipelineParams;

    const tasks = {
      operationId: "listTasks",
      summary: "Each statement on each partition: state, position, lag, last error with its record",
      params,
      response: { 200: Type.Object({ pipeline: Type.String(), state: Type.String(), items: Type.Array(Task) }), ...FAULTS },
    };
    scope.get("/pipelines/:name/tasks", { schema: tasks }, async ({ params: { name } }) => {
      existing(context, name);
      const status = context.statuses.status(name) as SharedStatus;
      return { pipeline: name, state: status.state, items: tasksOf(status) };
    });

    const plan = {
      operationId: "getPipelinePlan",
      summary: "Its plan as a graph: a tree for each statement, from its target to the poll of its topic",
      params,
      response: { 200: Type.Array(Type.Ref("PlanNode")), ...FAULTS, 422: Type.Ref("Problem") },
    };
    scope.get(
      "/pipelines/:name/plan",
      { schema: plan },
      async ({ params: { name } }) =>
        // biome-ignore lint/suspicious/noExplicitAny: the schema refers to itself, which its type cannot
        explainPipeline(planned(context, existing(context, name))) as any,
    );
  };

function tasksOf({ statements, failures }: SharedStatus): readonly Task[] {
  const running = statements.flatMap(({ name, partitions }) =>
    partitions.map(({ topic, partition, state, position, durable, lag, error, server = null }) => {
      const lastError = error ?? failureAt(failures, name, topic, partition);
      return { statement: name, topic, partition, state: state as string, position, durable, lag, lastError, server };
    }),
  );
  // What could not begin there has no position; a member of a UNION ALL fails under a name of its own.
  const isShown = ({ statement, topic, partition, message }: Report): boolean =>
    running.some(
      (task) =>
        task.topic === topic && task.partition === partition && (task.statement === statement || task.lastError?.message === message),
    );
  const missing = failures.flatMap((failure) => {
    const { statement, topic, partition, server = null } = failure;
    if (statement === null || topic === null || partition === null || isShown(failure)) return [];
    return [{ statement, topic, partition, state: "failed", position: null, durable: null, lag: null, lastError: failure, server }];
  });
  const latest = new Map(missing.map((task) => [JSON.stringify([task.statement, task.topic, task.partition]), task]));
  return [...running, ...latest.values()];
}

function failureAt(failures: readonly SharedFailure[], statement: string, topic: string, partition: number): Report | null {
  return failures.findLast((one) => one.statement === statement && one.topic === topic && one.partition === partition) ?? null;
}

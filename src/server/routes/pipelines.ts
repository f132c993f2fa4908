import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { etagOf, existing, PipelineParams, shown } from "../pipeline-resource.ts";
import type { ServerContext } from "../server-context.ts";

const Page = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  after: Type.Optional(Type.String({ description: "The `next` of the page before." })),
});

const FAULTS = { 400: Type.Ref("Problem"), 404: Type.Ref("Problem") };

const ACTIONS = [
  ["pause", "Drains it and keeps its positions; it stays paused over restarts", { kind: "desire", desired: "paused" }],
  ["resume", "Runs it again from its positions", { kind: "desire", desired: "running" }],
  ["restart", "Stops and starts it, also where it was given up after a failure", { kind: "restart" }],
] as const;

/** Looking at pipelines, and operating them. */
export const pipelineRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const { deployments } = context;
    const params = PipelineParams;

    const list = {
      operationId: "listPipelines",
      summary: "Pipelines by name, page by page",
      querystring: Page,
      response: {
        200: Type.Object({ items: Type.Array(Type.Ref("Pipeline")), next: Type.Union([Type.String(), Type.Null()]) }),
        400: FAULTS[400],
      },
    };
    scope.get("/pipelines", { schema: list }, async ({ query: { limit, after = "" } }) => {
      const behind = deployments.list().filter(({ name }) => name > after);
      const page = behind.slice(0, limit);
      return {
        items: page.map((deployment) => shown(deployment, context)),
        next: behind.length > limit ? (page.at(-1)?.name ?? null) : null,
      };
    });

    const get = { operationId: "getPipeline", summary: "One pipeline", params, response: { 200: Type.Ref("Pipeline"), ...FAULTS } };
    scope.get("/pipelines/:name", { schema: get }, async ({ params: { name } }, reply) => {
      const deployment = existing(context, name);
      reply.header("etag", etagOf(deployment));
      return shown(deployment, context);
    });

    for (const [action, summary, change] of ACTIONS) {
      const schema = { operationId: `${action}Pipeline`, summary, params, response: { 202: Type.Ref("Pipeline"), ...FAULTS } };
      scope.post(`/pipelines/:name/${action}`, { schema, config: { role: "operator" } }, async ({ params: { name }, principal }, reply) => {
        existing(context, name);
        await deployments.change([{ ...change, name }], { by: principal.name });
        return reply.code(202).send(shown(existing(context, name), context));
      });
    }
  };

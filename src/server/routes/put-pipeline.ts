import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { hasErrors } from "../../analyze/reporter.ts";
import { must } from "../../assert.ts";
import { diagnosticsJson } from "../../project/diagnostics-json.ts";
import { analyzeText, type Project } from "../../project/project.ts";
import { Conditions, etagOf, existing, PipelineParams, seenGeneration, shown } from "../pipeline-resource.ts";
import { problem, statementProblem } from "../problem.ts";
import { DesiredState, Labels } from "../schemas.ts";
import type { ServerContext } from "../server-context.ts";

const Put = Type.Object(
  { sql: Type.String(), labels: Type.Optional(Labels), desired: Type.Optional(DesiredState) },
  {
    additionalProperties: false,
    examples: [{ sql: "INSERT INTO hot SELECT id, temperature FROM readings WHERE temperature > 28 PK id;", labels: { team: "sensors" } }],
  },
);

const Dropping = Type.Object({
  keepState: Type.Boolean({ default: false, description: "Positions and state stay: the next pipeline of that name goes on from them." }),
  purge: Type.Boolean({ default: false, description: "Its consumer group and the index templates of its targets go as well." }),
});

const REFUSED = { 400: Type.Ref("Problem"), 409: Type.Ref("Problem"), 412: Type.Ref("Problem"), 422: Type.Ref("Problem") };

/** Making, replacing and dropping pipelines. */
export const putPipelineRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const { deployments, project } = context;
    const name = PipelineParams;

    const put = {
      operationId: "putPipeline",
      summary: "Makes or replaces a pipeline; the same text again changes nothing",
      params: name,
      headers: Conditions,
      consumes: ["application/json", "application/sql"],
      body: Type.Union([Put, Type.String()]),
      response: { 200: Type.Ref("Pipeline"), 201: Type.Ref("Pipeline"), ...REFUSED },
    };
    scope.put("/pipelines/:name", { schema: put }, async ({ params, headers, body, principal }, reply) => {
      const { sql, ...rest } = typeof body === "string" ? { sql: body } : body;
      refuseFaulty(project, params.name, sql);
      const seen = seenGeneration(context, params.name, headers);
      const [changed] = await deployments.change([{ kind: "put", name: params.name, text: sql, ...rest, ...seen }], { by: principal.name });
      const { before, after } = must(changed, "the change");
      const deployment = must(after, "what was put");
      reply.code(before === null ? 201 : 200).header("etag", etagOf(deployment));
      return shown(deployment, context);
    });

    const drop = {
      operationId: "deletePipeline",
      summary: "Drains and drops a pipeline, with its positions and state; what it wrote stays",
      params: name,
      querystring: Dropping,
      headers: Conditions,
      response: { 204: Type.Null(), 404: Type.Ref("Problem"), ...REFUSED },
    };
    scope.delete("/pipelines/:name", { schema: drop }, async ({ params, query: { keepState, purge }, headers, principal }, reply) => {
      existing(context, params.name);
      if (keepState && purge) throw problem(422, "REQUEST_INVALID", "keepState and purge exclude each other", "leave one of them out");
      const seen = seenGeneration(context, params.name, headers);
      await deployments.change([{ kind: "drop", name: params.name, keepState, purge, ...seen }], { by: principal.name });
      return reply.code(204).send(null);
    });
  };

function refuseFaulty(project: Project, name: string, text: string): void {
  const { diagnostics, pipeline } = analyzeText(project, name, text);
  if (hasErrors(diagnostics)) throw statementProblem(diagnosticsJson({ text, diagnostics }));
  if (pipeline === null || pipeline.statements.length === 0) {
    throw problem(422, "STATEMENT_INVALID", "there is no INSERT in it, so nothing would run", "a SELECT runs by POST /v1/query");
  }
}

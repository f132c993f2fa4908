import { Type } from "typebox";
import { nearest } from "../../grammar/nearest.ts";
import { didYouMean } from "../analyze/reporter.ts";
import type { Deployment } from "../fleet/deployment.ts";
import type { PipelinePlan } from "../plan/pipeline-plan.ts";
import { planPipeline } from "../plan/plan-pipeline.ts";
import { diagnosticsJson } from "../project/diagnostics-json.ts";
import { PIPELINE_NAME, PIPELINE_NAME_LENGTH_MAX } from "../project/pipeline-files.ts";
import { analyzeText } from "../project/project.ts";
import { type HttpProblem, problem, statementProblem } from "./problem.ts";
import type { Pipeline } from "./schemas.ts";
import type { ServerContext } from "./server-context.ts";
import { lagSeconds, watermarkDelaySeconds, worst } from "./standings.ts";

export const PipelineName = Type.String({ pattern: PIPELINE_NAME.source, maxLength: PIPELINE_NAME_LENGTH_MAX });

/** Of `/pipelines/:name`. */
export const PipelineParams = Type.Object({ name: PipelineName });

export const Conditions = Type.Object({
  "if-match": Type.Optional(Type.String({ description: "The ETag that the pipeline was seen with." })),
  "if-none-match": Type.Optional(Type.String({ description: "`*`: only where there is none of that name." })),
});

/** Throws a 404. */
export function existing({ deployments }: ServerContext, name: string): Deployment {
  const deployment = deployments.get(name);
  if (deployment === null) {
    const meant = nearest(
      name,
      deployments.list().map((one) => one.name),
    );
    throw unknownPipeline(name, didYouMean(meant));
  }
  return deployment;
}

/** Throws a 422 where its text has errors: the configuration may have changed since it was deployed. */
export function planned({ project }: ServerContext, { name, text }: Deployment): PipelinePlan {
  const { pipeline, diagnostics } = analyzeText(project, name, text);
  if (pipeline === null) throw statementProblem(diagnosticsJson({ text, diagnostics }));
  return planPipeline(pipeline, { keepState: true });
}

export function etagOf({ generation }: Deployment): string {
  return `"${generation}"`;
}

/** The generation that a request was made for, of its conditional headers. Throws a 412. */
export function seenGeneration(
  { deployments }: ServerContext,
  name: string,
  headers: { readonly "if-match"?: string; readonly "if-none-match"?: string },
): { readonly at?: number | null } {
  const now = deployments.get(name);
  if (headers["if-none-match"] === "*") {
    if (now !== null) throw problem(412, "CATALOG_CHANGED", `there is a pipeline '${name}' already`);
    return { at: null };
  }
  const seen = headers["if-match"];
  if (seen === undefined) return {};
  const isMet = now !== null && (seen === "*" || seen.split(",").some((etag) => etag.trim() === etagOf(now)));
  if (isMet) return { at: now.generation };
  throw problem(412, "CATALOG_CHANGED", `the pipeline '${name}' is not the one of ${seen} any more`, "read it again, then change that");
}

/** A deployment and how it stands. */
export function shown(deployment: Deployment, { statuses, env }: ServerContext): Pipeline {
  const { beginnings: _, epoch: _epoch, restarted: _restarted, ...rest } = deployment;
  const status = statuses.status(deployment.name);
  if (status === null) throw unknownPipeline(deployment.name);
  const diagnostics = diagnosticsJson({ text: deployment.text, diagnostics: status.diagnostics });
  const nowMs = env.clock.now();
  const statements = status.statements.map((statement) => ({
    ...statement,
    lagSeconds: worst(statement, lagSeconds, nowMs),
    watermarkDelaySeconds: worst(statement, watermarkDelaySeconds, nowMs),
  }));
  return { ...rest, status: { ...status, statements, diagnostics } } as Pipeline;
}

function unknownPipeline(name: string, meant: string | null = null): HttpProblem {
  return problem(404, "PIPELINE_UNKNOWN", `there is no pipeline '${name}'`, meant ?? "sluice list and GET /v1/pipelines list them");
}

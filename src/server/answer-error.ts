import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { HttpProblem, PROBLEM_TYPE, type ProblemItem, problem, problemBody, problemOf } from "./problem.ts";

/** Every answer that is no success goes through here, or is one of `broken-request.ts`. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const found = problemOf(error) ?? fastifyProblem(error);
  // A defect is looked for in the log; of what is outside, what it says is enough.
  if (found.status === 500) request.log.error({ err: error }, "request failed");
  else if (found.status > 500) request.log.warn({ status: found.status, problem: found.message }, "request failed");
  request.problemCode = (found.items[0] as ProblemItem).code;
  return reply.code(found.status).type(PROBLEM_TYPE).send(problemBody(found, request.id));
}

/** What Fastify itself refuses, and defects. */
function fastifyProblem(error: FastifyError): HttpProblem {
  if (error.validation !== undefined) {
    const items = error.validation.map(({ instancePath, message }) => ({
      code: "REQUEST_INVALID",
      message: `${error.validationContext ?? "body"}${instancePath}: ${message ?? "is not as it should be"}`,
      hint: "GET /openapi.json says what is taken",
      line: null,
      column: null,
    }));
    return new HttpProblem(400, items as [(typeof items)[number]]);
  }
  const status = error.statusCode ?? 500;
  if (status >= 500) return problem(500, "INTERNAL", "a defect in Sluice itself; the server's log has more of it");
  if (status === 413) return problem(413, "LIMIT_EXCEEDED", "the body is larger than this server takes", "server.limits.body.bytes");
  const hint = status === 415 ? "name what the body is: -H 'content-type: application/sql', or application/json" : null;
  return problem(status, "REQUEST_INVALID", error.message, hint);
}

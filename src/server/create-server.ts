import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { LIMITS } from "../limits.ts";
import { authenticator } from "./auth/authenticate.ts";
import { guard } from "./auth/guard.ts";
import { HttpProblem, PROBLEM_TYPE, Problem, ProblemItem, problem, problemBody, problemOf } from "./problem.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { languageRoutes } from "./routes/language.ts";
import { metricRoutes } from "./routes/metrics.ts";
import { pipelineRoutes } from "./routes/pipelines.ts";
import { putPipelineRoutes } from "./routes/put-pipeline.ts";
import { queryRoutes } from "./routes/query.ts";
import { Diagnostic, Pipeline, PipelineStatus } from "./schemas.ts";
import type { ServerConfig } from "./server-config.ts";
import type { ServerContext } from "./server-context.ts";
import { compileValidator } from "./validator.ts";

export interface CreateServerOptions {
  readonly version: string;
  /** pino's, or one like it; null: nothing is logged. */
  readonly logger: FastifyBaseLogger | null;
  readonly config: ServerConfig;
  /** Files of `config.tls`, read; null: plain HTTP. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer; readonly clientCa: Buffer | null } | null;
}

/** Room for a statement of full length in JSON, where line ends and quotes are escaped. */
const BODY_BYTES_MAX = 2 * LIMITS.statementBytesMax;

/** What a request without a stream may take to arrive. */
const REQUEST_MS_MAX = 30_000;

/** What answers are under way at the end have so long to be taken. */
const LINGER_MS = 1_000;

/** The REST interface; `listen` is the caller's. */
export async function createServer(
  context: ServerContext,
  { version, logger, config, tls }: CreateServerOptions,
): Promise<FastifyInstance> {
  const server = Fastify({
    ...(logger === null ? { logger: false } : { loggerInstance: logger }),
    ...(tls === null ? {} : { https: { cert: tls.cert, key: tls.key, ...clientCertificates(tls.clientCa) } }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    routerOptions: { maxParamLength: 1000 },
    forceCloseConnections: "idle",
    return503OnClosing: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Connections that never asked for anything are not idle for Node, and would hold up the end.
  server.addHook("preClose", async () => {
    setTimeout(() => server.server.closeAllConnections(), LINGER_MS).unref();
  });
  guard(server as unknown as FastifyInstance, authenticator(config.auth), context.env.clock.now);
  server.setValidatorCompiler(compileValidator);
  server.setErrorHandler(answerError);
  server.setNotFoundHandler((request) => {
    throw problem(404, "NOT_FOUND", `there is no ${request.method} ${request.url}`, "GET /openapi.json lists what there is");
  });
  for (const schema of [ProblemItem, Problem, Diagnostic, PipelineStatus, Pipeline]) server.addSchema(schema);
  for (const type of ["application/sql", "text/plain"]) {
    server.addContentTypeParser(type, { parseAs: "string" }, (_request, body, done) => done(null, body));
  }
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Sluice", version, description: "SQL over streams. Errors are RFC 9457 problems; streams are NDJSON or SSE." },
    },
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => String(json["$id"] ?? `schema-${index}`) },
  });
  await server.register(swaggerUi, { routePrefix: "/docs" });
  await server.register(async (scope) => {
    scope.get("/openapi.json", { schema: { hide: true } }, () => server.swagger());
    await scope.register(healthRoutes(context));
    await scope.register(metricRoutes(context));
    await scope.register(eventRoutes(context), { prefix: "/v1" });
    await scope.register(languageRoutes(context), { prefix: "/v1" });
    await scope.register(pipelineRoutes(context), { prefix: "/v1" });
    await scope.register(queryRoutes(context), { prefix: "/v1" });
    await scope.register(putPipelineRoutes(context), { prefix: "/v1" });
  });
  return server as unknown as FastifyInstance;
}

/** Asked for, and not demanded: who has none may come with a token. */
function clientCertificates(ca: Buffer | null) {
  return ca === null ? {} : { ca, requestCert: true, rejectUnauthorized: false };
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const found = problemOf(error) ?? fastifyProblem(error);
  if (found.status >= 500) request.log.error({ err: error }, "request failed");
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
  return problem(status, error.code ?? "REQUEST_INVALID", error.message);
}

import { randomUUID } from "node:crypto";
import swaggerUi from "@fastify/swagger-ui";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { answerError } from "./answer-error.ts";
import type { AuditLog } from "./audit.ts";
import { answerBrokenRequest } from "./broken-request.ts";
import { buildSerializer, compileValidator } from "./compile-schemas.ts";
import { logRequests } from "./log-requests.ts";
import { createMetrics } from "./metrics/create-metrics.ts";
import { describeRoutes } from "./open-api.ts";
import { rememberMethods } from "./other-methods.ts";
import { Problem, ProblemItem, problem } from "./problem.ts";
import { protect } from "./protect.ts";
import { auditRoutes } from "./routes/audit.ts";
import { catalogRoutes } from "./routes/catalog.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { languageRoutes } from "./routes/language.ts";
import { metricRoutes } from "./routes/metrics.ts";
import { pipelineInsightRoutes } from "./routes/pipeline-insight.ts";
import { pipelineRoutes } from "./routes/pipelines.ts";
import { PlanAnswer, planRoutes } from "./routes/plan.ts";
import { putPipelineRoutes } from "./routes/put-pipeline.ts";
import { queryRoutes } from "./routes/query.ts";
import { replayRoutes } from "./routes/replay.ts";
import { StatementResult, statementRoutes } from "./routes/statements.ts";
import { topicRoutes } from "./routes/topics.ts";
import { Diagnostic, Pipeline, PipelineStatus, PlanNode } from "./schemas.ts";
import { BODY_BYTES_MAX, type ServerConfig } from "./server-config.ts";
import type { ServerContext } from "./server-context.ts";

export interface CreateServerOptions {
  readonly version: string;
  /** pino's, or one like it; null: nothing is logged. */
  readonly logger: FastifyBaseLogger | null;
  readonly config: ServerConfig;
  /** Where changes are written down. */
  readonly audit: AuditLog;
  /** Files of `config.tls`, read; null: plain HTTP. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer; readonly clientCa: Buffer | null } | null;
}

/** What a request without a stream may take to arrive. */
const REQUEST_MS_MAX = 30_000;

/** What answers are under way at the end have so long to be taken. */
const LINGER_MS = 1_000;

/** A request without a host is refused in our words, not in Node's. */
const HTTP = { requireHostHeader: false };

/** The REST interface; `listen` is the caller's. */
export async function createServer(
  context: ServerContext,
  { version, logger, config, audit, tls }: CreateServerOptions,
): Promise<FastifyInstance> {
  const server = Fastify({
    ...(logger === null ? { logger: false } : { loggerInstance: logger }),
    ...(tls === null ? { http: HTTP } : { https: { ...HTTP, cert: tls.cert, key: tls.key, ...clientCertificates(tls.clientCa) } }),
    genReqId: () => randomUUID(),
    // `logRequests` does, a line each.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.limits?.["body.bytes"] ?? BODY_BYTES_MAX,
    trustProxy: [...(config.proxies ?? [])],
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerError,
    requestTimeout: REQUEST_MS_MAX,
    routerOptions: { maxParamLength: 1000 },
    schemaController: { compilersFactory: { buildSerializer } },
    forceCloseConnections: "idle",
    // `refuseWhileDraining` does, in our words.
    return503OnClosing: false,
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Connections that never asked for anything are not idle for Node, and would hold up the end.
  server.addHook("preClose", async () => {
    setTimeout(() => server.server.closeAllConnections(), LINGER_MS).unref();
  });
  server.setValidatorCompiler(compileValidator);
  server.setErrorHandler(answerError);
  server.setNotFoundHandler((request) => {
    throw problem(404, "NOT_FOUND", `there is no ${request.method} ${request.url}`, "GET /openapi.json lists what there is");
  });
  logRequests(server as unknown as FastifyInstance);
  const metrics = createMetrics(context, server as unknown as FastifyInstance, version);
  await protect(server as unknown as FastifyInstance, context, { config, audit, isSecure: tls !== null });
  for (const schema of [ProblemItem, Problem, Diagnostic, PipelineStatus, PlanNode, Pipeline, PlanAnswer, StatementResult])
    server.addSchema(schema);
  // What a page of another site may send without asking has no business here.
  server.removeContentTypeParser("text/plain");
  server.addContentTypeParser("application/sql", { parseAs: "string" }, (_request, body, done) => done(null, body));
  await describeRoutes(server as unknown as FastifyInstance, version);
  await server.register(swaggerUi, { routePrefix: "/docs" });
  const refuseOtherMethods = rememberMethods(server as unknown as FastifyInstance);
  await server.register(async (scope) => {
    scope.get("/", { schema: { hide: true }, config: { role: "open" } }, (_request, reply) => reply.redirect("/docs"));
    scope.get("/openapi.json", { schema: { hide: true } }, () => server.swagger());
    await scope.register(healthRoutes(context));
    await scope.register(auditRoutes(audit), { prefix: "/v1" });
    await scope.register(metricRoutes(metrics));
    await scope.register(eventRoutes(context), { prefix: "/v1" });
    await scope.register(languageRoutes(context), { prefix: "/v1" });
    await scope.register(pipelineRoutes(context), { prefix: "/v1" });
    await scope.register(pipelineInsightRoutes(context), { prefix: "/v1" });
    await scope.register(replayRoutes(context), { prefix: "/v1" });
    await scope.register(deadLetterRoutes(context), { prefix: "/v1" });
    await scope.register(planRoutes(context), { prefix: "/v1" });
    await scope.register(queryRoutes(context), { prefix: "/v1" });
    await scope.register(catalogRoutes(context), { prefix: "/v1" });
    await scope.register(topicRoutes(context), { prefix: "/v1" });
    await scope.register(statementRoutes(context), { prefix: "/v1" });
    await scope.register(putPipelineRoutes(context), { prefix: "/v1" });
  });
  refuseOtherMethods();
  return server as unknown as FastifyInstance;
}

/** Asked for, and not demanded: who has none may come with a token. */
function clientCertificates(ca: Buffer | null) {
  return ca === null ? {} : { ca, requestCert: true, rejectUnauthorized: false };
}

import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { PROBLEM_TYPE } from "./problem.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
}

interface Media {
  schema?: Schema;
}

interface Operation {
  parameters?: { readonly in: string; required?: boolean; readonly schema?: { readonly default?: unknown } }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description?: string; content?: Record<string, Media> }>;
  security?: readonly unknown[];
}

const PROBLEM = { $ref: "#/components/schemas/Problem" };

/** What every operation may answer, beside what its route says of itself. */
const REFUSALS = {
  401: "Not authenticated",
  403: "Not allowed",
  429: "Too many requests",
  500: "A defect",
  502: "Refused by an outside system",
  503: "Stopping, or an outside system does not answer",
};
const REFUSALS_OF_INPUT = { 400: "Not what the operation takes" };
const REFUSALS_OF_BODIES = { 413: "Too large", 415: "Of another type", 422: "What it asks for cannot be done" };

/** Groups of operations, by the first part of their paths behind the version. */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  statements: ["statements", "query", "validate", "format", "complete", "hover"],
  pipelines: ["pipelines"],
  "version control": ["plan", "apply"],
  "what there is": ["connections", "topics", "functions", "settings"],
  operations: ["events", "audit", "health", "metrics"],
};

/** Describes the routes that come after it, at /openapi.json: what they say of themselves, and what is so for all of them. */
export async function describeRoutes(server: FastifyInstance, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Sluice", version, description: "SQL over streams. Errors are RFC 9457 problems; streams are NDJSON or SSE." },
      tags: Object.keys(TAGS).map((name) => ({ name })),
      components: {
        securitySchemes: { bearer: { type: "http", scheme: "bearer" }, basic: { type: "http", scheme: "basic" } },
      },
    },
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => String(json["$id"] ?? `schema-${index}`) },
    transform: ({ schema, url, route }) => {
      return { schema: { ...schema, tags: tagsOf(url), security: securityOf(route.config?.role) } as typeof schema, url };
    },
    transformObject: (document) => {
      if (!("openapiObject" in document)) throw new Error("assertion failed: an OpenAPI 3 document");
      const { openapiObject } = document;
      for (const methods of Object.values(openapiObject.paths ?? {})) {
        for (const operation of Object.values(methods as Record<string, Operation>)) complete(operation);
      }
      return openapiObject;
    },
  });
}

function tagsOf(url: string): string[] {
  const [first = ""] = url.replace("/v1", "").slice(1).split("/");
  return Object.keys(TAGS).filter((tag) => TAGS[tag]?.includes(first));
}

/** As far as the server asks at all. */
function securityOf(role: string | undefined) {
  return role === "open" ? [] : [{ bearer: [] }, { basic: [] }];
}

function complete({ parameters = [], requestBody, responses, security = [] }: Operation): void {
  // What has a default may be left out.
  for (const parameter of parameters) if (parameter.schema?.default !== undefined) parameter.required = false;
  if (requestBody !== undefined) splitByType(requestBody.content);
  const hasInput = parameters.length > 0 || requestBody !== undefined;
  const refusals = {
    ...(security.length > 0 ? REFUSALS : {}),
    ...(hasInput ? REFUSALS_OF_INPUT : {}),
    ...(requestBody === undefined ? {} : REFUSALS_OF_BODIES),
  };
  for (const [status, description] of Object.entries(refusals)) responses[status] ??= { description, content: { "": { schema: PROBLEM } } };
  for (const response of Object.values(responses)) {
    const [media] = Object.values(response.content ?? {});
    if (JSON.stringify(media?.schema ?? "").includes(PROBLEM.$ref)) response.content = { [PROBLEM_TYPE]: media as Media };
  }
}

/** A body that is SQL or an object: each is of one media type. */
function splitByType(content: Record<string, Media>): void {
  for (const [type, media] of Object.entries(content)) {
    const { anyOf } = media.schema ?? {};
    const fitting = anyOf?.filter((schema) => (schema.type === "string") === (type === "application/sql"));
    if (fitting?.[0] !== undefined) media.schema = fitting.length === 1 ? fitting[0] : { anyOf: fitting };
  }
}

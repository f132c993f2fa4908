import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { AuditEntry, AuditLog } from "../audit.ts";
import { Nullable } from "../schemas.ts";

const NullableText = Nullable(Type.String());

const Entry = Type.Object({
  at: Type.String({ format: "date-time" }),
  by: NullableText,
  via: NullableText,
  from: Type.String(),
  request: Type.String(),
  operation: NullableText,
  method: Type.String(),
  path: Type.String(),
  sql: NullableText,
  changed: Type.Array(Type.Object({ pipeline: Type.String(), change: Type.String(), generation: Type.Integer() })),
  status: Type.Integer(),
  code: NullableText,
});

const Query = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) });

export const auditRoutes =
  (log: AuditLog): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const schema = {
      operationId: "listAudit",
      summary: "Who changed what, or tried to; the latest first",
      querystring: Query,
      response: { 200: Type.Object({ items: Type.Array(Entry) }), 400: Type.Ref("Problem") },
    };
    scope.get("/audit", { schema, config: { role: "admin" } }, async ({ query: { limit } }) => {
      return { items: (await log.latest(limit)).map((line) => JSON.parse(line) as AuditEntry) };
    });
  };

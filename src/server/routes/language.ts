import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { complete } from "../../../grammar/complete.ts";
import { format } from "../../../grammar/format.ts";
import { parse } from "../../../grammar/parse.ts";
import { knownNames } from "../../analyze/known-names.ts";
import { diagnosticsJson } from "../../project/diagnostics-json.ts";
import { analyzeText } from "../../project/project.ts";
import { statementProblem } from "../problem.ts";
import { Nullable } from "../schemas.ts";
import type { ServerContext } from "../server-context.ts";

const Text = Type.Object(
  { sql: Type.String() },
  { additionalProperties: false, examples: [{ sql: "insert into hot select * from readings where temperature > 28" }] },
);

const Completions = Type.Object({
  start: Type.Integer({ description: "Of the word that is being written." }),
  end: Type.Integer(),
  items: Type.Array(
    Type.Object({ kind: Type.String(), label: Type.String(), detail: Nullable(Type.String()), doc: Nullable(Type.String()) }),
  ),
});

/** For editors: what is wrong with a text, how it is laid out, what could come next. */
export const languageRoutes =
  ({ project, deployments }: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    scope.post(
      "/validate",
      {
        config: { role: "viewer" },
        schema: {
          operationId: "validate",
          summary: "Diagnostics of a pipeline's text",
          body: Text,
          response: { 200: Type.Object({ ok: Type.Boolean(), diagnostics: Type.Array(Type.Ref("Diagnostic")) }) },
        },
      },
      async ({ body: { sql: text } }) => {
        const { diagnostics } = analyzeText(project, "query", text);
        return { ok: diagnostics.every(({ severity }) => severity !== "error"), diagnostics: diagnosticsJson({ text, diagnostics }) };
      },
    );

    scope.post(
      "/format",
      {
        config: { role: "viewer" },
        schema: {
          operationId: "format",
          summary: "The text in canonical layout, with its comments",
          body: Text,
          response: { 200: Type.Object({ sql: Type.String(), changed: Type.Boolean() }), 422: Type.Ref("Problem") },
        },
      },
      async ({ body: { sql } }) => {
        const formatted = format(sql);
        if (formatted.text === null) throw statementProblem(diagnosticsJson({ text: sql, diagnostics: formatted.diagnostics }));
        return { sql: formatted.text, changed: formatted.text !== sql };
      },
    );

    scope.post(
      "/complete",
      {
        config: { role: "viewer" },
        schema: {
          operationId: "complete",
          summary: "What could be written at a place of a text",
          body: Type.Object(
            {
              sql: Type.String(),
              offset: Type.Optional(
                Type.Integer({ minimum: 0, description: "Of the cursor, in UTF-16 units; the end where it is left out." }),
              ),
            },
            { additionalProperties: false, examples: [{ sql: "SELECT * FROM re", offset: 16 }] },
          ),
          response: { 200: Completions },
        },
      },
      async ({ body: { sql, offset } }) => {
        const pipelines = deployments.list().map(({ name }) => name);
        const at = Math.min(offset ?? sql.length, sql.length);
        const { span, items } = complete(sql, at, knownNames(project.catalog, parse(sql), pipelines));
        return { start: span.start, end: span.end, items: [...items] };
      },
    );
  };

import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { SETTING_NAMES, SETTINGS, type SettingSpec } from "../../analyze/settings.ts";
import { SluiceError } from "../../errors.ts";
import { aggregateFunction, listFunctions, objectAggregate, scalarFunction } from "../../functions/registry.ts";
import { jsonText } from "../../model/exact-number.ts";
import type { Finding } from "../../ports/connection.ts";
import { Nullable } from "../schemas.ts";
import type { ServerContext } from "../server-context.ts";
import { withConnections } from "../with-connections.ts";

const Connection = Type.Object({
  name: Type.String(),
  kind: Type.String({ enum: ["embedded", "kafka", "elasticsearch", "cassandra"] }),
  as: Type.String({ description: "Embedded only: which system it stands in for." }),
  defaultFor: Type.Array(Type.String({ enum: ["source", "sink"] })),
  ok: Type.Boolean(),
  error: Nullable(Type.String({ description: "The first thing that is wrong with it." })),
  advice: Nullable(Type.String()),
});

const FunctionInfo = Type.Object({
  name: Type.String(),
  kind: Type.String({ enum: ["scalar", "aggregate"] }),
  synonyms: Type.Array(Type.String()),
  signature: Type.String(),
  doc: Type.String(),
  examples: Type.Array(Type.Object({ sql: Type.String(), result: Type.String({ description: "JSON." }) })),
});

const Setting = Type.Object({
  name: Type.String(),
  takes: Type.String(),
  initial: Nullable(Type.String()),
  doc: Type.String(),
});

/** What statements can name: connections, functions, settings. */
export const catalogRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const { catalog } = context.project;

    const connections = {
      operationId: "listConnections",
      summary: "Connections and whether they can be used now; what they are reached with stays in the configuration",
      response: { 200: Type.Object({ items: Type.Array(Connection) }) },
    };
    scope.get("/connections", { schema: connections }, async () => {
      const items = await withConnections(context, (live) =>
        Promise.all(
          [...catalog.connections.values()].map(async ({ name, kind, as }) => {
            const findings = await live.ask(name, (connection) => connection.diagnose());
            const defaultFor = [name === catalog.defaultSource ? "source" : [], name === catalog.defaultSink ? "sink" : []].flat();
            return { name, kind, as, defaultFor, ...stateOf(findings) };
          }),
        ),
      );
      return { items };
    });

    const functions = {
      operationId: "listFunctions",
      summary: "All functions, by name",
      response: { 200: Type.Object({ items: Type.Array(FunctionInfo) }) },
    };
    scope.get("/functions", { schema: functions }, async () => ({
      items: listFunctions().map((info) => ({ ...info, synonyms: [...info.synonyms], examples: examplesOf(info.name) })),
    }));

    const settings = {
      operationId: "listSettings",
      summary: "All settings that SET takes",
      response: { 200: Type.Object({ items: Type.Array(Setting) }) },
    };
    scope.get("/settings", { schema: settings }, async () => ({
      items: SETTING_NAMES.map((name) => {
        const { type, initialText, doc }: SettingSpec<unknown> = SETTINGS[name];
        return { name, takes: type, initial: initialText, doc };
      }),
    }));
  };

function stateOf(findings: readonly Finding[] | SluiceError): { ok: boolean; error: string | null; advice: string | null } {
  if (findings instanceof SluiceError) return { ok: false, error: findings.message, advice: findings.hint };
  const failed = findings.find(({ ok }) => !ok);
  if (failed === undefined) return { ok: true, error: null, advice: null };
  return { ok: false, error: `${failed.check}: ${failed.detail}`, advice: failed.advice };
}

function examplesOf(name: string): { sql: string; result: string }[] {
  const spec = scalarFunction(name) ?? aggregateFunction(name) ?? objectAggregate(name);
  return (spec?.examples ?? []).map(({ sql, result }) => ({ sql, result: jsonText(result) }));
}

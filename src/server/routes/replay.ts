import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { asked } from "../../fleet/dead-letters.ts";
import { parseTimestamp } from "../../model/timestamp-text.ts";
import type { BeginningPlace, StatementPlan } from "../../plan/pipeline-plan.ts";
import type { Source } from "../../ports/source.ts";
import { Conditions, existing, PipelineParams, planned, seenGeneration, shown } from "../pipeline-resource.ts";
import { problem } from "../problem.ts";
import type { ServerContext } from "../server-context.ts";
import { withConnections } from "../with-connections.ts";

const Offsets = Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
  propertyNames: { pattern: "^[0-9]{1,9}$" },
  minProperties: 1,
  description: "By partition. Partitions that are left out go on as they are.",
});

const Replay = Type.Object(
  {
    from: Type.Union([Type.String({ maxLength: 100 }), Type.Object({ offsets: Offsets }, { additionalProperties: false })], {
      description: "`earliest`, a time in ISO 8601, or offsets.",
    }),
    statements: Type.Optional(
      Type.Array(Type.String(), { minItems: 1, maxItems: 1000, description: "By name; left out: all that the pipeline has." }),
    ),
  },
  {
    additionalProperties: false,
    examples: [{ from: "earliest" }, { from: "2026-11-01T00:00:00Z", statements: ["hot#1"] }, { from: { offsets: { "0": 1200 } } }],
  },
);
type From = { readonly offsets: Readonly<Record<string, number>> } | string;

const REFUSED = { 400: Type.Ref("Problem"), 404: Type.Ref("Problem"), 409: Type.Ref("Problem"), 412: Type.Ref("Problem") };

export const replayRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const schema = {
      operationId: "replayPipeline",
      summary: "Statements begin anew somewhere else in their topics, with an empty state",
      description: `What they write again has higher versions than what is there, so that it takes its place. Of an aggregate only the
records from there on are counted. A paused pipeline begins there when it is resumed.`,
      params: PipelineParams,
      headers: Conditions,
      body: Replay,
      response: { 202: Type.Ref("Pipeline"), ...REFUSED, 422: Type.Ref("Problem"), 503: Type.Ref("Problem") },
    };
    scope.post("/pipelines/:name/replay", { schema, config: { role: "operator" } }, async ({ params, headers, body, principal }, reply) => {
      const deployment = existing(context, params.name);
      const { at = deployment.generation } = seenGeneration(context, params.name, headers);
      const chosen = statementsOf(planned(context, deployment).statements, body.statements);
      const place = placeOf(body.from);
      if (typeof place === "object" && "offsets" in place) await checkOffsets(context, chosen, place.offsets);
      const begin = Object.fromEntries(chosen.map(({ statement }) => [statement.name, place]));
      const { name, text } = deployment;
      await context.deployments.change([{ kind: "put", name, text, begin, at }], { by: principal.name });
      return reply.code(202).send(shown(existing(context, name), context));
    });
  };

/** Of a UNION ALL, that is reported as one statement, all members. */
function statementsOf(all: readonly StatementPlan[], names: readonly string[] | undefined): readonly StatementPlan[] {
  if (names === undefined) return all;
  const known = all.map(({ statement }) => statement.reportedAs);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw problem(
      422,
      "STATEMENT_INVALID",
      `the pipeline has no statement '${unknown}'`,
      `its statements are ${[...new Set(known)].join(", ")}`,
    );
  }
  return all.filter(({ statement }) => names.includes(statement.reportedAs));
}

function placeOf(from: From): BeginningPlace {
  if (typeof from === "object") return { offsets: from.offsets };
  if (from.toLowerCase() === "earliest") return "earliest";
  const timeMs = parseTimestamp(from);
  if (timeMs !== undefined) return { timeMs };
  throw problem(
    422,
    "STATEMENT_INVALID",
    `'${from}' is no place to begin at`,
    "earliest, a time such as 2026-11-01T00:00:00Z, or {offsets}",
  );
}

/** Where a mistyped offset would skip what has not come yet, it is refused. */
async function checkOffsets(context: ServerContext, statements: readonly StatementPlan[], offsets: Readonly<Record<number, number>>) {
  const topics = new Map(statements.map(({ statement: { source } }) => [`${source.connection}.${source.topic}`, source]));
  const bounds = await withConnections(context, (live) =>
    Promise.all(
      [...topics.values()].map(({ connection, topic }) =>
        asked(live, connection, ({ source }) => boundsOf(source as Source, topic, offsets)),
      ),
    ),
  );
  for (const { topic, partition, startOffset, endOffset } of bounds.flat()) {
    if (startOffset === null) throw problem(422, "STATEMENT_INVALID", `${topic} has no partition ${partition}`);
    const offset = offsets[partition] as number;
    if (offset >= startOffset && offset <= endOffset) continue;
    const message = `offset ${offset} is not in partition ${partition} of ${topic}`;
    throw problem(422, "STATEMENT_INVALID", message, `it has the offsets ${startOffset} to ${endOffset}`);
  }
}

async function boundsOf(source: Source, topic: string, offsets: Readonly<Record<number, number>>) {
  const partitions = (await source.describeTopic(topic))?.partitions ?? 0;
  return Promise.all(
    Object.keys(offsets).map(async (written) => {
      const partition = Number(written);
      const none = { startOffset: null, endOffset: null };
      return { topic, partition, ...(partition < partitions ? await source.bounds(topic, partition) : none) };
    }),
  );
}

import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { SluiceError } from "../../errors.ts";
import { typeName } from "../../model/type.ts";
import type { Connection } from "../../ports/connection.ts";
import type { Source } from "../../ports/source.ts";
import { knownRelation, topicFacts } from "../../project/live/topic-facts.ts";
import { resolveTopic } from "../../project/resolve-topic.ts";
import { lastRecords } from "../../project/statements/last-records.ts";
import { Nullable } from "../schemas.ts";
import type { ServerContext } from "../server-context.ts";
import { withConnections } from "../with-connections.ts";

const Topic = {
  name: Type.String(),
  connection: Type.String(),
  partitions: Type.Integer({ minimum: 0 }),
  compacted: Type.Boolean(),
  declaredAs: Type.Array(Type.String(), { description: "Streams and tables of queries/catalog.sql that are on it." }),
};

const Bounds = Type.Object({
  partition: Type.Integer({ minimum: 0 }),
  startOffset: Type.Integer({ description: "The first record that can be read." }),
  endOffset: Type.Integer({ description: "One past the last one." }),
});

const Columns = Type.Array(
  Type.Object({
    name: Type.String(),
    type: Type.String(),
    presence: Nullable(Type.Number({ description: "The share of records that have it; null: nobody counted." })),
  }),
  { description: "As declared, as the schema registry has them, or as the last records show." },
);

const Sample = Type.Object({
  topic: Type.String(),
  connection: Type.String(),
  columns: Columns,
  records: Type.Array(
    Type.Object({
      key: Type.Unknown({ description: "JSON, else text, else bytes in base64." }),
      value: Type.Unknown(),
      timestamp: Nullable(Type.String()),
      partition: Type.Integer(),
      offset: Type.Integer(),
      headers: Type.Record(Type.String(), Type.Unknown()),
    }),
    { description: "The latest first." },
  ),
});

const TopicParams = Type.Object({ topic: Type.String({ minLength: 1, maxLength: 255 }) });
const InConnection = Type.Object({
  connection: Type.Optional(Type.String({ description: "Where it is looked for; else where names after FROM are." })),
});
const SampleQuery = Type.Object({ ...InConnection.properties, count: Type.Integer({ minimum: 1, maximum: 1000, default: 10 }) });
const FAULTS = { 400: Type.Ref("Problem"), 404: Type.Ref("Problem"), 422: Type.Ref("Problem"), 503: Type.Ref("Problem") };

/** What there is to read. */
export const topicRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const { project } = context;

    const list = {
      operationId: "listTopics",
      summary: "Topics of all connections that can be reached; why the others cannot",
      response: {
        200: Type.Object({
          items: Type.Array(Type.Object(Topic)),
          unreachable: Type.Array(Type.Object({ connection: Type.String(), error: Type.String() })),
        }),
      },
    };
    scope.get("/topics", { schema: list }, async () => {
      const names = [...project.catalog.connections.values()].filter(({ as }) => as === "kafka" || as === "embedded");
      const answers = await withConnections(context, (live) =>
        Promise.all(names.map(async ({ name }) => ({ name, answer: await live.ask(name, (found) => topicsOf(context, found)) }))),
      );
      return {
        items: answers.flatMap(({ answer }) => (answer instanceof SluiceError ? [] : answer)),
        unreachable: answers.flatMap(({ name, answer }) =>
          answer instanceof SluiceError ? [{ connection: name, error: answer.message }] : [],
        ),
      };
    });

    const get = {
      operationId: "getTopic",
      summary: "One topic: where its partitions begin and end, and the columns that are known of it",
      params: TopicParams,
      querystring: InConnection,
      response: { 200: Type.Object({ ...Topic, bounds: Type.Array(Bounds), columns: Columns }), ...FAULTS },
    };
    scope.get("/topics/:topic", { schema: get }, async ({ params, query }) =>
      inTopic(context, params.topic, query.connection, async (connection, source, topic) => {
        const bounds = await Promise.all(
          Array.from({ length: topic.partitions }, async (_, partition) => ({
            partition,
            ...(await source.bounds(topic.name, partition)),
          })),
        );
        return { ...topic, bounds, columns: await columnsOf(context, connection, topic.name) };
      }),
    );

    const sample = {
      operationId: "sampleTopic",
      summary: "The last records of a topic, with what their bytes mean, and the columns that they show",
      params: TopicParams,
      querystring: SampleQuery,
      response: { 200: Sample, ...FAULTS },
    };
    scope.get("/topics/:topic/sample", { schema: sample, config: { role: "operator" } }, async ({ params, query }, reply) => {
      const text = await inTopic(context, params.topic, query.connection, async (connection, source, { name, partitions }) => {
        const [columns, records] = await Promise.all([
          columnsOf(context, connection, name),
          lastRecords(source, name, partitions, query.count),
        ]);
        const head = JSON.stringify({ topic: name, connection: connection.config.name, columns });
        return `${head.slice(0, -1)},"records":[${records.join(",")}]}`;
      });
      // As text: numbers keep every digit that they have.
      return reply.type("application/json").send(text as unknown as never);
    });
  };

interface FoundTopic {
  readonly name: string;
  readonly connection: string;
  readonly partitions: number;
  readonly compacted: boolean;
  readonly declaredAs: string[];
}

async function topicsOf(context: ServerContext, { source, config: { name: connection } }: Connection): Promise<readonly FoundTopic[]> {
  if (source === null) return [];
  const found = await Promise.all((await source.listTopics()).map((topic) => describe(context, source, connection, topic)));
  return found.filter((topic) => topic !== null);
}

async function describe({ project }: ServerContext, source: Source, connection: string, topic: string): Promise<FoundTopic | null> {
  const found = await source.describeTopic(topic);
  if (found === null) return null;
  const declared = [...project.catalog.streams.values()].filter((stream) => stream.connection === connection && stream.topic === topic);
  const { name, partitions, compacted } = found;
  return { name, connection, partitions, compacted, declaredAs: declared.map((stream) => stream.name) };
}

/** What is declared of the topic, else what is seen in it. */
async function columnsOf({ project }: ServerContext, connection: Connection, topic: string) {
  const { name } = connection.config;
  const declared = [...project.catalog.streams.values()].find((stream) => stream.connection === name && stream.topic === topic);
  const columns = declared === undefined || declared.columns.length === 0 ? null : declared.columns;
  const known = columns ?? knownRelation(await topicFacts(connection, topic))?.columns ?? [];
  return known.map((column) => ({
    name: column.name,
    type: typeName(column.type),
    presence: "presence" in column ? column.presence : null,
  }));
}

/** Rejects with CONNECTION_UNKNOWN, TOPIC_MISSING and what the connection rejects with. */
async function inTopic<T>(
  context: ServerContext,
  written: string,
  within: string | undefined,
  work: (connection: Connection, source: Source, topic: FoundTopic) => Promise<T>,
): Promise<T> {
  const { connection: name, topic } = resolveTopic(context.project, written, within);
  return withConnections(context, async (live) => {
    const answer = await live.ask(name, async (connection) => {
      const source = connection.source as Source;
      const found = await describe(context, source, name, topic);
      if (found !== null) return work(connection, source, found);
      throw new SluiceError("TOPIC_MISSING", `there is no topic ${topic} on ${name}`, { hint: "GET /v1/topics lists them" });
    });
    if (answer instanceof SluiceError) throw answer;
    return answer;
  });
}

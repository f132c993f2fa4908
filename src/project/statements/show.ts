import type { ShowStatement } from "../../../grammar/statement-ast.ts";
import { SETTING_NAMES, SETTINGS, type SettingSpec } from "../../analyze/settings.ts";
import type { DeclaredStream } from "../../catalog/catalog.ts";
import { listFunctions } from "../../functions/registry.ts";
import { typeName } from "../../model/type.ts";
import type { Source } from "../../ports/source.ts";
import { asSluiceError } from "../../runtime/as-error.ts";
import type { StatementContext } from "./context.ts";
import { showPipelines } from "./pipelines.ts";
import { type Cell, type TableResult, table } from "./result.ts";

type Rows = readonly (readonly Cell[])[];

/** What there is, by name. */
export function show({ what, extended }: ShowStatement, context: StatementContext): TableResult | Promise<TableResult> {
  return SHOWN[what](context, extended);
}

const SHOWN: Readonly<Record<ShowStatement["what"], (context: StatementContext, extended: boolean) => TableResult | Promise<TableResult>>> =
  {
    CONNECTIONS: connections,
    TOPICS: topics,
    STREAMS: ({ catalog }, extended) => declared(catalog.streams, "stream", extended),
    TABLES: tables,
    FUNCTIONS: (_, extended) => functions(extended),
    SETTINGS: settings,
    PIPELINES: showPipelines,
    VARIABLES: ({ state }) => table(["name", "value"], Object.entries(state.variables)),
  };

async function connections({ catalog, resources }: StatementContext, extended: boolean): Promise<TableResult> {
  const columns = ["name", "kind", "stands for", "default"];
  const rows = [...catalog.connections.values()].map(({ name, kind, as }): Cell[] => {
    const defaults = [name === catalog.defaultSource ? "source" : [], name === catalog.defaultSink ? "sink" : []].flat();
    return [name, kind, as, defaults.join(", ")];
  });
  if (!extended) return table(columns, rows);
  const states = await Promise.all(
    [...catalog.connections.keys()].map(async (name) => {
      try {
        const findings = await (await resources.connection(name)).diagnose();
        const failed = findings.find(({ ok }) => !ok) ?? findings[0];
        return failed === undefined ? "" : `${failed.check}: ${failed.detail}`;
      } catch (error) {
        return asSluiceError(error).message;
      }
    }),
  );
  return table(
    [...columns, "state"],
    rows.map((row, index) => [...row, states[index] ?? ""]),
  );
}

/** Of all connections that can be reached; of the others it is noted. */
async function topics(context: StatementContext, extended: boolean): Promise<TableResult> {
  const rows = await ofConnections(context, async (connection) => {
    if (connection.as !== "kafka" && connection.as !== "embedded") return [];
    const source = await context.resources.source(connection.name);
    const found = await Promise.all((await source.listTopics()).map((topic) => source.describeTopic(topic)));
    const rows = found
      .filter((topic) => topic !== null)
      .map(async ({ name, partitions, compacted }): Promise<readonly Cell[] | null> => {
        const plain = [connection.name, name, partitions];
        if (!extended) return plain;
        const records = await recordsIn(source, name, partitions, context);
        const streams = [...context.catalog.streams.values()].filter(
          (stream) => stream.connection === connection.name && stream.topic === name,
        );
        return records === "gone" ? null : [...plain, records, compacted, streams.map((stream) => stream.name).join(", ")];
      });
    return (await Promise.all(rows)).filter((row) => row !== null);
  });
  return table(["connection", "topic", "partitions", ...(extended ? ["records", "compacted", "declared as"] : [])], rows);
}

/** What befalls one topic while all are listed leaves the others as they are. null: it cannot be told now, and why is noted. */
async function recordsIn(
  source: Source,
  topic: string,
  partitions: number,
  { onEvent }: StatementContext,
): Promise<number | null | "gone"> {
  try {
    const bounds = await Promise.all(Array.from({ length: partitions }, (_, partition) => source.bounds(topic, partition)));
    return bounds.reduce((sum, { startOffset, endOffset }) => sum + endOffset - startOffset, 0);
  } catch (error) {
    const { code, message } = asSluiceError(error);
    if (code === "TOPIC_MISSING") return "gone";
    onEvent({ kind: "note", text: `${topic}: ${message}` });
    return null;
  }
}

/** Tables that are declared, then the indexes and tables that there are. */
async function tables(context: StatementContext, extended: boolean): Promise<TableResult> {
  const { columns, rows } = declared(context.catalog.streams, "table", extended);
  const existing = await ofConnections(context, async ({ name }) => {
    const relations = await (await context.resources.connection(name)).listRelations();
    const stored = relations.filter(({ kind }) => kind !== "topic");
    return stored.map((relation) => [relation.name, relation.kind, name, ...columns.slice(3).map(() => null)]);
  });
  return table(columns, [...rows, ...existing]);
}

async function ofConnections(
  { catalog, onEvent }: StatementContext,
  list: (connection: StatementContext["catalog"]["connections"] extends ReadonlyMap<string, infer C> ? C : never) => Promise<Rows>,
): Promise<Rows> {
  const found = await Promise.all(
    [...catalog.connections.values()].map(async (connection) => {
      try {
        return await list(connection);
      } catch (error) {
        onEvent({ kind: "note", text: `${connection.name}: ${asSluiceError(error).message}` });
        return [];
      }
    }),
  );
  return found.flat();
}

function declared(streams: ReadonlyMap<string, DeclaredStream>, kind: DeclaredStream["kind"], extended: boolean): TableResult {
  const rows = [...streams.values()]
    .filter((stream) => stream.kind === kind)
    .map((stream): Cell[] => {
      const { name, connection, topic, columns, keyFormat, timestampField, partitions } = stream;
      const plain = [name, kind, connection, topic];
      const shown = columns.map((column) => `${column.name} ${typeName(column.type)}`).join(", ");
      return extended ? [...plain, keyFormat, timestampField, partitions, shown] : plain;
    });
  const more = extended ? ["key format", "timestamp", "partitions", "columns"] : [];
  return table(["name", "kind", "connection", "topic", ...more], rows);
}

function functions(extended: boolean): TableResult {
  const rows = listFunctions().map(({ signature, kind, synonyms, doc }): Cell[] =>
    extended ? [signature, kind, synonyms.join(", "), doc] : [signature, kind],
  );
  return table(["function", "kind", ...(extended ? ["synonyms", "meaning"] : [])], rows);
}

function settings({ state }: StatementContext, extended: boolean): TableResult {
  const rows = SETTING_NAMES.map((name): Cell[] => {
    const { initialText, type, doc }: SettingSpec<unknown> = SETTINGS[name];
    const plain = [name, state.settings[name] ?? initialText, name in state.settings ? "SET" : "initial"];
    return extended ? [...plain, type, doc] : plain;
  });
  return table(["setting", "value", "from", ...(extended ? ["takes", "meaning"] : [])], rows);
}

import type { Diagnostic } from "../../../grammar/ast.ts";
import { lineAndColumn } from "../../../grammar/diagnostics.ts";
import { parse } from "../../../grammar/parse.ts";
import { printStatement } from "../../../grammar/print.ts";
import type { InsertStatement } from "../../../grammar/statement-ast.ts";
import type { ImportedConnection, ImportNote } from "../../adapters/import/connector-draft.ts";
import type { ConnectorProperty } from "../../adapters/import/connector-file.ts";
import { connectionsOf, type ImportedConnector, importConnector } from "../../adapters/import/import-connector.ts";
import { adaptRoute } from "./adapt-route.ts";
import { foreignDiagnostic, type Imported, type ImportFindings, type ImportOptions } from "./imported.ts";
import { commentedStatement, setText } from "./pipeline-text.ts";

/** A connector's configuration as a pipeline and its connections. */
export function connectorPipeline(text: string, options: ImportOptions): Imported | ImportFindings {
  const result = importConnector(text, options);
  if (!result.ok) return { problems: result.problems.map(foreignDiagnostic) };
  const { connector } = result;
  const { kcql, draft, sink } = connector;
  const parsed = parse(kcql.value);
  const problems = [...parsed.diagnostics.filter(({ severity }) => severity === "error"), ...noRoutes(parsed.statements)];
  if (problems.length > 0) return { problems: problems.map((problem) => inProperty(problem, kcql)) };
  const inserts = parsed.statements as readonly InsertStatement[];
  const said = new Set<string>();
  const routes = inserts.map((route) =>
    adaptRoute(route, connector, options.keys, (outcome, message) => {
      if (!said.has(message)) draft.note(outcome, kcql, message);
      said.add(message);
    }),
  );
  const topics = [...new Set(routes.flatMap(topicOf))];
  draft.note("carried", kcql, `${routes.length} ${routes.length === 1 ? "statement" : "statements"}`);
  compareTopics(connector, topics);
  const connections = connectionsOf(connector);
  const declarations = declarationsOf(connector, topics);
  const settings = draft.settings.map(({ name, value, comments }) => commentedStatement(comments, setText(name, value)));
  const statements = [
    commentedStatement(
      [`Imported from ${connector.name ?? "a connector"}, ${sink.title} of Stream Reactor.`, ...homeless(connector, connections)],
      "",
    ),
    setText("source", draft.source),
    setText("sink", draft.sink),
    ...settings,
    ...declarations,
    ...routes.map((route, index) => commentedStatement(index === 0 ? kcql.comments : [], printStatement(route))),
  ];
  return {
    name: connector.name,
    statements,
    connections,
    notes: draft.notes.map((note) => reportNote(note, text)).sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity)),
    secrets: draft.secrets.map(({ variable, property }) => ({ variable, property: property.name, line: lineOf(text, property) })),
    warnings: [],
  };
}

const lineOf = (text: string, { start }: ConnectorProperty): number => lineAndColumn(text, start).line;

const reportNote = ({ outcome, property, message }: ImportNote, text: string) => ({
  outcome,
  subject: property?.name ?? null,
  line: property === null ? null : lineOf(text, property),
  message,
});

function noRoutes(statements: readonly { readonly kind: string; readonly span: Diagnostic["span"] }[]): readonly Diagnostic[] {
  const other = statements.length === 0 ? { span: { start: 0, end: 0 } } : statements.find(({ kind }) => kind !== "insert");
  if (other === undefined) return [];
  const hint = "INSERT INTO target SELECT … FROM topic";
  return [{ severity: "error", code: "FOREIGN_TEXT", message: "a route of a sink has a target", hint, span: other.span }];
}

/** A diagnostic of the routes' text, where that text stands in the file. */
function inProperty(diagnostic: Diagnostic, { offsets }: ConnectorProperty): Diagnostic {
  const at = (offset: number): number => offsets[Math.min(offset, offsets.length - 1)] ?? 0;
  const start = at(diagnostic.span.start);
  const end = diagnostic.span.end > diagnostic.span.start ? at(diagnostic.span.end - 1) + 1 : start;
  return { ...diagnostic, span: { start, end } };
}

function topicOf({ select: { from } }: InsertStatement): readonly string[] {
  return from.kind === "relation" ? [from.path.parts.map(({ name }) => name).join(".")] : [];
}

function compareTopics({ draft }: ImportedConnector, sources: readonly string[]): void {
  const property = draft.topics;
  if (property === null) return;
  const listed = property.value.split(",").map((topic) => topic.trim());
  const unread = listed.filter((topic) => !sources.includes(topic));
  const unlisted = sources.filter((topic) => !listed.includes(topic));
  if (unread.length > 0) draft.note("dropped", property, `no route reads ${unread.join(", ")}`);
  if (unlisted.length > 0) draft.note("differs", property, `${unlisted.join(", ")} is read too: the routes say so`);
  if (unread.length + unlisted.length === 0) draft.note("carried", property, "the routes name them");
}

/** Topics whose keys or values are not what they are taken for otherwise. */
function declarationsOf({ draft }: ImportedConnector, topics: readonly string[]): readonly string[] {
  const { key, value } = draft.formats;
  const options = [...(value === null ? [] : [`format = '${value}'`]), ...(key === null ? [] : [`key_format = '${key}'`])];
  if (options.length === 0) return [];
  return topics.flatMap((topic) => {
    const name = topic.split(".").map((part) => `\`${part.replaceAll("`", "``")}\``);
    const { statements } = parse(`CREATE STREAM ${name.join(".")} WITH (connection = '${draft.source}', ${options.join(", ")})`);
    return statements.map(printStatement);
  });
}

/** Comments above properties that are neither in the pipeline nor in the configuration of connections. */
function homeless({ draft, kcql }: ImportedConnector, connections: readonly ImportedConnection[]): readonly string[] {
  const settings = connections.flatMap((connection) => [...connection.settings.values()]);
  const kept = new Set([kcql.comments, ...draft.settings.map(({ comments }) => comments), ...settings.map(({ comments }) => comments)]);
  return draft.properties().flatMap(({ comments }) => (kept.has(comments) ? [] : comments));
}

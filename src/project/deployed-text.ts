import { parse } from "../../grammar/parse.ts";
import { printStatement } from "../../grammar/print.ts";
import type { CreateStatement, Statement } from "../../grammar/statement-ast.ts";
import type { AnalyzedPipeline } from "../analyze/analyze-pipeline.ts";
import { dotted, findStream } from "../analyze/resolve-name.ts";
import { withVariables } from "../analyze/variables.ts";
import type { DeclaredStream } from "../catalog/catalog.ts";
import { analyzeText, type Project } from "./project.ts";

/** What a server is given says all that its statements rest on, but for the connections; behind this line is the file. */
const FILE_MARK = "-- What follows is the file as it is.";

/**
 * A pipeline's file as a server gets it: before it stand what its project says elsewhere and the file uses, the variables of the
 * environment, the declarations of `queries/catalog.sql` and the settings of `sluice.yaml`. So the text alone is what runs, and
 * a change of any of them is a change of the pipelines that use it. Of a file that needs nothing, the text itself.
 */
export function deployedText(project: Project, name: string, text: string): string {
  const head = headOf(project, name, text);
  if (head.length === 0) return text;
  return `${head.map((statement) => `${printStatement(statement)};`).join("\n")}\n\n${FILE_MARK}\n${text}`;
}

/** The file of a deployed text. */
export function fileText(deployed: string): string {
  const mark = `\n${FILE_MARK}\n`;
  const at = deployed.indexOf(mark);
  return at < 0 ? deployed : deployed.slice(at + mark.length);
}

function headOf(project: Project, name: string, text: string): readonly Statement[] {
  const span = { start: 0, end: 0 };
  const variables = Object.entries(project.variables)
    .filter(([variable]) => isUsed(variable, text))
    .map(([variable, value]): Statement => ({ kind: "define", name: variable, value: value ?? "", span }));
  const settings = Object.entries(project.config.pipelines.get(name) ?? {}).map(([setting, value]): Statement => {
    return { kind: "set", name: setting, value: value as string | number | boolean, span };
  });
  return [...variables, ...declarationsOf(project, analyzeText(project, name, text)), ...settings];
}

function isUsed(variable: string, text: string): boolean {
  return new RegExp(`(?<!\\$)\\$\\{${variable}\\}`, "i").test(text);
}

/** What the catalog declares of the topics that the pipeline reads and writes. */
function declarationsOf({ catalog, catalogFile, variables }: Project, { pipeline, reads }: AnalyzedPipeline): readonly CreateStatement[] {
  if (catalogFile === null) return [];
  const topics = [
    ...reads.map(({ source }) => ({ connection: source.connection.name, name: source.name })),
    ...(pipeline?.statements ?? []).flatMap(({ target, late, settings }) =>
      [target, late, settings.deadLetters].filter((one) => one !== null),
    ),
  ];
  const isUsedStream = ({ connection, topic }: DeclaredStream): boolean =>
    topics.some((one) => one.connection === connection && one.name === topic);
  const latest = new Map<string, CreateStatement>();
  for (const statement of withVariables(parse(catalogFile.text), variables).statements) {
    if (statement.kind !== "create") continue;
    const stream = findStream(catalog.streams, dotted(statement.name));
    if (stream === null || !isUsedStream(stream)) continue;
    latest.set(stream.name, statement);
  }
  return [...latest].map(([name, statement]) => ({
    ...withConnection(statement, (catalog.streams.get(name) as DeclaredStream).connection, catalog.defaultSource),
    orReplace: true,
    ifNotExists: false,
  }));
}

/** A SET before the declaration may have said where it belongs. */
function withConnection(statement: CreateStatement, connection: string, standard: string): CreateStatement {
  const { options, span } = statement;
  const isSaid = connection === standard || options.some(({ name }) => name.name.toLowerCase() === "connection");
  if (isSaid) return statement;
  return { ...statement, options: [...options, { name: { name: "connection", quoted: false, span }, value: connection, span }] };
}

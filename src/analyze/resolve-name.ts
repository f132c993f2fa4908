import type { Join, Path, Span } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import { type Catalog, type CatalogConnection, type DeclaredStream, keyspaceOf } from "../catalog/catalog.ts";
import type { KnownRelation } from "../catalog/known-columns.ts";
import type { BoundTarget } from "../model/statement.ts";
import { inKeyspace } from "../model/target-name.ts";
import type { TargetKind } from "../ports/sink.ts";
import { speakingPath } from "./facts/name-facts.ts";
import { nameRuleBroken, nameRuleOf } from "./legal-names.ts";
import type { Reporter } from "./reporter.ts";

/** A name after FROM or INTO: the connection it lies in, and what is left of it. */
export interface ResolvedName {
  readonly connection: CatalogConnection;
  readonly name: string;
}

/** What a statement reads, before its fields are looked at. */
export interface ResolvedSource extends ResolvedName {
  /** The declaration, by stream name or by topic; null: schemaless. */
  readonly stream: DeclaredStream | null;
  /** What is known of the fields of a topic without declared columns; left out: nothing. */
  readonly known?: KnownRelation;
}

export type Column = DeclaredStream["columns"][number];

/** null: any field may be there. */
export function columnsOf({ stream }: ResolvedSource): readonly Column[] | null {
  return stream === null || stream.columns.length === 0 ? null : stream.columns;
}

export function dotted(path: Path): string {
  return path.parts.map((part) => part.name).join(".");
}

/** What names can mean in one pipeline. */
export interface Names {
  readonly catalog: Catalog;
  /** Of the catalog and of the pipeline itself. */
  readonly streams: ReadonlyMap<string, DeclaredStream>;
  /** Topics that the pipeline declares or reads, by `topicKey`. */
  readonly topics: ReadonlySet<string>;
  /** Of these the ones that the pipeline writes as tables; left out: none. */
  readonly changing?: ReadonlySet<string>;
  readonly report: Reporter;
}

/** `connection.name`, or the whole dotted word in the standard connection. null: reported, or the text was not understood. */
function resolveName(path: Path, standard: string, { catalog, report }: Names): ResolvedName | null {
  const [first, ...rest] = path.parts;
  if (first === undefined) return null;
  const named = rest.length > 0 ? catalog.connections.get(first.name) : undefined;
  if (named !== undefined) return { connection: named, name: inKeyspace(keyspaceOf(named), rest.map((part) => part.name).join(".")) };
  const connection = catalog.connections.get(standard);
  if (connection === undefined) {
    const known = [...catalog.connections.keys()].join(", ");
    return report.error("UNKNOWN_CONNECTION", path.span, `the default connection '${standard}' does not exist`, `connections are ${known}`);
  }
  warnOfMisspelling(path, standard, catalog, report);
  return { connection, name: inKeyspace(keyspaceOf(connection), dotted(path)) };
}

/** `elastc.readings` is a legal name in the default connection, but hardly what was meant. */
function warnOfMisspelling(path: Path, standard: string, catalog: Catalog, report: Reporter): void {
  const [first, ...rest] = path.parts;
  if (first === undefined || rest.length === 0 || first.quoted) return;
  const meant = nearest(first.name, catalog.connections.keys());
  if (meant === null) return;
  const message = `there is no connection '${first.name}': '${dotted(path)}' is taken as a name in '${standard}'`;
  report.warning("UNKNOWN_CONNECTION", path.span, message, `did you mean ${[meant, ...rest.map((part) => part.name)].join(".")}?`);
}

export function findStream(streams: Names["streams"], name: string): DeclaredStream | null {
  const wanted = name.toLowerCase();
  for (const stream of streams.values()) if (stream.name.toLowerCase() === wanted) return stream;
  return null;
}

function byStreamName(path: Path, { catalog, streams }: Names): ResolvedSource | null {
  const stream = findStream(streams, dotted(path));
  const connection = stream === null ? undefined : catalog.connections.get(stream.connection);
  return stream === null || connection === undefined ? null : { connection, name: stream.topic, stream };
}

/** A declared stream's name wins over a topic's; a topic that a stream declares has that stream's columns. */
export function resolveSource(path: Path, standard: string, names: Names): ResolvedSource | null {
  const declared = byStreamName(path, names);
  if (declared !== null) return withKnown(declared, names);
  const resolved = resolveName(path, standard, names);
  if (resolved === null) return null;
  return withKnown({ ...resolved, stream: streamOfTopic(names.streams, resolved) }, names);
}

/** What was found out counts where nothing is declared. */
function withKnown(source: ResolvedSource, { catalog }: Names): ResolvedSource {
  const known = columnsOf(source) === null ? catalog.known?.get(topicKey(source)) : undefined;
  return known === undefined ? source : { ...source, known };
}

function streamOfTopic(streams: Names["streams"], { connection, name }: ResolvedName): DeclaredStream | null {
  for (const stream of streams.values()) if (stream.connection === connection.name && stream.topic === name) return stream;
  return null;
}

/** What declares the topic that is a target; null: it is none, or nothing does. */
export function streamOfTarget(target: BoundTarget, { streams, catalog }: Names): DeclaredStream | null {
  const connection = catalog.connections.get(target.connection);
  return target.kind !== "topic" || connection === undefined ? null : streamOfTopic(streams, { connection, name: target.name });
}

/** Key of a topic in sets: `connection.topic`. */
export function topicKey({ connection, name }: ResolvedName): string {
  return `${connection.name}.${name}`;
}

/** Whether what stands after JOIN is an index or table, of which rows are looked up: of the embedded store it is one that is no topic. */
export function isLookedUp({ stream, ...resolved }: ResolvedSource, { within }: Join, topics: ReadonlySet<string>): boolean {
  if (stream !== null) return false;
  switch (resolved.connection.as) {
    case "kafka":
      return false;
    case "elasticsearch":
    case "cassandra":
      return true;
    case "embedded":
      return within === null && !topics.has(topicKey(resolved));
  }
}

function targetKind(resolved: ResolvedName, topics: ReadonlySet<string>): TargetKind {
  switch (resolved.connection.as) {
    case "kafka":
      return "topic";
    case "elasticsearch":
      return "index";
    case "cassandra":
      return "table";
    case "embedded":
      return topics.has(topicKey(resolved)) ? "topic" : "table";
  }
}

/**
 * A stream's name means its topic only where names belong to that connection anyway: with an index as the usual
 * target, `INSERT INTO readings SELECT * FROM readings` is an index called like the stream.
 */
export function resolveTarget(path: Path, standard: string, names: Names): BoundTarget | null {
  const declared = byStreamName(path, names);
  const resolved = declared?.connection.name === standard ? declared : resolveName(path, standard, names);
  if (resolved === null) return null;
  const kind = targetKind(resolved, names.topics);
  checkName(resolved, kind, path.span, names.report);
  return { connection: resolved.connection.name, kind, name: resolved.name };
}

/** The target of INSERT INTO; `naming`: the field by which each record names its own. null: reported. */
export function resolveDestination(
  path: Path,
  standard: string,
  names: Names,
): { readonly target: BoundTarget; readonly naming: Path | null } | null {
  const [first, ...rest] = path.parts;
  const isQualified = first !== undefined && rest.length > 0 && names.catalog.connections.has(first.name);
  const naming = speakingPath(isQualified ? rest : path.parts, path.span);
  const resolved = naming === null ? null : resolveName(path, standard, names);
  if (naming === null) {
    const target = resolveTarget(path, standard, names);
    return target === null ? null : { target, naming };
  }
  if (resolved === null) return null;
  return { target: { connection: resolved.connection.name, kind: targetKind(resolved, names.topics), name: dotted(naming) }, naming };
}

/** Says it where the outside system would refuse the name. */
export function checkName(resolved: ResolvedName, kind: TargetKind, span: Span, report: Reporter): void {
  const broken = nameRuleBroken(resolved.connection.as, kind, resolved.name);
  if (broken === null) return;
  report.error("ILLEGAL_NAME", span, `'${resolved.name}' cannot be the name of ${article(kind)}: ${broken}`, legalName(resolved, kind));
}

/** A name like it that would do, as far as one is plain to see. */
function legalName({ connection, name }: ResolvedName, kind: TargetKind): string | null {
  if (kind === "table" && connection.as === "cassandra" && !name.includes(".")) return `for example ${connection.name}.iot.${name}`;
  const suggested = LEGAL[nameRuleOf(connection.as, kind)](name);
  return suggested !== name && nameRuleBroken(connection.as, kind, suggested) === null ? `write ${suggested}` : null;
}

const LEGAL: Readonly<Record<ReturnType<typeof nameRuleOf>, (name: string) => string>> = {
  index: (name) =>
    name
      .toLowerCase()
      .replaceAll(/[\\/*?"<>|,#:\s]+/g, "_")
      .replace(/^[-_+]+/, ""),
  "cassandra table": (name) => name.replaceAll(/[^\w.]+/g, "_").replaceAll(/(^|\.)[^A-Za-z.]+/g, "$1"),
  topic: (name) => name.replaceAll(/[^A-Za-z0-9._-]+/gu, "_"),
  table: (name) => name.replaceAll(/[^A-Za-z0-9._-]+/gu, "_"),
};

export function article(kind: TargetKind): string {
  return kind === "index" ? "an index" : `a ${kind}`;
}

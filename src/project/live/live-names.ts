import type { KnownName, KnownNames } from "../../../grammar/known-names.ts";
import { surroundingsAt } from "../../../grammar/relations-at.ts";
import { fieldNames } from "../../analyze/known-names.ts";
import { SluiceError } from "../../errors.ts";
import type { Environment } from "../../runtime/environment.ts";
import type { Project } from "../project.ts";
import { resolveTopic } from "../resolve-topic.ts";
import { LiveConnections } from "./live-connections.ts";
import { knownRelation, topicFacts } from "./topic-facts.ts";

/** Somebody waits for it at a keyboard. */
const ANSWER_MS_MAX = 3_000;

/**
 * The names known so far, with the topics, indexes and tables that there are, and the fields of the topics around a place of the
 * text. Connections that do not answer in time have none. Who asks often keeps the connections, and closes them.
 */
export async function withLiveNames(
  names: KnownNames,
  project: Project,
  text: string,
  offset: number,
  env: Environment,
  kept: LiveConnections | null = null,
): Promise<KnownNames> {
  const connections = kept ?? liveForTyping(project, env);
  try {
    const around = surroundingsAt(text, offset).relations.map(({ name }) => name);
    const unknown = [...new Set(around)].filter((name) => names.fieldsOf(name).length === 0);
    const [stored, fields] = await Promise.all([
      storedNames(project, connections),
      Promise.all(unknown.map(async (name) => [name, await fieldsOfTopic(name, project, connections)] as const)),
    ]);
    const live = new Map(fields);
    return {
      ...names,
      relations: once([...names.relations, ...stored.relations]),
      targets: once([...names.targets, ...stored.targets]),
      fieldsOf: (relation) => live.get(relation) ?? names.fieldsOf(relation),
    };
  } finally {
    if (kept === null) await connections.close();
  }
}

export function liveForTyping(project: Project, env: Environment): LiveConnections {
  return new LiveConnections(project, env, ANSWER_MS_MAX);
}

/** Those of the default connections without its name before them. */
async function storedNames({ catalog }: Project, connections: LiveConnections) {
  const all = await Promise.all(
    [...catalog.connections.keys()].map(async (connection) => {
      const found = await connections.ask(connection, (opened) => opened.listRelations());
      return found instanceof SluiceError ? [] : found.map(({ name, kind }) => ({ connection, name, kind }));
    }),
  );
  const written = (standard: string): readonly KnownName[] =>
    all.flat().map(({ connection, name, kind }) => ({
      name: connection === standard ? name : `${connection}.${name}`,
      detail: kind,
      doc: null,
    }));
  return { relations: written(catalog.defaultSource), targets: written(catalog.defaultSink) };
}

async function fieldsOfTopic(relation: string, project: Project, connections: LiveConnections): Promise<readonly KnownName[]> {
  const resolved = topicOf(relation, project);
  if (resolved === null) return [];
  const facts = await connections.ask(resolved.connection, (opened) => topicFacts(opened, resolved.topic));
  const known = facts instanceof SluiceError ? null : knownRelation(facts);
  return (known?.columns ?? []).flatMap(({ name, type }) => fieldNames(name, type));
}

/** null: an index or table, or no name at all. */
function topicOf(relation: string, project: Project) {
  try {
    return resolveTopic(project, relation);
  } catch (error) {
    if (error instanceof SluiceError) return null;
    throw error;
  }
}

function once(names: readonly KnownName[]): readonly KnownName[] {
  return [...new Map(names.map((known) => [known.name, known])).values()];
}

import { createReporter } from "../analyze/reporter.ts";
import { resolveSource } from "../analyze/resolve-name.ts";
import type { DeclaredStream } from "../catalog/catalog.ts";
import { SluiceError } from "../errors.ts";
import type { Source } from "../ports/source.ts";
import type { Project } from "./project.ts";

export interface ResolvedTopic {
  readonly connection: string;
  readonly topic: string;
  /** How it is declared, or null. */
  readonly stream: DeclaredStream | null;
}

const SPAN = { start: 0, end: 0 };

/** A topic by the name that a statement would use after FROM; `connection` is where it is looked for first. */
export function resolveTopic({ catalog }: Project, name: string, connection?: string): ResolvedTopic {
  const standard = connection ?? catalog.defaultSource;
  const report = createReporter();
  const path = { span: SPAN, parts: name.split(".").map((part) => ({ name: part, quoted: true, span: SPAN })) };
  const found = resolveSource(path, standard, { catalog, streams: catalog.streams, topics: new Set(), report });
  const [problem] = report.diagnostics;
  if (found === null || problem !== undefined) {
    const hint = problem?.hint;
    throw new SluiceError("CONNECTION_UNKNOWN", problem?.message ?? `'${name}' names no topic`, hint ? { hint } : {});
  }
  const { as } = found.connection;
  if (as !== "kafka" && as !== "embedded") throw new SluiceError("USAGE", `'${found.connection.name}' (${as}) has no topics`);
  if (connection === undefined || found.connection.name === connection) {
    return { connection: found.connection.name, topic: found.name, stream: found.stream };
  }
  return { connection, topic: name, stream: null };
}

/** Makes the topic where it may be made: declared with partitions, or embedded. Else a missing one is TOPIC_MISSING. */
export async function ensureTopic(source: Source, { connection, topic, stream }: ResolvedTopic, isEmbedded: boolean): Promise<number> {
  const known = await source.describeTopic(topic);
  if (known !== null) return known.partitions;
  const partitions = stream?.partitions ?? (isEmbedded ? 1 : null);
  if (partitions === null) {
    throw new SluiceError("TOPIC_MISSING", `there is no topic ${topic} on ${connection}`, {
      hint: "create it, or declare it WITH (partitions = …) in queries/catalog.sql",
    });
  }
  await source.createTopic(topic, { partitions });
  return partitions;
}

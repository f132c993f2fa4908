import type { Path } from "../../../grammar/ast.ts";
import { nearest } from "../../../grammar/nearest.ts";
import { didYouMean } from "../../analyze/reporter.ts";
import { type ResolvedSource, resolveSource } from "../../analyze/resolve-name.ts";
import { SluiceError } from "../../errors.ts";
import type { Source, TopicDescription } from "../../ports/source.ts";
import { namesOf, type StatementContext, sourceName } from "./context.ts";

/** A relation by the name that stands after FROM; null: reported. */
export function resolveRelation(path: Path, context: StatementContext): ResolvedSource | null {
  return resolveSource(path, sourceName(context), namesOf(context));
}

/** The same where only topics are meant. */
export function resolveTopicName(path: Path, context: StatementContext): ResolvedSource | null {
  const found = resolveRelation(path, context);
  if (found === null || hasTopics(found)) return found;
  const { name, as } = found.connection;
  return context.report.error("SOURCE_NOT_ALLOWED", path.span, `'${name}' (${as}) has no topics`, "SELECT reads an index or table");
}

export function hasTopics({ connection: { as } }: ResolvedSource): boolean {
  return as === "kafka" || as === "embedded";
}

/** A topic that must be there. Rejects with TOPIC_MISSING, with the name that may have been meant. */
export async function existingTopic({ connection, name }: ResolvedSource, source: Source): Promise<TopicDescription> {
  const found = await source.describeTopic(name);
  if (found !== null) return found;
  const hint = didYouMean(nearest(name, await source.listTopics())) ?? "SHOW TOPICS lists those that are there";
  throw new SluiceError("TOPIC_MISSING", `there is no topic ${name} on ${connection.name}`, { hint, coordinates: { topic: name } });
}

import { must } from "../assert.ts";
import { SluiceError } from "../errors.ts";
import { inputsOf } from "../model/statement.ts";
import type { LogPlace, PipelinePlan, SourcePlan } from "../plan/pipeline-plan.ts";
import { repartition } from "../plan/repartition.ts";
import type { Connection } from "../ports/connection.ts";
import type { LogBounds, Source, TopicDescription } from "../ports/source.ts";
import { TableSource } from "./feeds/table-source.ts";
import { type Patience, patiently } from "./patience.ts";
import type { RunPlace } from "./protocol.ts";

/** A source of a pipeline's plan that is there. */
export interface OwnedSource {
  readonly plan: SourcePlan;
  readonly source: Source;
  readonly description: TopicDescription;
}

/** Where a bounded run ends on one partition. */
export interface PartitionEnd {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A bounded run fails where a topic is missing; a follower waits. */
export interface OpenSourcesOptions extends Patience {
  readonly plan: PipelinePlan;
  /** A connection by name, opened once for all its uses. */
  readonly connection: (name: string) => Promise<Connection>;
  readonly onWaiting: (topics: readonly string[]) => void;
}

/** How often a missing topic is looked for. */
const WAITING_INTERVAL_MS = 500;

/** All sources of the plan, in its order; fewer only where it was stopped before they were there. */
async function openSources(options: OpenSourcesOptions): Promise<readonly OwnedSource[]> {
  const { plan, env, stopping } = options;
  for (;;) {
    // Asked before looking: whoever asks to finish may have made the topic just before.
    const isLastLook = options.isBounded();
    const found = await Promise.all(plan.sources.map((source) => openSource(source, options)));
    const missing = plan.sources.filter((_, index) => found[index] === null).map(({ connection, topic }) => `${connection}.${topic}`);
    if (missing.length === 0 || stopping.aborted) return found.filter((source) => source !== null);
    if (isLastLook) throw topicMissing(missing);
    options.onWaiting(missing);
    await env.clock.sleep(WAITING_INTERVAL_MS, stopping);
  }
}

/**
 * All sources of the plan, and what it becomes by how many partitions they have: the internal topics of what is repartitioned come
 * behind them, and are made where they are not there.
 */
export async function openRepartitioned(
  options: OpenSourcesOptions,
): Promise<{ readonly plan: PipelinePlan; readonly sources: readonly OwnedSource[] }> {
  const found = await openSources(options);
  if (options.stopping.aborted) return { plan: options.plan, sources: found };
  const plan = repartition(options.plan, (_, index) => must(found[index]).description.partitions);
  const internal: OwnedSource[] = [];
  for (const read of plan.sources.slice(found.length)) {
    const source = must((await options.connection(read.connection)).source);
    const made = async (): Promise<TopicDescription | null> => {
      await source.createTopic(read.topic, { partitions: must(read.partitions), isTrimmed: true });
      return source.describeTopic(read.topic);
    };
    internal.push({ plan: read, source, description: must(await patiently(read.connection, made, options), read.topic) });
  }
  // What reads them has other numbers now.
  const sources = found.map((one, index) => ({ ...one, plan: must(plan.sources[index]) }));
  return { plan, sources: [...sources, ...internal] };
}

/**
 * The ends of a bounded run, further than `before` (null: none is known yet). A topic that statements of the pipeline itself write has one
 * when these have come to theirs, and until then none: Infinity. `to`: where it ends before the end of its logs; null: nowhere. null: all
 * are known.
 */
export async function nextEnds(
  plan: PipelinePlan,
  sources: readonly OwnedSource[],
  before: readonly PartitionEnd[] | null,
  to: RunPlace | null,
): Promise<readonly PartitionEnd[] | null> {
  const isKnown = (topic: string): boolean => before?.some((end) => end.topic === topic && end.offset < Number.POSITIVE_INFINITY) === true;
  const isWritten = ({ plan: { connection, topic } }: OwnedSource): boolean =>
    plan.statements.some(({ route, inputs }) => {
      const isIt = route?.kind === "topic" && route.connection === connection && route.name === topic;
      return isIt && !inputs.every(({ source }) => isKnown(plan.sources[source]?.topic ?? ""));
    });
  const unknown = sources.filter(({ description }) => !isKnown(description.name));
  if (unknown.length === 0 && before !== null) return null;
  const ready = unknown.filter((source) => !isWritten(source));
  const ends = (before ?? []).filter(({ topic }) => isKnown(topic));
  for (const owned of sources) {
    const { name, partitions } = owned.description;
    if (isKnown(name)) continue;
    // Statements that write what they read in a circle do not wait for each other.
    const isReady = ready.length === 0 || ready.some((one) => one.description.name === name);
    for (let partition = 0; partition < partitions; partition++) {
      const offset = isReady ? await endOf(plan, owned, partition, to) : Number.POSITIVE_INFINITY;
      ends.push({ topic: name, partition, offset });
    }
  }
  return ends;
}

/** The offset of a place on one partition; one that is not in the log is its nearest end. */
export async function offsetOf(
  { source, description }: OwnedSource,
  partition: number,
  bounds: LogBounds,
  place: LogPlace,
): Promise<number> {
  if ("timeMs" in place) return source.offsetAt(description.name, partition, place.timeMs);
  return Math.min(Math.max(place.offset, bounds.startOffset), bounds.endOffset);
}

/** How far a run may read before all of its ends are known: nowhere behind `to`. */
export async function limitsOf(plan: PipelinePlan, sources: readonly OwnedSource[], to: RunPlace): Promise<readonly PartitionEnd[]> {
  const limits: PartitionEnd[] = [];
  for (const owned of sources) {
    const { name, partitions } = owned.description;
    for (let partition = 0; partition < partitions; partition++) {
      const offset = isWhole(plan, owned.plan, to) ? Number.POSITIVE_INFINITY : await endOf(plan, owned, partition, to);
      limits.push({ topic: name, partition, offset });
    }
  }
  return limits;
}

/** What the run itself writes, and what is joined as a table, is read whole. */
async function endOf(plan: PipelinePlan, owned: OwnedSource, partition: number, to: RunPlace | null): Promise<number> {
  const bounds = await owned.source.bounds(owned.description.name, partition);
  if (to === null || isWhole(plan, owned.plan, to)) return bounds.endOffset;
  return offsetOf(owned, partition, bounds, to.place);
}

function isWhole({ sources, statements }: PipelinePlan, source: SourcePlan, { whole }: RunPlace): boolean {
  if (source.isInternal === true) return true;
  if (whole.includes(`${source.connection}.${source.topic}`)) return true;
  return statements.some(({ statement, inputs }) => {
    const isTable = (input: number): boolean => inputsOf(statement)[input]?.reads === "table";
    return inputs.length > 1 && inputs.some((input, index) => sources[input.source] === source && isTable(index));
  });
}

/** Partitions of the source that has the most. */
export function partitionsOf(sources: readonly OwnedSource[]): number {
  return Math.max(...sources.map(({ description }) => description.partitions));
}

/** A topic, or for an ad hoc query an index or table, read as if it were one. null: a topic that is not there. */
async function openSource(plan: SourcePlan, options: OpenSourcesOptions): Promise<OwnedSource | null> {
  const connection = await options.connection(plan.connection);
  const { source } = connection;
  const describe = async (from: Source): Promise<TopicDescription | null> =>
    (await from.describeTopic(plan.topic)) ?? (await ownTopic(from, connection, plan, options.plan));
  const description = source === null ? null : await patiently(plan.connection, () => describe(source), options);
  if (source !== null && description !== null) return { plan, source, description };
  if (options.plan.stateConnection !== null) {
    if (source === null) throw new SluiceError("TOPIC_MISSING", `${plan.connection} has no topics to read from`);
    return null;
  }
  const table = await TableSource.open(connection, plan.topic);
  if (table === null) throw relationMissing(connection, plan);
  return { plan, source: table, description: await table.describeTopic() };
}

/** A topic that the pipeline itself is to write waits for nobody else, where it may be made. null: it is not such a one. */
async function ownTopic(source: Source, { config }: Connection, read: SourcePlan, plan: PipelinePlan): Promise<TopicDescription | null> {
  const { connection, topic } = read;
  const partitions = read.partitions ?? (config.kind === "embedded" ? 1 : null);
  const writers = plan.statements.flatMap(({ route }) =>
    route?.kind === "topic" && route.connection === connection && route.name === topic ? [route] : [],
  );
  if (writers.length === 0 || partitions === null) return null;
  await source.createTopic(topic, { partitions, compacted: writers.every(({ compacted }) => compacted) });
  return source.describeTopic(topic);
}

function topicMissing(topics: readonly string[]): SluiceError {
  const plural = topics.length > 1 ? "topics do" : "topic does";
  return new SluiceError("TOPIC_MISSING", `the source ${plural} not exist: ${topics.join(", ")}`, {
    hint: "create it, write to it first (sluice produce), or run without --until-end to wait for it",
  });
}

/** What a SELECT by itself may read, and does not find. */
function relationMissing({ config }: Connection, plan: SourcePlan): SluiceError {
  const kinds = { kafka: "topic", elasticsearch: "index", cassandra: "table", embedded: "topic, index or table" } as const;
  const code = config.as === "kafka" ? "TOPIC_MISSING" : "TARGET_MISSING";
  return new SluiceError(code, `there is no ${kinds[config.as]} ${plan.topic} on ${plan.connection}`);
}

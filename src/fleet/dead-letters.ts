import { must } from "../assert.ts";
import { SluiceError } from "../errors.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import { inputsOf } from "../model/statement.ts";
import type { PipelinePlan, StatementPlan } from "../plan/pipeline-plan.ts";
import { isInternalTopic } from "../plan/repartition.ts";
import type { Connection } from "../ports/connection.ts";
import type { RouteTarget } from "../ports/sink.ts";
import type { LiveConnections } from "../project/live/live-connections.ts";
import { readPartition } from "../project/read-partition.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import { mergedLog } from "../runtime/feeds/open-merged.ts";
import { type KeptLetter, letterOf } from "./kept-letter.ts";
import { type LetterPlace, letterPlace } from "./letter-place.ts";
import { type LetterOrder, LetterSelection } from "./letter-selection.ts";

/** What a letter costs beside its text. */
const KEPT_BYTES = 500;

export interface LetterFilter {
  readonly statement?: string;
  readonly code?: string;
  /** Whether its record was put back already; left out: either. */
  readonly redriven?: boolean;
}

/** A letter, and where it is kept: a topic with the partition, an index or a table. */
export interface FoundLetter {
  readonly letter: KeptLetter;
  readonly writer: StatementPlan;
  readonly keptIn: RouteTarget;
  readonly keptPartition: number;
}

/** Where the statements of a pipeline keep their dead letters. */
export function deadLetterTargets({ statements }: PipelinePlan): readonly RouteTarget[] {
  const targets = statements.flatMap(({ deadLetterRoute }) => deadLetterRoute ?? []);
  return [...new Map(targets.map((target) => [`${target.connection}.${target.name}`, target])).values()];
}

/** Letters in their order; `next`: where to go on, null: there are no more. */
export interface FoundLetters {
  readonly found: readonly FoundLetter[];
  readonly next: LetterPlace | null;
}

/** Of the statements of a pipeline some letters behind a place, or from the beginning; the latest first. Rejects as connections do. */
export async function findDeadLetters(
  plan: PipelinePlan,
  filter: LetterFilter,
  { after, limit }: { readonly after: LetterPlace | null; readonly limit: number },
  live: LiveConnections,
): Promise<FoundLetters> {
  const found: FoundLetter[] = [];
  for (let from = after; ; ) {
    const page = await lookThrough(plan, filter, { order: "latest", after: from }, live);
    found.push(...page.found);
    if (found.length > limit) return { found: found.slice(0, limit), next: letterPlace(must(found[limit - 1]).letter) };
    if (page.next === null) return { found, next: null };
    from = page.next;
  }
}

export interface Look {
  readonly order: LetterOrder;
  readonly after: LetterPlace | null;
  /** Told of each letter; false: it is left out. */
  readonly takes?: (letter: KeptLetter) => boolean;
}

/**
 * Everything that is kept is read once: what was said of a letter last may lie anywhere behind it. Of that a page stays, of as many letters
 * as there is memory for; none on it fits the filter at times, and there are more. Rejects as connections do.
 */
export async function lookThrough(
  plan: PipelinePlan,
  filter: LetterFilter,
  { order, after, takes = () => true }: Look,
  live: LiveConnections,
): Promise<FoundLetters> {
  const selection = new LetterSelection(order, after);
  const read = deadLetterTargets(plan).map(async (keptIn) => {
    for await (const slices of keptIn.kind === "topic" ? recordsOf(live, keptIn) : rowsOf(live, keptIn)) {
      for (const { letter, bytes } of lettersIn(slices)) {
        const isAsked = filter.statement === undefined || letter.statement === filter.statement;
        const writer = isAsked ? writerOf(plan, keptIn, letter) : undefined;
        if (writer !== undefined && takes(letter)) selection.take({ letter, writer, keptIn, keptPartition: slices.partition }, bytes);
      }
    }
  });
  await Promise.all(read);
  const { found, next } = selection.page;
  return { found: found.filter(({ letter }) => fits(letter, filter)), next };
}

function fits(letter: KeptLetter, { code, redriven }: LetterFilter): boolean {
  return (code === undefined || letter.code === code) && (redriven === undefined || (letter.redrivenAt !== undefined) === redriven);
}

/** What `ask` gives, or rejects with. */
export async function asked<T>(live: LiveConnections, name: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const answer = await live.ask(name, work);
  if (answer instanceof SluiceError) throw answer;
  return answer;
}

async function* recordsOf(live: LiveConnections, { connection, name }: RouteTarget): AsyncGenerator<RecordSlices> {
  const topic = await asked(live, connection, async ({ source }) => (await source?.describeTopic(name)) ?? null);
  for (let partition = 0; partition < (topic?.partitions ?? 0); partition++) {
    const { startOffset: from, endOffset: to } = await asked(live, connection, ({ source }) => must(source).bounds(name, partition));
    yield* askedForEach(live, connection, ({ source }, signal) => readPartition(must(source), name, partition, { from, to, signal }));
  }
}

/** There is no first letter before there is an index or table. */
async function* rowsOf(live: LiveConnections, { connection, name }: RouteTarget): AsyncGenerator<RecordSlices> {
  try {
    yield* askedForEach(live, connection, (opened, signal) => opened.readTable(name, signal));
  } catch (error) {
    if (asSluiceError(error).code !== "TARGET_MISSING") throw error;
  }
}

/** However long it takes in all: each of them is one question. */
async function* askedForEach(
  live: LiveConnections,
  name: string,
  open: (connection: Connection, signal: AbortSignal) => AsyncIterable<RecordSlices> | null,
): AsyncGenerator<RecordSlices> {
  const ending = new AbortController();
  const all = await asked(live, name, async (connection) => open(connection, ending.signal)?.[Symbol.asyncIterator]() ?? null);
  try {
    for (;;) {
      const next = all === null ? null : await asked(live, name, () => all.next());
      if (next === null || next.done === true) return;
      yield next.value;
    }
  } finally {
    ending.abort();
    // Whoever still waits for an answer gives up by itself.
    void all?.return?.().catch(() => undefined);
  }
}

function* lettersIn({ count, valueStarts, valueEnds, bytes }: RecordSlices): Generator<{ letter: KeptLetter; bytes: number }> {
  for (let row = 0; row < count; row++) {
    const [start, end] = [valueStarts[row] as number, valueEnds[row] as number];
    const letter = start < 0 ? null : letterOf(bytes.toString("utf8", start, end));
    if (letter !== null) yield { letter, bytes: end - start + KEPT_BYTES };
  }
}

/** Statements of several pipelines may share a place of dead letters. */
function writerOf(plan: PipelinePlan, keptIn: RouteTarget, { statement: name, topic }: KeptLetter): StatementPlan | undefined {
  return plan.statements.find(({ statement, deadLetterRoute }) => {
    const isKeptHere = deadLetterRoute?.connection === keptIn.connection && deadLetterRoute.name === keptIn.name;
    const isRead = inputsOf(statement).some((source) => source.topic === topic);
    const isBetween = isInternalTopic(topic, plan.name) || topic === mergedLog(statement.name);
    return isKeptHere && statement.name === name && (isRead || isBetween);
  });
}

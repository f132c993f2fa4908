import { addCounters, NO_COUNTERS } from "./counters.ts";
import { addDurations, NO_DURATIONS } from "./durations.ts";
import type { LookupProgress, PartitionProgress, Progress, RouteProgress, StatementProgress, StatementState } from "./protocol.ts";

/** What a statement is when its parts are in different states: the first of these that one of them is in. */
const STATES: readonly StatementState[] = ["failed", "detached", "running", "starting", "stopped", "finished"];

/** The progress of a pipeline whose partitions are spread: each part has its own records and counters. */
export function sumProgress(parts: readonly Progress[]): Progress {
  const statements = parts[0]?.statements ?? [];
  return {
    messages: sum(parts.map(({ messages }) => messages)),
    bytes: sum(parts.map(({ bytes }) => bytes)),
    seconds: Math.max(0, ...parts.map(({ seconds }) => seconds)),
    loopLagMs: Math.max(0, ...parts.map(({ loopLagMs }) => loopLagMs)),
    batches: parts.reduce((total, { batches }) => addDurations(total, batches), NO_DURATIONS),
    statements: statements.map((_, index) => sumStatement(parts.flatMap((part) => part.statements[index] ?? []))),
  };
}

export function sumStatement(parts: readonly StatementProgress[]): StatementProgress {
  const [first] = parts as [StatementProgress];
  return {
    name: first.name,
    target: first.target,
    state: STATES.find((state) => parts.some((part) => part.state === state)) ?? first.state,
    counters: parts.reduce((total, { counters }) => addCounters(total, counters), NO_COUNTERS),
    lag: sum(parts.map(({ lag }) => lag)),
    partitions: parts.flatMap(({ partitions }) => partitions).sort(byPartition),
    routes: sumRoutes(parts.flatMap(({ routes }) => routes)),
    ...sumLookups(parts.flatMap(({ lookups = [] }) => lookups)),
  };
}

function sumLookups(lookups: readonly LookupProgress[]): Pick<StatementProgress, "lookups"> {
  const sums = new Map<string, LookupProgress>();
  for (const one of lookups) {
    const { hits, misses, errors } = sums.get(one.table) ?? { hits: 0, misses: 0, errors: 0 };
    sums.set(one.table, { table: one.table, hits: hits + one.hits, misses: misses + one.misses, errors: errors + one.errors });
  }
  return sums.size === 0 ? {} : { lookups: [...sums.values()] };
}

function sumRoutes(routes: readonly RouteProgress[]): readonly RouteProgress[] {
  const sums = new Map<RouteProgress["to"], RouteProgress>();
  for (const route of routes) {
    const { to, queuedBytes, retries, writes } = sums.get(route.to) ?? { ...route, queuedBytes: 0, retries: 0, writes: NO_DURATIONS };
    sums.set(to, {
      to,
      queuedBytes: queuedBytes + route.queuedBytes,
      retries: retries + route.retries,
      writes: addDurations(writes, route.writes),
    });
  }
  return [...sums.values()];
}

function byPartition(left: PartitionProgress, right: PartitionProgress): number {
  if (left.topic !== right.topic) return left.topic < right.topic ? -1 : 1;
  return left.partition - right.partition;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

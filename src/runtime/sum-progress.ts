import { addCounters, NO_COUNTERS } from "./counters.ts";
import type { PartitionProgress, Progress, StatementProgress, StatementState } from "./protocol.ts";

/** What a statement is when its parts are in different states: the first of these that one of them is in. */
const STATES: readonly StatementState[] = ["failed", "detached", "running", "starting", "stopped", "finished"];

/** The progress of a pipeline whose partitions are spread: each part has its own records and counters. */
export function sumProgress(parts: readonly Progress[]): Progress {
  const statements = parts[0]?.statements ?? [];
  return {
    messages: sum(parts.map(({ messages }) => messages)),
    bytes: sum(parts.map(({ bytes }) => bytes)),
    seconds: Math.max(0, ...parts.map(({ seconds }) => seconds)),
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
  };
}

function byPartition(left: PartitionProgress, right: PartitionProgress): number {
  if (left.topic !== right.topic) return left.topic < right.topic ? -1 : 1;
  return left.partition - right.partition;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

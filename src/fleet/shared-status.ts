import { partitionName } from "../model/partition-name.ts";
import { addCounters, NO_COUNTERS } from "../runtime/counters.ts";
import type { PartitionProgress } from "../runtime/protocol.ts";
import { sumStatement } from "../runtime/sum-progress.ts";
import {
  type PipelineFailure,
  type PipelineState,
  type PipelineStatus,
  SAMPLES,
  type ToldStatement,
  type ToldStatus,
} from "./pipeline-status.ts";

/** How a pipeline stands on all servers that run it, each of which has some of its partitions. */
export interface SharedStatus extends ToldStatus {
  readonly statements: readonly SharedStatement[];
  /** The same on all of them. */
  readonly diagnostics: PipelineStatus["diagnostics"];
  /** By name; empty: one server keeps its own catalog, and there are no others. */
  readonly servers: readonly ServerState[];
  readonly failures: readonly SharedFailure[];
  readonly skipped: readonly SharedFailure[];
  readonly late: readonly SharedFailure[];
}

export interface SharedFailure extends PipelineFailure {
  /** Where; left out: there are no others. */
  readonly server?: string;
}

export interface SharedStatement extends ToldStatement {
  readonly partitions: readonly SharedPartition[];
}

export interface SharedPartition extends PartitionProgress {
  /** Whose it is; left out: there are no others. */
  readonly server?: string;
}

export interface ServerState {
  readonly server: string;
  readonly state: PipelineState;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** How a pipeline stands on one of several servers. */
export interface ServerStatus {
  readonly server: string;
  /** Of the deployment that it runs. */
  readonly generation: number;
  readonly status: ToldStatus;
}

/**
 * What a pipeline is whose servers are in different states: the first of these that one of them is in. So it is running when
 * it runs on all that do not pause it, and failed when it is so on one.
 */
const STATES: readonly PipelineState[] = ["failed", "stopping", "starting", "waiting", "running", "paused"];

/** The same whichever server merges. */
export function mergedStatus(all: readonly ServerStatus[]): Omit<SharedStatus, "diagnostics"> {
  // The latest text says which statements there are, and in which order.
  const sorted = all.toSorted((left, right) => right.generation - left.generation || (left.server < right.server ? -1 : 1));
  const statuses = sorted.map(({ status }) => status);
  const sum = (measure: (status: ToldStatus) => number): number => statuses.reduce((total, status) => total + measure(status), 0);
  const union = (list: (status: ToldStatus) => readonly string[]): readonly string[] => [...new Set(statuses.flatMap(list))];
  return {
    ...stateOf(statuses),
    waitingFor: union(({ waitingFor }) => waitingFor),
    messages: sum(({ messages }) => messages),
    bytes: sum(({ bytes }) => bytes),
    messagesPerSecond: sum(({ messagesPerSecond }) => messagesPerSecond),
    statements: mergedStatements(sorted),
    failures: latest(sorted, ({ failures }) => failures),
    skipped: latest(sorted, ({ skipped }) => skipped),
    late: latest(sorted, ({ late }) => late),
    troubles: Object.assign({}, ...statuses.map(({ troubles }) => troubles)),
    unavailable: union(({ unavailable }) => unavailable),
    restarts: sum(({ restarts }) => restarts),
    servers: sorted
      .map(({ server, status: { state, since } }) => ({ server, state, since }))
      .sort((left, right) => (left.server < right.server ? -1 : 1)),
  };
}

/** One that has come to a state on all its servers is in it since the last of them came to it, else since the first. */
function stateOf(statuses: readonly ToldStatus[]): Pick<ToldStatus, "state" | "since"> {
  const state = STATES.find((one) => statuses.some((status) => status.state === one)) ?? "starting";
  const since = statuses
    .filter((status) => status.state === state)
    .map((status) => status.since)
    .sort();
  return { state, since: (since.length === statuses.length ? since.at(-1) : since[0]) ?? "" };
}

function latest(all: readonly ServerStatus[], samples: (status: ToldStatus) => readonly PipelineFailure[]): readonly SharedFailure[] {
  return all
    .flatMap(({ server, status }) => samples(status).map((one) => ({ ...one, server })))
    .sort((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0))
    .slice(-SAMPLES);
}

function mergedStatements(all: readonly ServerStatus[]): readonly SharedStatement[] {
  const parts = new Map<string, SharedStatement[]>();
  for (const { server, status } of all) {
    for (const statement of status.statements) {
      const known = parts.get(statement.name) ?? [];
      parts.set(statement.name, known);
      known.push({ ...statement, partitions: statement.partitions.map((one) => ({ ...one, server })) });
    }
  }
  return [...parts.values()].map(mergedStatement);
}

/** Counters are kept with the partitions: whoever has one now counts on from what the others have counted there. */
function mergedStatement(parts: readonly SharedStatement[]): SharedStatement {
  // Several members of a UNION ALL may be at one partition, all of them at its owner.
  const owners = new Map<string, SharedPartition>();
  for (const one of parts.flatMap(({ partitions }) => partitions)) {
    const known = owners.get(partitionName(one));
    if (known === undefined || one.generation > known.generation) owners.set(partitionName(one), one);
  }
  const isOwned = (one: SharedPartition): boolean => owners.get(partitionName(one))?.server === one.server;
  const owned = parts.map((part) => {
    const partitions = part.partitions.filter(isOwned);
    const counters = partitions.reduce((total, one) => addCounters(total, one.counters), NO_COUNTERS);
    return { ...part, partitions, counters, lag: partitions.reduce((total, { lag }) => total + lag, 0), routes: [] };
  });
  const { routes: _, ...sum } = sumStatement(owned);
  return sum;
}

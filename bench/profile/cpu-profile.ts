import { must } from "../../src/assert.ts";
import { type Frame, STATIONS, type Station, stationOf } from "./stations.ts";

/** What `node --cpu-prof` writes, as far as it is used. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of nodes. */
  readonly samples: readonly number[];
  /** Before each sample, in µs. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: Frame & { readonly lineNumber: number };
  readonly children?: readonly number[];
}

export interface FunctionTime {
  /** `name file:line` */
  readonly name: string;
  readonly seconds: number;
}

export interface StationTime {
  readonly station: Station;
  readonly seconds: number;
  /** Those with the most time of their own first. */
  readonly functions: readonly FunctionTime[];
}

export interface Digest {
  readonly busySeconds: number;
  readonly idleSeconds: number;
  /** In the order of `STATIONS`. */
  readonly stations: readonly StationTime[];
}

/** Own times of functions by station, of all threads together. */
export function digest(profiles: readonly CpuProfile[]): Digest {
  const byStation = new Map<Station, Map<string, number>>(STATIONS.map((station) => [station, new Map()]));
  let idleSeconds = 0;
  for (const profile of profiles) {
    const places = placesOf(profile);
    for (const [i, id] of profile.samples.entries()) {
      const seconds = (profile.timeDeltas[i] ?? 0) / 1e6;
      const { station, name } = must(places.get(id), "node of a sample");
      if (station === "idle") idleSeconds += seconds;
      else {
        const functions = must(byStation.get(station));
        functions.set(name, (functions.get(name) ?? 0) + seconds);
      }
    }
  }
  const stations = [...byStation].map(([station, functions]) => stationTime(station, functions));
  return { busySeconds: sumOf(stations), idleSeconds, stations };
}

function stationTime(station: Station, functions: ReadonlyMap<string, number>): StationTime {
  const times = [...functions].map(([name, seconds]) => ({ name, seconds })).sort((a, b) => b.seconds - a.seconds);
  return { station, seconds: sumOf(times), functions: times };
}

function placesOf({ nodes }: CpuProfile): ReadonlyMap<number, { readonly station: Station | "idle"; readonly name: string }> {
  const parents = new Map(nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stackOf = (id: number): Frame[] => {
    const parent = parents.get(id);
    return [...(parent === undefined ? [] : stackOf(parent)), must(byId.get(id)).callFrame];
  };
  return new Map(nodes.map(({ id, callFrame }) => [id, { station: stationOf(stackOf(id)), name: nameOf(callFrame) }]));
}

function nameOf({ functionName, url, lineNumber }: ProfileNode["callFrame"]): string {
  const file = url.replace(/^.*\/(?=(src|grammar|bin|node_modules)\/)/, "").replace(/^wasm:.*/, "wasm");
  if (file === "") return functionName === "" ? "(generated code)" : functionName;
  return `${functionName === "" ? "(anonymous)" : functionName} ${file}:${lineNumber + 1}`;
}

function sumOf(times: readonly { readonly seconds: number }[]): number {
  return times.reduce((sum, { seconds }) => sum + seconds, 0);
}

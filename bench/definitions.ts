import { must } from "../src/assert.ts";
import type { Joined, ReadingsName } from "./data/data-sets.ts";
import { runNexmark, runNexmarkInFlink } from "./engines/nexmark.ts";
import { type Peer, type PeerRun, runPeer } from "./engines/peers.ts";
import { runReader } from "./engines/reader.ts";
import { runSluice, type SluiceRun } from "./engines/sluice.ts";
import { startDemo, startKafka, startQuery } from "./engines/start.ts";
import { QUERIES } from "./nexmark/queries.ts";
import type { RunDefinition, TableName } from "./run.ts";
import type { WorkloadName } from "./workloads.ts";

interface Traits {
  readonly workload: string;
  /** "bench" unless given. */
  readonly table?: TableName | null;
}

const tableOf = ({ table = "bench" }: Traits): TableName | null => table;

function sluice(name: string, traits: Traits, options: SluiceRun): RunDefinition {
  return {
    name: `sluice ${name}`,
    engine: "sluice",
    workload: traits.workload,
    dataSet: options.dataSet ?? "standard",
    table: tableOf(traits),
    hasOracle: true,
    run: (context) => runSluice(context, options),
  };
}

function peer(name: string, traits: Traits, options: PeerRun): RunDefinition {
  return {
    name: `${options.peer} ${name}`,
    engine: options.peer,
    workload: traits.workload,
    dataSet: "standard",
    table: tableOf(traits),
    hasOracle: false,
    run: (context) => runPeer(context, options),
  };
}

const streams = (name: string, workload: PeerRun["workload"], ...args: readonly string[]): RunDefinition =>
  peer(name, { workload: String(workload).toUpperCase() }, { peer: "kafka-streams", workload, args });

const CHECKPOINTS = ["--checkpoint-ms", "10000"];
/** At the end of a bounded scan Flink closes the windows of the end markers too. */
const withEndMarkers = (rows: number): number => rows + 4;

function flink(line: "flink-1.20" | "flink-2.2"): readonly RunDefinition[] {
  const table = line === "flink-1.20" ? "bench" : null;
  const run = (name: string, workload: PeerRun["workload"], args: readonly string[], results?: PeerRun["results"]): RunDefinition => {
    const traits = { workload: String(workload).toUpperCase(), table } as const;
    return peer(name, traits, { peer: line, workload, args, ...(results === undefined ? {} : { results }) });
  };
  return [
    run("W1", "w1", ["--workload", "W1"]),
    run("W2", "w2", ["--workload", "W2"], withEndMarkers),
    run("W2-ck10s", "w2", ["--workload", "W2", ...CHECKPOINTS], withEndMarkers),
    // Without mini-batches every record is a change.
    run("W2-update", "w2-update", ["--workload", "W2u"], (_, records) => records),
    run("W3", "w3", ["--workload", "W3"]),
  ];
}

const plain = (name: string, workload: string, run: RunDefinition["run"]): RunDefinition => ({
  name: `sluice ${name}`,
  engine: "sluice",
  workload,
  dataSet: "standard",
  table: "bench",
  hasOracle: false,
  run,
});

/** Of what the peers have in the same columns, whose content is compared. */
interface Compared {
  readonly workload: WorkloadName;
  readonly dataSet?: ReadingsName;
  /** Of Kafka Streams, where it would take too long otherwise. */
  readonly ofStreams?: ReadingsName;
  readonly joins?: Joined;
  /** What is open at the end is written by Sluice too, as it is by Flink. */
  readonly closes?: boolean;
  /** Every engine writes as many changes as its commits and caches make of it. */
  readonly isUpdated?: boolean;
}

function compared(name: string, group: string, options: Compared): readonly RunDefinition[] {
  const { workload, dataSet = "standard", ofStreams = dataSet, joins, closes = false, isUpdated = false } = options;
  const traits = { workload: group, table: "wide" } as const;
  const args = ["--workload", name];
  const results = isUpdated ? (): null => null : undefined;
  const beside = (engine: Peer, read = dataSet): RunDefinition => ({
    ...peer(name, traits, {
      peer: engine,
      workload,
      dataSet: read,
      args,
      output: `peer-${name}`,
      ...(joins === undefined ? {} : { joins }),
      ...(results === undefined ? {} : { results, areLists: engine === "kafka-streams" }),
    }),
    dataSet: read,
    hasOracle: true,
  });
  return [sluice(name, traits, { workload, dataSet, closes }), beside("kafka-streams", ofStreams), beside("flink-1.20")];
}

/** A query of Nexmark beside Flink SQL. */
function nexmark(name: string): readonly RunDefinition[] {
  const query = must(
    QUERIES.find((each) => each.name === name),
    name,
  );
  const engines = [
    ["sluice", runNexmark],
    ["flink-1.20", runNexmarkInFlink],
  ] as const;
  return engines.map(([engine, run]) => ({
    name: `${engine} nexmark-${name}`,
    engine,
    workload: `nexmark ${name}`,
    dataSet: `nexmark-${query.layout}`,
    table: "nexmark",
    hasOracle: true,
    run: (context) => run(context, query),
  }));
}

/** What windows and joins cost, beside what is as simple as can be. */
const cost = (name: string, workload: WorkloadName, dataSet: ReadingsName): RunDefinition =>
  sluice(`cost-${name}`, { workload: "costs", table: "costs" }, { workload, dataSet });

const W2 = { workload: "W2" };
const SUPPRESS = ["--workload", "W2", "--emit", "suppress"];

/** Everything that can be measured. Lines of a workload follow each other, so that a round compares them under the same conditions. */
const ALL: readonly RunDefinition[] = [
  plain("W0", "W0", runReader),
  peer("W0", { workload: "W0" }, { peer: "consumer", workload: null, args: [] }),
  sluice("W1", { workload: "W1" }, { workload: "w1" }),
  streams("W1", "w1", "--workload", "W1"),
  sluice("W2", W2, { workload: "w2" }),
  streams("W2-suppress-rocksdb-log", "w2", ...SUPPRESS),
  streams("W2-suppress-memory-nolog-bin", "w2", ...SUPPRESS, "--store", "memory", "--logging", "false", "--state", "bin"),
  sluice("W2-update", { workload: "W2-UPDATE" }, { workload: "w2-update" }),
  peer(
    "W2-update-rocksdb-log",
    { workload: "W2-UPDATE" },
    { peer: "kafka-streams", workload: "w2-update", args: ["--workload", "W2", "--emit", "update"], results: () => null },
  ),
  sluice("W3", { workload: "W3" }, { workload: "w3" }),
  streams("W3", "w3", "--workload", "W3"),
  ...flink("flink-1.20"),
  ...flink("flink-2.2"),
  sluice("W4-pair", { workload: "W4" }, { workload: "w4-pair" }),
  sluice("W4", { workload: "W4" }, { workload: "w4" }),
  ...compared("W6-hopping", "W6 hopping", { workload: "w6-hopping", dataSet: "small", ofStreams: "tiny", closes: true }),
  ...compared("W6-session", "W6 session", { workload: "w6-session" }),
  ...compared("W6-distinct", "W6 distinct", { workload: "w6-distinct" }),
  ...compared("W6-top", "W6 top", { workload: "w6-top", isUpdated: true }),
  ...compared("W7-enrich", "W7 enrich", { workload: "w7-enrich", dataSet: "joined", joins: "devices" }),
  ...compared("W7-pairs", "W7 pairs", { workload: "w7-pairs", dataSet: "joined", joins: "visits" }),
  ...["q0", "q1", "q2", "q5", "q7", "q8", "q11"].flatMap(nexmark),
  sluice("W2-kafkajs", { workload: "W2 otherwise" }, { workload: "w2", client: "kafkajs" }),
  sluice("W2-parallelism-2", { workload: "W2 otherwise" }, { workload: "w2", parallelism: 2 }),
  sluice("W2-million-devices", { workload: "W2 otherwise" }, { workload: "w2", dataSet: "million-devices" }),
  sluice("W2-small", { workload: "W2 otherwise" }, { workload: "w2", dataSet: "small" }),
  sluice("W2-large", { workload: "W2 otherwise", table: null }, { workload: "w2", dataSet: "large" }),
  cost("tumbling", "w6-tumbling", "hours"),
  cost("hopping", "w6-hopping", "hours"),
  cost("session", "w6-session", "hours"),
  cost("plain", "w7-plain", "joined"),
  cost("enrich", "w7-enrich", "joined"),
  plain("start-query", "start", startQuery),
  plain("start-demo", "start", startDemo),
  plain("start-kafka", "start", startKafka),
];

/** What nobody but us has comes last. */
const LAST = ["W2 otherwise", "costs", "start"];
const WORKLOADS = [...new Set([...ALL.map(({ workload }) => workload).filter((workload) => !LAST.includes(workload)), ...LAST])];

export const DEFINITIONS: readonly RunDefinition[] = WORKLOADS.flatMap((workload) => ALL.filter((each) => each.workload === workload));

/** Those whose names match; what is not in the first table only where it is wanted. */
export function select(only: RegExp, withOptional: boolean): readonly RunDefinition[] {
  return DEFINITIONS.filter(({ name, table }) => only.test(name) && (withOptional || table === "bench"));
}

import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { javaTool } from "../../test/services/launcher/java.ts";
import { dataSet, recordsOf, topicOf } from "../data/data-sets.ts";
import { measure } from "../measure.ts";
import { PATHS } from "../paths.ts";
import type { Engine, Figures, RunContext } from "../run.ts";
import { deleteTopics } from "../topics.ts";
import { expectedOf } from "../verify-outputs.ts";
import type { WorkloadName } from "../workloads.ts";

export type Peer = Exclude<Engine, "sluice">;

export interface PeerRun {
  readonly peer: Peer;
  /** null: only reads. */
  readonly workload: WorkloadName | null;
  readonly args: readonly string[];
  /** Rows that it must write, of the records read and the rows that are right; null: at least the latter. */
  readonly results?: (rows: number, records: number) => number | null;
}

/** What a peer prints behind the word RESULT. */
type PeerReport = Pick<Figures, "messages" | "seconds" | "secondHalfRate" | "workCpuSeconds" | "results">;

/** Flink runs on no later version. */
const JAVA = [17, 21] as const;
const HEAP = ["-Xmx2g", "-XX:+UseG1GC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"];
/** Flink outside its own scripts wants these. */
const OPENED = ["lang", "util", "time", "util.concurrent", "net", "nio"].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`);

const scratch = (name: string): string => join(PATHS.scratch, name);

export async function runPeer({ broker, messages }: RunContext, run: PeerRun): Promise<Figures> {
  const data = dataSet("standard", messages);
  const expected = run.workload === null ? [] : expectedOf(run.workload, data);
  mkdirSync(PATHS.scratch, { recursive: true });
  const args = [...jvmArgs(run.peer), "--bootstrap", broker.address, "--topic", topicOf(data), ...run.args];
  try {
    const { stdout, ...usage } = await measure({ program: await javaTool("java", ...JAVA), args }, broker);
    const line = /RESULT (\{.*\})/.exec(stdout)?.[1];
    if (line === undefined) throw new Error(`no result was printed\n${stdout}`);
    const report = JSON.parse(line) as PeerReport;
    if (report.messages !== recordsOf(data)) throw new Error(`${report.messages} records read, not ${recordsOf(data)}`);
    const rows = expected.reduce((sum, each) => sum + each.rows, 0);
    const wanted = run.results === undefined ? rows : run.results(rows, report.messages);
    const isRight = wanted === null ? report.results >= rows : report.results === wanted;
    if (!isRight) throw new Error(`${report.results} rows written, not ${wanted ?? rows}`);
    return { ...usage, ...report };
  } finally {
    for (const name of ["streams-state", "flink-checkpoints"]) rmSync(scratch(name), { recursive: true, force: true });
    await deleteTopics(broker.address, (name) => name.startsWith("peer-") || name.startsWith("ks-"));
  }
}

export const jarOf = (peer: Peer): string =>
  join(PATHS.peers, moduleOf(peer), moduleOf(peer) === "streams" ? "streams-1.jar" : "flink-1.jar");

const moduleOf = (peer: Peer): "streams" | "flink-1.20" | "flink-2.2" =>
  peer === "kafka-streams" || peer === "consumer" ? "streams" : peer;

function jvmArgs(peer: Peer): readonly string[] {
  const classPath = ["-cp", `${jarOf(peer)}:${join(dirname(jarOf(peer)), "lib", "*")}`];
  switch (peer) {
    case "consumer":
      return [...HEAP, ...classPath, "peers.RawConsumer"];
    case "kafka-streams":
      return [...HEAP, ...classPath, "peers.Streams", "--state-dir", scratch("streams-state")];
    case "flink-1.20":
    case "flink-2.2":
      return [...OPENED, ...HEAP, ...classPath, "peers.FlinkSql", "--checkpoint-dir", scratch("flink-checkpoints")];
  }
}

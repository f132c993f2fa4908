import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { must } from "../../src/assert.ts";
import { javaTool } from "../../test/services/launcher/java.ts";
import { dataSet, type Joined, type ReadingsName, recordsOf, topicsOf } from "../data/data-sets.ts";
import { measure } from "../measure.ts";
import { PATHS } from "../paths.ts";
import type { Engine, Figures, RunContext } from "../run.ts";
import { deleteTopics } from "../topics.ts";
import { expectedOf, verifyTopics } from "../verify-outputs.ts";
import { outputsOf, type WorkloadName } from "../workloads.ts";

export type Peer = Exclude<Engine, "sluice">;

export interface PeerRun {
  readonly peer: Peer;
  /** null: only reads. */
  readonly workload: WorkloadName | null;
  readonly dataSet?: ReadingsName;
  /** What it reads beside the readings. */
  readonly joins?: Joined;
  readonly args: readonly string[];
  /** The topic whose content is compared, where it is that of Sluice's only output, column by column. */
  readonly output?: string;
  /** Its rows come in lists, so that their number says nothing. */
  readonly areLists?: boolean;
  /** Rows that it must write, of the records read and the rows that are right; null: at least the latter. */
  readonly results?: (rows: number, records: number) => number | null;
}

/** What a peer prints behind the word RESULT. */
export type PeerReport = Pick<Figures, "messages" | "seconds" | "secondHalfRate" | "workCpuSeconds" | "results">;

/** Flink runs on no later version. */
const JAVA = [17, 21] as const;
const HEAP = ["-Xmx2g", "-XX:+UseG1GC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"];
/** Flink outside its own scripts wants these. */
const OPENED = ["lang", "util", "time", "util.concurrent", "net", "nio"].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`);

const scratch = (name: string): string => join(PATHS.scratch, name);

export async function runPeer(context: RunContext, run: PeerRun): Promise<Figures> {
  const { broker, messages, verify } = context;
  const name = run.dataSet ?? "standard";
  const data = dataSet(name, messages);
  const closing = { closesAll: run.peer.startsWith("flink") };
  const expected = run.workload === null ? [] : expectedOf(run.workload, data, run.output === undefined ? undefined : closing);
  const { readings, joined } = topicsOf(name, data);
  const topics = [`temperatures=${readings}`, ...(run.joins === undefined ? [] : [`${run.joins}=${must(joined)[run.joins]}`])];
  const records = recordsOf(data, run.joins);
  return runJava(context, run.peer, ["--topics", topics.join(","), ...run.args], async (report) => {
    if (report.messages !== records) throw new Error(`${report.messages} records read, not ${records}`);
    const rows = expected.reduce((sum, each) => sum + each.rows, 0);
    const wanted = run.results === undefined ? rows : run.results(rows, report.messages);
    const isRight = run.areLists || (wanted === null ? report.results >= rows : report.results === wanted);
    if (!isRight) throw new Error(`${report.results} rows written, not ${wanted ?? rows}`);
    if (!verify || run.output === undefined || run.workload === null) return;
    const [output] = outputsOf(run.workload);
    await verifyTopics(broker.address, [{ topic: run.output, isUpdated: must(output).isUpdated }], expected);
  });
}

/** Runs a peer and deletes what it wrote, once `check` has seen it. */
export async function runJava(
  { broker }: RunContext,
  peer: Peer,
  args: readonly string[],
  check: (report: PeerReport) => Promise<void>,
): Promise<Figures> {
  mkdirSync(PATHS.scratch, { recursive: true });
  const all = [...jvmArgs(peer), "--bootstrap", broker.address, ...args];
  try {
    const { stdout, ...usage } = await measure({ program: await javaTool("java", ...JAVA), args: all }, broker);
    const line = /RESULT (\{.*\})/.exec(stdout)?.[1];
    if (line === undefined) throw new Error(`no result was printed\n${stdout}`);
    const report = JSON.parse(line) as PeerReport;
    await check(report);
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

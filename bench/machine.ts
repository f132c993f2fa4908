import { cpus, release, totalmem, type } from "node:os";
import { javaTool } from "../test/services/launcher/java.ts";
import { pomProperty } from "../test/services/launcher/maven.ts";
import { run } from "../test/services/launcher/process.ts";
import { brokerVersion } from "./broker.ts";
import { ROOT } from "./paths.ts";
import { PEERS_POM } from "./prepare-peers.ts";

export interface Machine {
  readonly cores: number;
  readonly memoryGb: number;
  readonly cpu: string;
  readonly system: string;
}

export function machine(): Machine {
  const [first] = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return { cores: cpus().length, memoryGb, cpu: first?.model.trim() ?? "unknown", system: `${type()} ${release()}` };
}

export async function versions(): Promise<Readonly<Record<string, string>>> {
  const java = await javaTool("java", 17, 21).then(
    async (program) => /version "([^"]+)/.exec((await run(program, ["-version"])).stderr)?.[1] ?? "unknown",
    () => "none",
  );
  return {
    node: process.version,
    "kafka broker": brokerVersion,
    "kafka-streams": pomProperty(PEERS_POM, "kafka.version"),
    "flink-1.20": pomProperty(PEERS_POM, "flink.version"),
    java,
  };
}

export async function commitOf(root: string = ROOT): Promise<{ readonly commit: string; readonly isModified: boolean }> {
  const git = async (...args: readonly string[]): Promise<string> => (await run("git", ["-C", root, ...args])).stdout.trim();
  const changed = await git("status", "--porcelain", "--untracked-files=no");
  return { commit: await git("rev-parse", "HEAD"), isModified: changed !== "" };
}

/** Whether these paths were committed otherwise since. */
export async function isChangedSince(commit: string, paths: readonly string[]): Promise<boolean> {
  const { stdout } = await run("git", ["-C", ROOT, "diff", "--name-only", commit, "HEAD", "--", ...paths]);
  return stdout !== "";
}

import { spawn } from "node:child_process";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { missingTools } from "../test/services/launcher/java.ts";
import { jarOf, type Peer } from "./engines/peers.ts";
import { PATHS } from "./paths.ts";

export const PEERS_POM = join(import.meta.dirname, "peers", "pom.xml");

/** What this machine lacks to build and run the peers, or null. */
export const peersMissing = (): Promise<string | null> => missingTools({ from: 17, to: 21, compiler: true });

/** Builds those of the peers that are not built from the sources as they are; Maven fetches half a gigabyte the first time. */
export async function preparePeers(peers: readonly Peer[], progress: (line: string) => void): Promise<void> {
  const missing = peers.filter((peer) => !isBuilt(peer));
  if (missing.some((peer) => peer !== "flink-2.2")) await build([], progress);
  if (missing.includes("flink-2.2")) await build(["-Pflink2", "-pl", "common,flink"], progress);
  for (const peer of missing) writeFileSync(stampOf(peer), "");
}

function build(options: readonly string[], progress: (line: string) => void): Promise<void> {
  progress("building the peers with Maven (the first time it fetches about 500 MB)");
  const args = ["-B", "-Dstyle.color=never", "-f", PEERS_POM, `-Dpeers.build=${PATHS.peers}`, ...options, "package"];
  return new Promise((resolve, reject) => {
    const maven = spawn("mvn", args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    let fetched = 0;
    maven.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const [line] of text.matchAll(/^\[INFO\] Building (?!jar).*$/gm)) progress(line.replace("[INFO] ", "  "));
      for (const _ of text.matchAll(/^Downloaded from/gm)) if (++fetched % 25 === 0) progress(`  ${fetched} files fetched`);
    });
    maven.once("error", reject);
    maven.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`mvn ended with ${code}\n${output.slice(-3_000)}`))));
  });
}

/** Built after the last change of what it is built from. */
function isBuilt(peer: Peer): boolean {
  const folder = dirname(PEERS_POM);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => statSync(join(folder, path)).mtimeMs);
  return (statSync(stampOf(peer), { throwIfNoEntry: false })?.mtimeMs ?? 0) > Math.max(...sources);
}

/** Maven leaves a jar alone whose own classes are the same: its age says nothing. */
const stampOf = (peer: Peer): string => `${jarOf(peer)}.built`;

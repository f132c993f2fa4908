import { accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { run } from "./process.ts";

const INSTALLED = "/usr/lib/jvm";

type Tool = "java" | "javac" | "jar";

/** The home of a JDK or JRE from version `from` to `to`, "" for the one of PATH, or null. */
async function findHome(from: number, to: number): Promise<string | null> {
  const own = process.env["JAVA_HOME"];
  const installed = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort() : [];
  const homes = [...(own ? [own] : []), "", ...installed.map((name) => join(INSTALLED, name))];
  for (const home of homes) {
    const version = await versionOf(home);
    if (version >= from && version <= to) return home;
  }
  return null;
}

/** 0: there is none. */
async function versionOf(home: string): Promise<number> {
  const java = fileOf(home, "java");
  if (java === null) return 0;
  // A virtual machine that starts to say its version takes half a second of the processor, a file that says it nothing.
  const release = join(dirname(dirname(realpathSync(java))), "release");
  if (existsSync(release)) return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, "utf8"))?.[1] ?? 0);
  const { stderr } = await run(java, ["-version"]).catch(() => ({ stderr: "" }));
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
}

const toolPath = (home: string, tool: Tool): string => (home === "" ? tool : join(home, "bin", tool));

const fileOf = (home: string, tool: Tool): string | null => (home === "" ? onPath(tool) : fileIn([join(home, "bin")], tool));

/** The file of a program that is called by its name alone, or null. */
const onPath = (program: string): string | null => fileIn((process.env["PATH"] ?? "").split(delimiter), program);

const fileIn = (folders: readonly string[], program: string): string | null =>
  folders.map((folder) => join(folder, program)).find(canRun) ?? null;

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A program of a JDK whose version is from `from` to `to`. */
export async function javaTool(tool: Tool, from: number, to = 99): Promise<string> {
  const home = await findHome(from, to);
  if (home === null) throw new Error(missingJava(from, to));
  return toolPath(home, tool);
}

/** What is missing of Java (and Maven, and the compiler where wanted), or null. */
export async function missingTools(need: {
  readonly from: number;
  readonly to?: number;
  readonly compiler?: boolean;
}): Promise<string | null> {
  const to = need.to ?? 99;
  const home = await findHome(need.from, to);
  if (home === null) return missingJava(need.from, to);
  if (need.compiler && fileOf(home, "javac") === null) return "there is no Java compiler (javac)";
  if (onPath("mvn") === null) return "there is no Maven (mvn)";
  return null;
}

function missingJava(from: number, to: number): string {
  return `there is no Java ${from === to ? from : `${from} or newer`}`;
}

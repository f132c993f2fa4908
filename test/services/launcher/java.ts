import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "./process.ts";

const INSTALLED = "/usr/lib/jvm";

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

async function versionOf(home: string): Promise<number> {
  try {
    const { stderr } = await run(toolPath(home, "java"), ["-version"]);
    return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const toolPath = (home: string, tool: string): string => (home === "" ? tool : join(home, "bin", tool));

/** A program of a JDK whose version is from `from` to `to`. */
export async function javaTool(tool: "java" | "javac" | "jar", from: number, to = 99): Promise<string> {
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
  if (need.compiler && !(await runs(toolPath(home, "javac"), "-version"))) return "there is no Java compiler (javac)";
  if (!(await runs("mvn", "-version"))) return "there is no Maven (mvn)";
  return null;
}

function missingJava(from: number, to: number): string {
  return `there is no Java ${from === to ? from : `${from} or newer`}`;
}

async function runs(program: string, ...args: readonly string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  );
}

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./process.ts";

/** Runs Maven on one of our poms. The second try helps after a cut download. */
export async function maven(pom: string, goal: string, properties: Readonly<Record<string, string>>): Promise<void> {
  const args = ["-q", "-B", "-f", pom, goal, ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`)];
  try {
    await run("mvn", args);
  } catch {
    await run("mvn", [...args, "-U"]);
  }
}

const classPathFile = (shared: string, name: string): string => join(shared, `${name}.classpath`);

/** Lets Maven fetch the dependencies of a pom, once per version. */
export async function resolveClassPath(shared: string, name: string, pom: string): Promise<void> {
  const file = classPathFile(shared, name);
  if (
    existsSync(file) &&
    classPath(shared, name)
      .split(":")
      .every((jar) => existsSync(jar))
  )
    return;
  mkdirSync(shared, { recursive: true });
  await maven(pom, "dependency:build-classpath", { "mdep.outputFile": file });
}

export function classPath(shared: string, name: string): string {
  return readFileSync(classPathFile(shared, name), "utf8").trim();
}

/** The value of a property of a pom, such as the version of what it fetches. */
export function pomProperty(pom: string, name: string): string {
  const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(readFileSync(pom, "utf8"))?.[1];
  if (value === undefined) throw new Error(`${pom} has no property ${name}`);
  return value;
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../conformance/eventually.ts";
import { javaTool, missingTools } from "../launcher/java.ts";
import { SERVICES_DIRECTORY } from "../launcher/launcher.ts";
import { withLock } from "../launcher/lock.ts";
import { maven, pomProperty } from "../launcher/maven.ts";
import { freePorts, HOST } from "../launcher/ports.ts";

const POM = join(import.meta.dirname, "pom.xml");
const VERSION = pomProperty(POM, "registry.version");

/** A schema registry of a test's own, in memory. */
export interface Registry {
  /** Where Confluent's interface begins. */
  readonly url: string;
  /** Gives the schema's number. */
  register(subject: string, schemaType: "AVRO" | "JSON" | "PROTOBUF", schema: unknown, references?: readonly unknown[]): Promise<number>;
  stop(): Promise<void>;
}

/** What this machine lacks, or null. */
export const missingForRegistry = (): Promise<string | null> => missingTools({ from: 17 });

export async function startRegistry(): Promise<Registry> {
  const home = await install();
  const [port] = await freePorts();
  const settings = { QUARKUS_HTTP_HOST: HOST, QUARKUS_HTTP_PORT: String(port), REGISTRY_LOG_LEVEL: "WARN" };
  const args = ["-Xmx192m", "-XX:TieredStopAtLevel=1", "-jar", `apicurio-registry-app-${VERSION}-runner.jar`];
  const child = spawn(await javaTool("java", 17), args, { cwd: home, env: { ...process.env, ...settings }, stdio: "ignore" });
  const url = `http://${HOST}:${port}/apis/ccompat/v7`;
  await eventually(() => ready(url, child), 60_000);
  return { url, register: (...schema) => register(url, ...schema), stop: () => ended(child) };
}

async function install(): Promise<string> {
  const home = join(SERVICES_DIRECTORY, "shared", `registry-${VERSION}`);
  mkdirSync(join(SERVICES_DIRECTORY, "shared"), { recursive: true });
  await withLock(join(SERVICES_DIRECTORY, "install.lock"), async () => {
    if (existsSync(home)) return;
    rmSync(`${home}.draft`, { recursive: true, force: true });
    await maven(POM, "package", { "registry.home": `${home}.draft` });
    renameSync(`${home}.draft`, home);
  });
  return home;
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const { status } = await fetch(`${url}/subjects`);
  if (status !== 200) throw new Error(`the schema registry answers ${status}; its process: ${child.exitCode ?? "runs"}`);
}

async function register(url: string, ...[subject, schemaType, schema, references = []]: Parameters<Registry["register"]>): Promise<number> {
  const response = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: "POST",
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
    body: JSON.stringify({ schemaType, schema: typeof schema === "string" ? schema : JSON.stringify(schema), references }),
  });
  const { id } = (await response.json()) as { id?: number };
  if (id === undefined) throw new Error(`the schema ${subject} was refused: ${response.status}`);
  return id;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
